"""The demo's second half: requests, the timetable, a day in progress, projects."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

from techdock_shared.errors import Invalid

from techdock_embedded.client import Client, Json
from techdock_embedded.demo import files
from techdock_embedded.demo.load import Demo

POLL_S = 0.1
SEED = 7


class Day:
    """What happens once everybody has applied."""

    def __init__(self, demo: Demo) -> None:
        """Go on with a docking event whose profiles are published."""
        self._demo = demo
        self._requests: dict[str, Json] = {}
        self._plans: dict[str, Json] = {
            plan["external_id"]: plan for plan in files.one("requests.json")
        }

    async def ask(self) -> None:
        """Meeting requests, and their answers."""
        demo = self._demo
        demo.told("Asking for meetings", len(self._plans))

        async def one(plan: Json) -> None:
            asking = demo.people[plan["asking"]]
            body = {
                "asked_participation_id": demo.participations[plan["asked"]]["id"],
                "asking_participation_id": demo.participations[plan["asking"]]["id"],
            }
            for side in ("asking_profile", "asked_profile"):
                if plan.get(side):
                    body[f"{side}_id"] = demo.profiles[plan[side]]["id"]
            if plan.get("message"):
                body["message"] = plan["message"]

            async def send() -> Json:
                return await asking.post(
                    f"{demo.matching_path}/requests", body, key=f"demo {plan['external_id']}"
                )

            request = await demo.once_known(send)
            if plan["answer"] != "open":
                path = f"matching/v1/requests/{request['id']}"
                answering = demo.people[plan["asked"]]
                now = await answering.get(path)
                if now["state"] == "sent":
                    now = await answering.move(path, now, plan["answer"])
                request = now
            self._requests[plan["external_id"]] = request

        await demo.each(self._plans.values(), one)

    async def publish_timetable(self) -> None:
        """Generate a timetable and publish it."""
        demo = self._demo
        demo.told("Planning the timetable", 1)
        tables = [t async for t in demo.organizer.every(f"{demo.matching_path}/timetables")]
        if any(table["state"] == "published" for table in tables):
            return
        run = await demo.organizer.post(
            f"{demo.matching_path}/timetable-runs", {"seed": SEED, "seconds": 5}
        )
        while True:
            now = await demo.organizer.get(f"matching/v1/timetable-runs/{run['id']}")
            if now["state"] == "done":
                break
            if now["state"] in ("failed", "cancelled"):
                raise Invalid(f"the demo's timetable run {now['state']}")
            await asyncio.sleep(POLL_S)
        path = f"matching/v1/timetables/{now['timetable_id']}"
        draft = await demo.organizer.get(path)
        await demo.organizer.change("POST", f"{path}/publish", None, draft["version"])

    async def begin(self) -> None:
        """The first day is over, the second under way: check-in, held, no-show."""
        demo = self._demo
        await demo.bring_event(demo.event_path, "running")
        absent = set(files.one("day.json")["check_in"]["everybody_except"])
        persons = [
            known["person_id"]
            for entry in demo.sheet
            if demo.participations[entry["external_id"]]["state"] == "confirmed"
            for person, known in zip(
                entry["participation"]["persons"],
                demo.participations[entry["external_id"]]["persons"],
                strict=True,
            )
            if person["email"] not in absent
        ]
        demo.told("Checking in", len(persons))

        async def check_in(person: str) -> None:
            await demo.organizer.post(
                f"{demo.event_path}/attendance", {"person_id": person}, key=f"demo in {person}"
            )

        await demo.each(persons, check_in)
        await self._report_meetings()

    async def _report_meetings(self) -> None:
        demo, now = self._demo, datetime.now(UTC)
        over = [
            meeting
            async for meeting in demo.organizer.every(f"{demo.matching_path}/meetings")
            if datetime.fromisoformat(meeting["end"]) < now
            and meeting["state"] in ("booked", "moved")
        ]
        no_shows = self._no_shows({meeting["request_id"] for meeting in over})
        noted = self._noted(over, no_shows)
        demo.told("Noting the meetings held", len(noted))

        async def note(meeting: Json) -> None:
            path = f"matching/v1/meetings/{meeting['id']}"
            organization = no_shows.get(meeting["request_id"])
            if organization is None:
                await demo.organizer.move(path, meeting, "held")
                return
            absent = [demo.participations[organization]["id"]]
            await demo.organizer.move(path, meeting, "no_show", absent=absent)

        await demo.each(noted, note)

    def _noted(self, over: list[Json], no_shows: Mapping[str, str]) -> list[Json]:
        """Return the meetings that somebody has noted already: the last few still wait for it."""
        ours = {self._requests[plan["request"]]["id"] for plan in files.one("projects.json")}
        over.sort(key=lambda meeting: (meeting["request_id"] not in ours, meeting["end"]))
        failed = [meeting for meeting in over if meeting["request_id"] in no_shows]
        held = [meeting for meeting in over if meeting["request_id"] not in no_shows]
        return failed + held[: files.one("day.json")["held_until"]["held"]]

    def _no_shows(self, over: set[str]) -> dict[str, str]:
        """Return who stayed away from which meeting, by the id of its request.

        A planned one whose meeting is still to come, or has no place, gives way to an alternate.
        """
        day = files.one("day.json")
        found = {}
        for planned in day["no_show_requests"]:
            for name in (planned, *day["no_show_alternates"].get(planned, [])):
                request = self._requests[name]["id"]
                if request in over and request not in found:
                    found[request] = day["absent"].get(name) or self._plans[name]["asked"]
                    break
        return found

    async def cooperate(self) -> None:
        """Cooperation projects that came of the meetings."""
        demo = self._demo
        plans = files.one("projects.json")
        demo.told("Opening cooperation projects", len(plans))
        meetings = {
            meeting["request_id"]: meeting
            async for meeting in demo.organizer.every(f"{demo.matching_path}/meetings")
        }

        async def one(plan: Json) -> None:
            request = self._plans[plan["request"]]
            meeting = meetings.get(self._requests[plan["request"]]["id"])
            body = {
                "docking_event_id": demo.docking_event["id"],
                "parties": [
                    demo.organizations[request[side]]["id"] for side in ("asking", "asked")
                ],
            }
            if meeting is not None and meeting["state"] == "held":
                body["meeting_id"] = meeting["id"]
            opening = demo.people[plan["stages"][0]["declared_by"]]
            project = await opening.post(
                "matching/v1/projects", body, key=f"demo {plan['external_id']}"
            )
            for stage in plan["stages"]:
                await self._climb(plan["external_id"], project["id"], stage)

        await demo.each(plans, one)

    async def _climb(self, name: str, project_id: str, stage: Json) -> None:
        demo = self._demo
        path = f"matching/v1/projects/{project_id}"
        first_day = demo.first_day
        occurred_on = min(first_day + timedelta(days=stage["days_after"]), _today())
        declaring = demo.people[stage["declared_by"]]
        project = await declaring.get(path)
        if not any(entry["stage"] == stage["stage"] for entry in project["stages"]):
            project = await declaring.change(
                "POST",
                f"{path}/stages",
                {
                    "stage": stage["stage"],
                    "occurred_on": occurred_on.isoformat(),
                    "evidence_sha256": sha256(stage["evidence"].encode()).hexdigest(),
                },
                project["version"],
                key=f"demo {name} {stage['stage']}",
            )
        for organization in stage.get("confirmed_by", []):
            await self._say(demo.people[organization], path, stage["stage"], "confirm", {})
        for organization in stage.get("disputed_by", []):
            reason = {"reason": stage.get("dispute", "We see it differently.")}
            await self._say(demo.people[organization], path, stage["stage"], "dispute", reason)

    @staticmethod
    async def _say(who: Client, path: str, stage: str, word: str, body: Json) -> None:
        project = await who.get(path)
        entry = next(e for e in project["stages"] if e["stage"] == stage)
        if entry["state"] == "declared":
            await who.change("POST", f"{path}/stages/{stage}/{word}", body, project["version"])


def _today() -> date:
    return datetime.now(UTC).date()
