"""People who use a docking event, and note in a history what they were told.

The stubborn ones ask again with the same Idempotency-Key until they get an answer; the others take
a broken connection for an answer.
"""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
from techdock_embedded.client import Json

from support.history import History, Operation
from support.stage import SIDES, Stage
from support.story import text

PATIENCE_S = 300.0
"""How long a client that asks again goes on."""

WORDS = ("drip", "saline", "cotton", "solar", "sensor", "seed", "storage", "pump", "camel", "water")
EXPECTED = {"already_requested", "wrong_state", "version_conflict", "conflict", "stale"}
"""Codes of refusals that belong to the game: two ask at once for the same."""


@dataclass(kw_only=True)
class Person:
    """A client with an account.

    Attributes:
        who: A side, or the organizer.
        stubborn: Asks again with the same key until it knows.
    """

    number: int
    who: str
    stage: Stage
    stubborn: bool
    history: History
    rng: random.Random

    async def do(
        self, kind: str, name: str, path: str, body: Json, version: int | None = None
    ) -> Json | None:
        """Ask for something once; returns the answer when it was done."""
        operation = self.history.invoke(self.number, kind, name)
        headers = {"Idempotency-Key": uuid4().hex}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        ends = asyncio.get_running_loop().time() + PATIENCE_S
        while True:
            answer = await self._send(operation, "POST", path, headers=headers, json=body)
            if answer is not None and answer.is_success:
                operation.outcome = "ok"
                done: Json = answer.json()
                return done
            refused = answer is not None and _is_refusal(answer)
            if refused or not self.stubborn:
                if refused:
                    operation.outcome = "fail"
                    self._expect(answer, f"{kind} {name}")
                return None
            if asyncio.get_running_loop().time() > ends:
                self.history.errors.append(f"{kind} {name}: no answer within {PATIENCE_S} s")
                return None
            await asyncio.sleep(self.rng.uniform(0.02, 0.3))

    async def look(self, path: str, **query: Any) -> Json | None:
        """Read something; no answer is an answer."""
        operation = Operation(self.number, "look", path)
        answer = await self._send(operation, "GET", path, params=query)
        if answer is None or answer.status_code in (503, 429):
            return None
        self._expect(answer, path)
        found: Json | None = answer.json() if answer.is_success else None
        return found

    async def _send(
        self, operation: Operation, method: str, path: str, **more: Any
    ) -> httpx.Response | None:
        operation.tries += 1
        token = {"Authorization": f"Bearer {self.stage.tokens[self.who]}"}
        headers = token | more.pop("headers", {})
        try:
            answer = await self.stage.http.request(method, f"/api/{path}", headers=headers, **more)
        except httpx.ConnectError:
            # It never left this house: as good as refused, if it is the first try.
            operation.outcome = "fail" if operation.tries == 1 else "info"
            await asyncio.sleep(self.rng.uniform(0.2, 0.6))
            return None
        except httpx.TransportError:
            operation.outcome = "info"
            return None
        operation.outcome = "info"
        if answer.status_code == 503:
            self.history.away.append(f"{method} {path}: {answer.text[:200]}")
            if "retry-after" not in answer.headers:
                self.history.errors.append(f"{method} {path}: 503 without Retry-After")
        elif answer.status_code >= 500:
            self.history.errors.append(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer

    def _expect(self, answer: httpx.Response | None, what: str) -> None:
        if answer is None or answer.is_success or answer.json().get("code") in EXPECTED:
            return
        self.history.errors.append(f"{what}: {answer.status_code} {answer.text[:300]}")


def _is_refusal(answer: httpx.Response) -> bool:
    if answer.status_code == 429 or answer.status_code >= 500:
        return False
    return answer.is_client_error and answer.json().get("code") != "in_flight"


@dataclass(kw_only=True)
class Participant(Person):
    """The head of a side: writes needs and offers, asks for meetings, answers.

    Attributes:
        profiles: What it was told is there: id to title.
    """

    profiles: dict[str, str] = field(default_factory=dict)

    async def step(self) -> None:
        deeds = (self.write, self.write, self.ask, self.ask, self.answer, self.check)
        await self.rng.choice(deeds)()

    async def write(self) -> None:
        """Write a need or an offer; publish it at once or step by step."""
        name = " ".join([*self.rng.sample(WORDS, 4), uuid4().hex[:12]])
        at_once = self.rng.random() < 0.5
        body = {
            "organization_id": self.stage.story.organizations[self.who]["id"],
            "kind": self.rng.choice(("need", "offer")),
            "docking_events": [self.stage.docking_event],
            "texts": {"title": text("en", en=name), "summary": text("en", en=name)},
            "languages": ["en"],
            "publish": at_once,
        }
        profile = await self.do("profile", name, "registration/v1/profiles", body)
        for state in () if at_once else ("submitted", "published"):
            if profile is None:
                return
            path = f"registration/v1/profiles/{profile['id']}/state"
            profile = await self.do(state, name, path, {"to": state}, profile["version"])
        if profile is not None:
            self.profiles[profile["id"]] = name

    async def ask(self) -> None:
        """Ask somebody of another side for a meeting."""
        mine, other = self.stage.persons[self.who], self.rng.choice(self._others())
        name = uuid4().hex
        body = {
            "asked_participation_id": self.stage.story.participations[other]["id"],
            "asking_persons": [self.rng.choice(mine)],
            "asked_persons": [self.rng.choice(self.stage.persons[other])],
            "message": {"language": "en", "text": name},
        }
        await self.do("request", name, f"{self.stage.story.matching_path}/requests", body)

    async def answer(self) -> None:
        """Say yes or no to somebody who asked."""
        path = f"{self.stage.story.matching_path}/requests"
        found = await self.look(path, mine="in", state="sent", limit=20)
        if not found or not found["items"]:
            return
        request, to = self.rng.choice(found["items"]), self.rng.choice(("accepted", "declined"))
        state = f"matching/v1/requests/{request['id']}/state"
        name = f"{request['id']} {uuid4().hex[:6]}"
        await self.do(to, name, state, {"to": to}, request["version"])

    async def check(self) -> None:
        """Read what was acknowledged: it is there as it was written, and it is mine."""
        me = await self.look("registration/v1/me")
        if me is not None and me["email"] != self.stage.story.mail_of(self.who):
            self.history.errors.append(f"{self.who} is taken for {me['id']}")
        if not self.profiles:
            return
        id_ = self.rng.choice(sorted(self.profiles))
        found = await self.look(f"registration/v1/profiles/{id_}")
        if found is not None and _title(found) != self.profiles[id_]:
            self.history.errors.append(f"profile {id_} is {_title(found)}")

    def _others(self) -> Sequence[str]:
        return [who for who in SIDES if who != self.who]


def _title(profile: Json) -> str:
    return str(profile["texts"]["title"]["versions"]["en"]["text"])


@dataclass(kw_only=True)
class Door(Person):
    """Checks people in, at the door and in sessions, some of them twice.

    Attributes:
        places: Sessions, and None for the door itself.
    """

    places: Sequence[str | None]

    async def step(self) -> None:
        who = self.rng.choice(list(SIDES))
        person, place = self.rng.choice(self.stage.persons[who]), self.rng.choice(self.places)
        body = {"person_id": person, "session_id": place, "device": f"door {self.number}"}
        path = f"{self.stage.story.event_path}/attendance"
        await self.do("check_in", f"{person} {place} {uuid4().hex[:6]}", path, body)


@dataclass(kw_only=True)
class Planner(Person):
    """Lets timetables be made, and publishes them."""

    async def step(self) -> None:
        story = self.stage.story
        body = {"seconds": 1, "seed": self.rng.randint(0, 99)}
        run = await self.do("run", uuid4().hex, f"{story.matching_path}/timetable-runs", body)
        if run is None:
            return
        for _ in range(40):
            await asyncio.sleep(0.3)
            run = await self.look(f"matching/v1/timetable-runs/{run['id']}") or run
            if run["state"] == "done":
                break
        draft = run["timetable_id"] and await self.look(
            f"matching/v1/timetables/{run['timetable_id']}"
        )
        if draft:
            path = f"matching/v1/timetables/{draft['id']}/publish"
            await self.do("publish", draft["id"], path, {}, draft["version"])
