"""A docking event with its people, ready to be used by many at once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

import httpx
from techdock_embedded.client import Client, Refused

from support.story import Story
from support.waiting import until

SIDES = {"alma": "KZ", "bayan": "CN", "chust": "UZ", "dalni": "RU", "erbil": "IQ"}
PERSONS = 4
SERVICES = ("registration", "matching", "reporting")


@dataclass
class Stage:
    """A docking event with its people, ready to be used.

    Attributes:
        story: Its organizer, tenant, sessions.
        persons: Counting ids by side; the first is the head, who has a mail address.
        tokens: API tokens of the heads and of the organizer.
        letters: Dead letters that were there before.
    """

    http: httpx.AsyncClient
    story: Story
    persons: dict[str, list[str]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    letters: set[str] = field(default_factory=set)

    @property
    def docking_event(self) -> str:
        return str(self.story.docking_event["id"])

    async def prepare(self) -> None:
        """Open the docking event, confirm everybody, and wait until matching knows them."""
        story = self.story
        for service in SERVICES:
            letters = story.administrator.every(f"{service}/v1/dead-letters")
            self.letters |= {letter["id"] async for letter in letters}
        await story.open_tenant()
        await story.open_docking_event()
        for who, country in SIDES.items():
            await self._enter(who, country)
        for who in (*SIDES, "organizer"):
            body = {"name": "load", "scopes": ["read", "write"]}
            made = await story.people[who].post("registration/v1/tokens", body)
            self.tokens[who] = made["token"]
        for who in SIDES:
            await until(f"matching knows {who}", partial(self._known, who))

    async def _enter(self, who: str, country: str) -> None:
        story = self.story
        organization = await story.register_organization(who, country, who.title(), who.title())
        head = {"email": story.mail_of(who), "role": "head"}
        persons = [
            {
                "names": {"native": f"{who} {n}", "latin": f"{who} {n}"},
                "mode": "on_site",
                "zone": "Asia/Urumqi",
                "languages": ["en"],
                **(head if n == 0 else {"role": "member"}),
            }
            for n in range(PERSONS)
        ]
        assert story.organizer
        entry = {"organization_id": organization["id"], "persons": persons, "contact": 0}
        made = await story.organizer.post(f"{story.event_path}/participations", entry)
        path = f"registration/v1/participations/{made['id']}"
        for state in ("vetted", "confirmed"):
            made = await story.organizer.move(path, made, state)
        story.participations[who] = made
        story.people[who] = await story.sign_in(story.mail_of(who))
        self.persons[who] = [person["person_id"] for person in made["persons"]]

    async def _known(self, who: str) -> bool:
        try:
            await self.story.people[who].get(f"{self.story.matching_path}/requests", mine="out")
            await self.story.people[who].get(f"{self.story.matching_path}/matches")
        except Refused:
            return False
        return True


@asynccontextmanager
async def stage(url: str, token: str) -> AsyncIterator[Stage]:
    """Prepare a docking event on a program."""
    async with httpx.AsyncClient(base_url=url, timeout=30) as http:
        prepared = Stage(http, Story(Client(http, token)))
        await prepared.prepare()
        yield prepared
