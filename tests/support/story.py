"""One docking event end to end, as its users would do it over HTTP; runs on any program.

The steps are those of the story that the product promises. Each returns what later steps need, and
asserts what its user would see.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from techdock_embedded.client import Client, Json, Refused

from support.waiting import until

URUMQI = ZoneInfo("Asia/Urumqi")


def text(original: str, **versions: str) -> Json:
    """A text with its original language and versions; `zh_Hans` stands for zh-Hans."""
    return {
        "original": original,
        "versions": {
            language.replace("_", "-"): {"text": words, "status": "human"}
            for language, words in versions.items()
        },
    }


@dataclass
class Story:
    """The docking event under way.

    Attributes:
        administrator: Signed in as the installation's administrator.
        first_day: The first day; the matchmaking sessions are on it.
    """

    administrator: Client
    first_day: date = field(default_factory=lambda: datetime.now(URUMQI).date())
    tenant: Json = field(default_factory=dict)
    organizer: Client | None = None
    docking_event: Json = field(default_factory=dict)
    venues: dict[str, Json] = field(default_factory=dict)
    organizations: dict[str, Json] = field(default_factory=dict)
    participations: dict[str, Json] = field(default_factory=dict)
    people: dict[str, Client] = field(default_factory=dict)
    profiles: dict[str, Json] = field(default_factory=dict)
    requests: dict[str, Json] = field(default_factory=dict)
    tag: str = field(default_factory=lambda: uuid4().hex[:8])
    last_figures: dict[str, int] = field(default_factory=dict)

    def mail_of(self, who: str) -> str:
        """The mail address of a person of this story."""
        return f"{who}.{self.tag}@story.example"

    def at(self, hour: int, minute: int = 0) -> str:
        """An instant of the first day, by Urumqi's clock."""
        local = datetime.combine(self.first_day, time(hour, minute), URUMQI)
        return local.astimezone(UTC).isoformat().replace("+00:00", "Z")

    @property
    def event_path(self) -> str:
        return f"registration/v1/docking-events/{self.docking_event['id']}"

    @property
    def matching_path(self) -> str:
        return f"matching/v1/docking-events/{self.docking_event['id']}"

    async def sign_in(self, email: str) -> Client:
        """Redeem the newest sign-in link that was kept for somebody."""
        anonymous = self.administrator.signed_in(None)
        await self.administrator.post("registration/v1/sign-in-links", {"email": email})

        async def ticket() -> str | None:
            async for mail in self.administrator.every("registration/v1/mails", to=email):
                if mail.get("ticket"):
                    return str(mail["ticket"])
            return None

        redeemed = await until(f"a sign-in link for {email}", ticket)
        session = await anonymous.post("registration/v1/sessions", {"ticket": redeemed})
        return self.administrator.signed_in(session["token"])

    async def open_tenant(self) -> None:
        """The administrator opens a tenant and names its organizer and a ministry analyst."""
        self.tenant = await self.administrator.post(
            "registration/v1/tenants",
            {
                "code": f"centre-{self.tag}",
                "names": text(
                    "zh-Hans", zh_Hans="丝路技术转移中心", en="Silk Road Transfer Centre"
                ),
                "zone": "Asia/Urumqi",
                "languages": ["zh-Hans", "en", "ru"],
            },
        )
        roles = f"registration/v1/tenants/{self.tenant['id']}/roles"
        for who, role in (("organizer", "organizer"), ("analyst", "analyst")):
            await self.administrator.post(
                roles, {"email": self.mail_of(who), "role": role, "language": "en"}
            )
            self.people[who] = await self.sign_in(self.mail_of(who))
        self.organizer = self.people["organizer"]

    async def open_docking_event(self) -> None:
        """The organizer opens a docking event: venues, organizers, tables, sessions."""
        assert self.organizer
        host = await self.register_organization("host", "CN", "示例科技厅", "Example Science Dept")
        self.docking_event = await self.organizer.post(
            f"registration/v1/tenants/{self.tenant['id']}/docking-events",
            {
                "code": f"SREX-{self.tag}",
                "names": text(
                    "zh-Hans", zh_Hans="技术交流对接活动", en="Docking event", ru="Встреча"
                ),
                "starts_on": self.first_day.isoformat(),
                "ends_on": self.first_day.isoformat(),
                "languages": ["zh-Hans", "en", "ru"],
                "programmes": ["green"],
                "organizers": [{"organization_id": host["id"], "role": "host"}],
            },
        )
        await self.put_venue("main", "main", "Urumqi", "CN", "Asia/Urumqi", tables=2)
        await self.put_venue("tashkent", "sub_venue", "Tashkent", "UZ", "Asia/Tashkent", tables=1)
        self.docking_event = await self.organizer.get(self.event_path)
        assert {v["kind"] for v in self.docking_event["venues"]} == {"main", "sub_venue"}
        for kind, start, end in (
            ("plenary", self.at(9), self.at(10)),
            ("closed_roundtable", self.at(9), self.at(10)),
            ("matchmaking", self.at(10, 30), self.at(13)),
        ):
            await self.plan_session(kind, start, end)
        for state in ("announced", "open"):
            self.docking_event = await self.organizer.move(
                self.event_path, self.docking_event, state
            )
        assert self.docking_event["state"] == "open"

    async def put_venue(
        self, name: str, kind: str, city: str, country: str, zone: str, tables: int
    ) -> None:
        assert self.organizer
        venue_id = str(uuid4())
        now = await self.organizer.get(self.event_path)
        await self.organizer.change(
            "PUT",
            f"{self.event_path}/venues/{venue_id}",
            {
                "id": venue_id,
                "kind": kind,
                "names": text("en", en=f"{city} hall"),
                "city": text("en", en=city),
                "country": country,
                "zone": zone,
                "capacity": 200,
                "tables": [
                    {"id": str(uuid4()), "label": f"{city[0]}{n:02}", "equipment": ["video_link"]}
                    for n in range(1, tables + 1)
                ],
            },
            now["version"],
        )
        self.venues[name] = {"id": venue_id}

    async def plan_session(self, kind: str, start: str, end: str) -> Json:
        assert self.organizer
        body = {
            "kind": kind,
            "names": text("en", en=kind),
            "venue_id": self.venues["main"]["id"],
            "start": start,
            "end": end,
            "visibility": "invited" if kind == "closed_roundtable" else "registered",
        }
        if kind == "matchmaking":
            body["slot_minutes"] = 30
        return await self.organizer.post(f"{self.event_path}/sessions", body)

    async def register_organization(
        self, external_id: str, country: str, native: str, latin: str
    ) -> Json:
        assert self.organizer
        organization = await self.organizer.post(
            "registration/v1/organizations",
            {
                "external_id": f"{external_id}-{self.tag}",
                "kind": "enterprise",
                "names": {"native": native, "latin": latin, "language": "en"},
                "aliases": [],
                "country": country,
                "example": True,
            },
        )
        self.organizations[external_id] = organization
        return organization

    async def take_part(self, who: str, country: str, language: str, *, zone: str) -> None:
        """An organization applies, is vetted and confirmed; its person signs in."""
        assert self.organizer
        organization = await self.register_organization(who, country, who.title(), who.title())
        participation = await self.organizer.post(
            f"{self.event_path}/participations",
            {
                "external_id": f"{who}-{self.tag}",
                "organization_id": organization["id"],
                "persons": [
                    {
                        "email": self.mail_of(who),
                        "names": {"native": who.title(), "latin": who.title()},
                        "role": "head",
                        "mode": "on_site",
                        "venue_id": self.venues["main"]["id"],
                        "zone": zone,
                        "languages": [language, "en"],
                    }
                ],
                "contact": 0,
                "languages": [language, "en"],
            },
        )
        path = f"registration/v1/participations/{participation['id']}"
        for state in ("vetted", "confirmed"):
            participation = await self.organizer.move(path, participation, state)
        self.participations[who] = participation
        self.people[who] = await self.sign_in(self.mail_of(who))

    async def publish_profile(self, name: str, who: str, kind: str, **more: Any) -> Json:
        """A participant writes a need or an offer and publishes it."""
        person = self.people[who]
        body = {
            "external_id": f"{name}-{self.tag}",
            "organization_id": self.organizations[who]["id"],
            "kind": kind,
            "docking_events": [self.docking_event["id"]],
            "languages": ["en"],
            **more,
        }
        profile = await person.post("registration/v1/profiles", body)
        path = f"registration/v1/profiles/{profile['id']}"
        for state in ("submitted", "published"):
            profile = await person.move(path, profile, state)
        self.profiles[name] = profile
        return profile

    async def matches(self, name: str, who: str) -> list[Json]:
        """What stands in the list of a profile, best first."""
        try:
            found = await self.people[who].get(
                f"matching/v1/profiles/{self.profiles[name]['id']}/matches",
                docking_event_id=self.docking_event["id"],
            )
        except Refused as refused:
            if refused.status == 404:  # matching has not heard of it yet
                return []
            raise
        items: list[Json] = found["items"]
        return items

    async def see_each_other(self, mine: str, who: str, theirs: str, *, within_s: float) -> Json:
        """Wait until a counterpart stands in a list."""
        wanted = self.profiles[theirs]["id"]

        async def listed() -> Json | None:
            items = await self.matches(mine, who)
            return next((item for item in items if item["profile_id"] == wanted), None)

        return await until(f"{theirs} in the list of {mine}", listed, within_s=within_s)

    async def ask(self, asking: str, asked: str) -> Json:
        """One side asks the other for a meeting; waits until matching knows both."""

        async def sent() -> Json | None:
            try:
                return await self.people[asking].post(
                    f"{self.matching_path}/requests",
                    {
                        "asked_participation_id": self.participations[asked]["id"],
                        "message": {"language": "en", "text": "May we talk about the pilot?"},
                    },
                )
            except Refused as refused:
                if refused.status == 404:
                    return None
                raise

        request = await until(f"{asking} asks {asked}", sent)
        self.requests[f"{asking}->{asked}"] = request
        return request

    async def answer(self, asking: str, asked: str, to: str) -> Json:
        request = self.requests[f"{asking}->{asked}"]
        answered = await self.people[asked].move(
            f"matching/v1/requests/{request['id']}", request, to
        )
        self.requests[f"{asking}->{asked}"] = answered
        return answered

    async def publish_timetable(self) -> Json:
        """The organizer generates a timetable, looks at it, publishes it."""
        assert self.organizer
        run = await self.organizer.post(f"{self.matching_path}/timetable-runs", {"seed": 1})

        async def done() -> Json | None:
            now = await self.organizer.get(f"matching/v1/timetable-runs/{run['id']}")
            assert now["state"] not in ("failed", "cancelled"), now
            return now if now["state"] == "done" else None

        finished = await until("the timetable run", done, within_s=60)
        path = f"matching/v1/timetables/{finished['timetable_id']}"
        draft = await self.organizer.get(path)
        return await self.organizer.change("POST", f"{path}/publish", None, draft["version"])

    async def counterpart_timetable(self, who: str) -> Json:
        return await self.people[who].get(f"{self.matching_path}/my-timetable")

    async def check_in(self, *who: str) -> None:
        """On the day, at the door; twice, because doors do that."""
        assert self.organizer
        for name in who:
            person = self.participations[name]["persons"][0]["person_id"]
            for _ in range(2):
                await self.organizer.post(f"{self.event_path}/attendance", {"person_id": person})

    async def report_meetings(self, **states: str) -> None:
        """The organizer notes what became of the meetings, by the request's name."""
        assert self.organizer
        async for meeting in self.organizer.every(f"{self.matching_path}/meetings"):
            name = next(n for n, r in self.requests.items() if r["id"] == meeting["request_id"])
            to = states[name.replace("->", "_")]
            more = (
                {"absent": [meeting["parties"][1]["participation_id"]]} if to == "no_show" else {}
            )
            await self.organizer.move(f"matching/v1/meetings/{meeting['id']}", meeting, to, **more)

    async def cooperate(self, one: str, other: str) -> Json:
        """Both sides report the outcome; one side's word alone is not confirmed."""
        first, second = self.people[one], self.people[other]
        meetings = [m async for m in first.every(f"{self.matching_path}/meetings")]
        project = await first.post(
            "matching/v1/projects",
            {"docking_event_id": self.docking_event["id"], "meeting_id": meetings[0]["id"]},
        )
        path = f"matching/v1/projects/{project['id']}"
        declared = await first.change(
            "POST",
            f"{path}/stages",
            {
                "stage": "intention",
                "occurred_on": datetime.now(UTC).date().isoformat(),
                "evidence_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            },
            project["version"],
        )
        assert (declared["stage"], declared["stages"][0]["state"]) == (None, "declared")
        confirmed = await second.change(
            "POST", f"{path}/stages/intention/confirm", {}, declared["version"]
        )
        assert (confirmed["stage"], confirmed["stages"][0]["state"]) == ("intention", "confirmed")
        return await first.change(
            "POST",
            f"{path}/stages",
            {"stage": "agreement", "occurred_on": datetime.now(UTC).date().isoformat()},
            confirmed["version"],
        )

    async def figures(self, **wanted: int) -> Json:
        """Wait until the organizer's exact figures say so."""
        assert self.organizer
        path = f"reporting/v1/docking-events/{self.docking_event['id']}/figures"

        async def read() -> Json | None:
            try:
                found = await self.organizer.get(path, as_of="2999-12-31")
            except Refused as refused:
                if refused.status == 404:
                    return None
                raise
            now = {figure["indicator"]: figure["value"] for figure in found["figures"]}
            ladder = found["ladder"]["unconfirmed"].items()
            now |= {f"unconfirmed_{stage}": value for stage, value in ladder}
            self.last_figures = now
            return found if all(now[name] == value for name, value in wanted.items()) else None

        try:
            return await until(f"the figures {wanted}", read)
        except AssertionError as error:
            raise AssertionError(f"expected {wanted}, found {self.last_figures}") from error
