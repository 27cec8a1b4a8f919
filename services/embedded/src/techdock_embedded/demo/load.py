"""Fills an empty Techdock with the demo docking event, as its users would: over HTTP.

Every step names its intention (Idempotency-Key) after the external id in the data files and looks
at what is there already, so a filling that was interrupted goes on where it stopped.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from techdock_embedded.client import Client, Refused
from techdock_embedded.demo import files
from techdock_embedded.demo.files import Json

T = TypeVar("T")

AT_ONCE = 8
KNOWN_S = 30.0
EVENT_STATES = ("draft", "announced", "open", "running", "held", "closed")
ORGANIZER = "organizer@demo.example"
ANALYST = "analyst@demo.example"


def made_id(external_id: str) -> str:
    """Return the UUID of a thing whose id the client chooses."""
    return str(uuid5(NAMESPACE_URL, f"techdock demo {external_id}"))


@dataclass
class Demo:
    """The filling under way.

    Attributes:
        administrator: Signed in as such.
        sign_in: Signs in somebody by mail address, whom the program knows.
        first_day: Day 0 of the data files.
        told: Called with a sentence when a step begins, and how many things it has.
    """

    administrator: Client
    sign_in: Callable[[str], Awaitable[Client]]
    first_day: date
    told: Callable[[str, int], None]
    organizer: Client = field(init=False)
    tenant: Json = field(default_factory=dict)
    docking_event: Json = field(default_factory=dict)
    organizations: dict[str, Json] = field(default_factory=dict)
    participations: dict[str, Json] = field(default_factory=dict)
    profiles: dict[str, Json] = field(default_factory=dict)
    people: dict[str, Client] = field(default_factory=dict)
    plan: Json = field(default_factory=lambda: files.one("docking_event.json"))
    sheet: list[Json] = field(default_factory=lambda: files.all_of("organizations"))

    @property
    def hero(self) -> str:
        """Mail address of the participant as whom one looks around: the one with most to see."""
        wanted = max(
            (entry for entry in self.sheet if entry["external_id"] in self.people),
            key=lambda entry: (entry["participation"].get("hero", False), entry["external_id"]),
        )
        part = wanted["participation"]
        return str(part["persons"][part.get("contact", 0)]["email"])

    @property
    def event_path(self) -> str:
        """Where registration has the docking event."""
        return f"registration/v1/docking-events/{self.docking_event['id']}"

    @property
    def matching_path(self) -> str:
        """Where matching has it."""
        return f"matching/v1/docking-events/{self.docking_event['id']}"

    @property
    def zones(self) -> dict[str, ZoneInfo]:
        """The zone of each venue."""
        return {venue["external_id"]: ZoneInfo(venue["zone"]) for venue in self.plan["venues"]}

    async def each(self, items: Iterable[T], step: Callable[[T], Awaitable[None]]) -> None:
        """Do a step for all items, some at once."""
        turn = asyncio.Semaphore(AT_ONCE)

        async def one(item: T) -> None:
            async with turn:
                await step(item)

        async with asyncio.TaskGroup() as group:
            for item in items:
                group.create_task(one(item))

    async def bring(self, client: Client, path: str, *chain: str, to: str | None = None) -> Json:
        """Bring a thing along a chain of states; returns it as it is then.

        Args:
            chain: From its first state on, in order.
            to: Where to stop; None: at the end. A thing that is further already stays there.
        """
        thing = await client.get(path)
        end = chain.index(to or chain[-1])
        while thing["state"] in chain and chain.index(thing["state"]) < end:
            step = chain[chain.index(thing["state"]) + 1]
            thing = await client.move(path, thing, step)
        return thing

    async def bring_event(self, path: str, to: str) -> Json:
        """Bring a docking event to a state."""
        return await self.bring(self.organizer, path, *EVENT_STATES, to=to)

    async def open_tenant(self) -> None:
        """The tenant, its organizer, and a ministry's analyst."""
        self.told("Opening the docking event", 1)
        tenant = self.plan["tenant"]
        self.tenant = await self.administrator.post(
            "registration/v1/tenants", tenant, key="demo tenant"
        )
        for email, role in ((ORGANIZER, "organizer"), (ANALYST, "analyst")):
            await self.administrator.post(
                f"registration/v1/tenants/{self.tenant['id']}/roles",
                {"email": email, "role": role, "language": "en"},
                key=f"demo role {role}",
            )
        self.organizer = await self.sign_in(ORGANIZER)

    async def register_organizations(self) -> None:
        """The organizations that take part or carry the docking event."""
        self.told("Registering organizations", len(self.sheet))

        async def register(entry: Json) -> None:
            body = {name: value for name, value in entry.items() if name != "participation"}
            self.organizations[entry["external_id"]] = await self.organizer.post(
                "registration/v1/organizations", body, key=f"demo {entry['external_id']}"
            )

        await self.each(self.sheet, register)

    async def open_docking_event(self) -> None:
        """The docking event with venues, interpreters and sessions, opened for applications."""
        plan = self.plan
        fields = ("code", "names", "summary", "series", "edition", "languages", "programmes")
        body = {name: plan[name] for name in (*fields, "most_meetings") if plan.get(name)}
        body["starts_on"] = self._day(plan["starts_on"]).isoformat()
        body["ends_on"] = self._day(plan["ends_on"]).isoformat()
        body["organizers"] = [
            {"organization_id": self.organizations[o["organization"]]["id"], "role": o["role"]}
            for o in plan["organizers"]
        ]
        self.docking_event = await self.organizer.post(
            f"registration/v1/tenants/{self.tenant['id']}/docking-events",
            body,
            key="demo docking event",
        )
        for venue in plan["venues"]:
            await self._put_venue(venue)
        for interpreter in plan["interpreters"]:
            await self._put_interpreter(interpreter)
        await self.each(plan["sessions"], self._plan_session)
        await self.bring_event(self.event_path, "open")

    async def _put_venue(self, venue: Json) -> None:
        now = await self.organizer.get(self.event_path)
        id_ = made_id(venue["external_id"])
        if any(known["id"] == id_ for known in now["venues"]):
            return
        body = {k: v for k, v in venue.items() if k not in ("external_id", "local_host", "tables")}
        if venue.get("local_host"):
            body["local_host_id"] = self.organizations[venue["local_host"]]["id"]
        body["tables"] = [
            {
                "id": made_id(f"{venue['external_id']} {table['label']}"),
                "label": table["label"],
                "equipment": table.get("equipment", []),
                **self._owner(table),
            }
            for table in venue.get("tables", [])
        ]
        path = f"{self.event_path}/venues/{id_}"
        await self.organizer.change("PUT", path, body, now["version"])

    def _owner(self, table: Json) -> Json:
        owner = table.get("owner")
        return {"owner_id": self.organizations[owner]["id"]} if owner else {}

    async def _put_interpreter(self, interpreter: Json) -> None:
        now = await self.organizer.get(self.event_path)
        id_ = made_id(interpreter["external_id"])
        body = {k: interpreter[k] for k in ("email", "names", "languages")}
        if interpreter.get("venue"):
            body["venue_id"] = made_id(interpreter["venue"])
        path = f"{self.event_path}/interpreters/{id_}"
        await self.organizer.change("PUT", path, body, now["version"])

    async def _plan_session(self, session: Json) -> None:
        body = {
            name: session[name]
            for name in ("kind", "names", "visibility", "capacity", "slot_minutes", "break_minutes")
            if session.get(name) is not None
        }
        body["venue_id"] = made_id(session["venue"])
        body["start"], body["end"] = (
            self._instant(session["day"], session[edge], session["venue"])
            for edge in ("start", "end")
        )
        await self.organizer.post(
            f"{self.event_path}/sessions", body, key=f"demo {session['external_id']}"
        )

    async def let_take_part(self) -> None:
        """Applications, vetted and confirmed; some are not."""
        comers = [entry for entry in self.sheet if entry.get("participation")]
        self.told("Confirming participations", len(comers))
        await self.each(comers, self._take_part)

    async def _take_part(self, entry: Json) -> None:
        plan = entry["participation"]
        persons = []
        for person in plan["persons"]:
            body = {k: v for k, v in person.items() if k not in ("venue", "external_id")}
            if person.get("venue") and person["mode"] == "on_site":
                body["venue_id"] = made_id(person["venue"])
            persons.append(body)
        body = {
            "external_id": entry["external_id"],
            "organization_id": self.organizations[entry["external_id"]]["id"],
            "persons": persons,
            "contact": plan.get("contact", 0),
        }
        for name in ("least_meetings", "most_meetings"):
            if plan.get(name) is not None:
                body[name] = plan[name]
        participation = await self.organizer.post(
            f"{self.event_path}/participations", body, key=f"demo part {entry['external_id']}"
        )
        path = f"registration/v1/participations/{participation['id']}"
        ways = {
            "applied": ("applied",),
            "vetted": ("applied", "vetted"),
            "refused": ("applied", "refused"),
            "confirmed": ("applied", "vetted", "confirmed"),
            "withdrawn": ("applied", "vetted", "confirmed", "withdrawn"),
        }
        done = await self.bring(self.organizer, path, *ways[plan["state"]])
        self.participations[entry["external_id"]] = done
        if plan["state"] == "confirmed":
            contact = plan["persons"][plan.get("contact", 0)]["email"]
            self.people[entry["external_id"]] = await self.sign_in(contact)

    async def publish_profiles(self) -> None:
        """Needs and offers, written and published by their own organizations."""
        profiles = files.all_of("profiles")
        self.told("Publishing needs and offers", len(profiles))

        async def publish(entry: Json) -> None:
            body = {k: v for k, v in entry.items() if k != "organization" and v is not None}
            body["organization_id"] = self.organizations[entry["organization"]]["id"]
            body["docking_events"] = [self.docking_event["id"]]
            body["publish"] = True
            self.profiles[entry["external_id"]] = await self.people[entry["organization"]].post(
                "registration/v1/profiles", body, key=f"demo {entry['external_id']}"
            )

        await self.each(profiles, publish)

    async def once_known(self, ask: Callable[[], Awaitable[Json]]) -> Json:
        """Ask until the other service has heard of what is asked about."""
        deadline = asyncio.get_running_loop().time() + KNOWN_S
        while True:
            try:
                return await ask()
            except Refused as refused:
                late = asyncio.get_running_loop().time() > deadline
                if refused.status != 404 or late:  # noqa: PLR2004 - not found
                    raise
            await asyncio.sleep(0.1)

    def _day(self, offset: int) -> date:
        return self.first_day + timedelta(days=offset)

    def _instant(self, day: int, clock_time: str, venue: str) -> str:
        local = datetime.combine(self._day(day), time.fromisoformat(clock_time), self.zones[venue])
        return local.astimezone(UTC).isoformat()
