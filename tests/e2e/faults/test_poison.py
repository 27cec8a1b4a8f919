"""R10 on the running program: messages that cannot be handled are set aside, and mended later.

Each has later events of its subject behind it, which wait; everything else goes on.
"""

import base64
import importlib.resources
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from support.stage import Stage, stage
from support.waiting import until
from techdock_contracts import matching as m
from techdock_contracts import registration as r
from techdock_contracts.event import Event
from techdock_embedded.client import Client, Json, Refused
from techdock_shared.ids import uuid7
from techdock_shared.messaging.embedded import EmbeddedBroker

from .conftest import Survivor

SET_ASIDE_S = 30.0
NOON = datetime(2027, 5, 17, 12, tzinfo=UTC)
UNKNOWN = "Mars/Olympus_Mons"
"""A time zone that no machine knows, until it is taught."""

Header = tuple[str, bytes]


@asynccontextmanager
async def writing(survivor: Survivor) -> AsyncIterator[EmbeddedBroker]:
    """The program's log, as another process may write to it."""
    broker = EmbeddedBroker(survivor.folder / "events.db")
    async with broker.receiving():
        yield broker


async def send(
    broker: EmbeddedBroker, topic: str, key: str, body: bytes, headers: Sequence[Header] = ()
) -> tuple[int, int]:
    """Write a message; returns its partition and offset."""
    sent = await (await broker.send(topic, key.encode(), body, headers))
    return sent.partition, sent.offset


async def tell(broker: EmbeddedBroker, *events: Event) -> tuple[int, int]:
    """Write events; returns where the first one is."""
    places = [await send(broker, e.topic.name, e.key, e.to_bytes()) for e in events]
    return places[0]


def meeting(prepared: Stage, id_: UUID, *kinds: type[Event], zone: str) -> list[Event]:
    """A meeting from its booking on; only the booking stands in the given zone."""
    party = {"organization_id": uuid4(), "group_id": uuid4(), "persons": [uuid4()]}
    facts = {
        "time": NOON,
        "subject": str(id_),
        "tenant": prepared.story.tenant["id"],
        "docking_event_id": prepared.docking_event,
        "meeting_id": id_,
        "timetable_version": 1,
        "parties": [
            {**party, "participation_id": uuid4(), "country": country} for country in ("CN", "KZ")
        ],
        "start": NOON,
        "end": NOON + timedelta(minutes=30),
        "session_id": uuid4(),
        "venue_id": uuid4(),
        "occurred_on": date(2027, 5, 17),
        "absent": [uuid4()],
    }
    return [
        kind.model_validate(
            facts | {"id": uuid7(), "sequence": n, "zone": zone if n == 1 else "Asia/Urumqi"}
        )
        for n, kind in enumerate(kinds, 1)
    ]


class Figures:
    """The exact figures of the docking event."""

    def __init__(self, prepared: Stage) -> None:
        assert prepared.story.organizer
        self._organizer = prepared.story.organizer
        self._path = f"reporting/v1/docking-events/{prepared.docking_event}/figures"

    async def become(self, **wanted: int) -> None:
        """Wait until they are these; healthy events take no second."""

        async def are() -> bool:
            found = (await self._organizer.get(self._path, as_of="2999-12-31"))["figures"]
            return wanted.items() <= {(f["indicator"], f["value"]) for f in found}

        await until(f"the figures {wanted}", are)


async def letter_at(admin: Client, topic: str, place: tuple[int, int]) -> Json:
    """Wait for the dead letter of the message at a place of the log."""

    async def set_aside() -> Json | None:
        async for letter in admin.every("reporting/v1/dead-letters"):
            if (letter["topic"], letter["partition"], letter["offset"]) == (topic, *place):
                return await admin.get(f"reporting/v1/dead-letters/{letter['id']}")
        return None

    return await until("the message is set aside", set_aside, within_s=SET_ASIDE_S)


async def queued(admin: Client, letter: Json, number: int) -> None:
    async def are() -> bool:
        now = await admin.get(f"reporting/v1/dead-letters/{letter['id']}")
        return bool(now["queued"] == number)

    await until(f"{number} events queue behind it", are)


@pytest.mark.timeout(600)
async def test_an_event_whose_handler_fails_and_those_behind_it(survivor: Survivor) -> None:
    poisoned, healthy = uuid4(), uuid4()
    async with (
        stage(survivor.program.url, survivor.token) as prepared,
        writing(survivor) as broker,
    ):
        admin, figures = prepared.story.administrator, Figures(prepared)
        kinds = (m.MeetingBooked, m.MeetingMoved, m.MeetingNoShow, m.MeetingHeld)
        story = meeting(prepared, poisoned, *kinds, zone=UNKNOWN)
        place = await tell(broker, *story)
        other = (m.MeetingBooked, m.MeetingHeld)
        await tell(broker, *meeting(prepared, healthy, *other, zone="Asia/Urumqi"))

        letter = await letter_at(admin, m.MeetingBooked.topic.name, place)
        assert base64.b64decode(letter["body_base64"]) == story[0].to_bytes()
        assert letter["key"] == prepared.docking_event
        assert (letter["subject"], letter["sequence"]) == (str(poisoned), 1)
        assert letter["error"] == "ZoneInfoNotFoundError"
        assert letter["consumer"] == "reporting"
        await queued(admin, letter, 3)
        await figures.become(MEETINGS_BOOKED=1, MEETINGS_HELD=1)

        path = f"reporting/v1/dead-letters/{letter['id']}/replay"
        with pytest.raises(Refused) as refused:
            await admin.post(path)
        assert (refused.value.status, refused.value.code) == (409, "fails_again")
        await queued(admin, letter, 3)

        _teach_zone(survivor)
        replayed = await admin.post(path)
        assert (replayed["state"], replayed["queued"]) == ("replayed", 0)
        # In order: it was moved, then missed, then held after all.
        await figures.become(MEETINGS_BOOKED=2, MEETINGS_HELD=2)
        with pytest.raises(Refused) as refused:
            await admin.post(path)
        assert refused.value.status == 409


def _teach_zone(survivor: Survivor) -> None:
    place = survivor.zones / UNKNOWN
    place.parent.mkdir()
    place.write_bytes(importlib.resources.files("tzdata.zoneinfo").joinpath("UTC").read_bytes())


@pytest.mark.timeout(600)
async def test_bytes_that_break_the_contract_and_those_behind_them(survivor: Survivor) -> None:
    topic, profile = r.ProfilePublished.topic.name, uuid4()
    async with (
        stage(survivor.program.url, survivor.token) as prepared,
        writing(survivor) as broker,
    ):
        admin, figures = prepared.story.administrator, Figures(prepared)
        published = told_profile(prepared, profile, r.ProfilePublished, 1)
        broken = published.to_bytes().replace(b'"revision":1', b'"revision":"one"')
        headers = [("traceparent", b"00-\xff"), ("note", "从另一个程序".encode())]
        place = await send(broker, topic, str(profile), broken, headers)
        behind = [told_profile(prepared, profile, r.ProfileRevised, n) for n in (2, 3, 4)]
        await tell(broker, *behind)
        junk = await send(broker, topic, "nobody", b"\xff\x00 no JSON")
        await tell(broker, told_profile(prepared, uuid4(), r.ProfilePublished, 1))

        await figures.become(NEEDS=1)
        letter = await letter_at(admin, topic, place)
        assert base64.b64decode(letter["body_base64"]) == broken
        assert letter["key"] == str(profile)
        assert [name for name, _ in letter["headers"]] == ["traceparent", "note"]
        assert letter["headers"][1][1] == "从另一个程序"
        assert letter["error"] == "broken_contract"
        assert "revision" in letter["detail"]
        await queued(admin, letter, 3)
        other = await letter_at(admin, topic, junk)
        assert (other["subject"], other["sequence"], other["queued"]) == (None, 0, 0)
        with pytest.raises(Refused) as refused:
            await admin.post(f"reporting/v1/dead-letters/{letter['id']}/replay")
        assert refused.value.status == 422
        await queued(admin, letter, 3)


def told_profile(prepared: Stage, id_: UUID, kind: type[Event], sequence: int) -> Event:
    facts: dict[str, Any] = {
        "id": uuid7(),
        "time": NOON,
        "subject": str(id_),
        "sequence": sequence,
        "tenant": prepared.story.tenant["id"],
        "profile_id": id_,
        "organization_id": uuid4(),
        "group_id": uuid4(),
        "kind": "need",
        "country": "KZ",
        "docking_events": [prepared.docking_event],
        "revision": sequence,
        "valid_until": date(2030, 1, 1),
        "original_language": "ru",
        "characters": 9,
        "occurred_on": date(2027, 5, 17),
    }
    return kind.model_validate(facts)
