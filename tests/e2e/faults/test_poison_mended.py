"""R10 over HTTP in one process: after the code was mended, `replay` handles what was set aside.

What fails is a handler that refuses (Invalid), or a reader that does not understand; the mended
code does. Three later events of the subject queue behind it and are handled in order.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from support.databases import DATABASES
from support.matching import World, record_of
from support.matching_app import Caller, Matching, matching
from techdock_contracts import registration as told
from techdock_contracts.event import Event
from techdock_matching.entrypoints import messages
from techdock_shared.errors import Invalid
from techdock_shared.http.principal import Role
from techdock_shared.messaging.record import Record, read

TYPE = "registration.participation_changed.v1"


@pytest.fixture(params=DATABASES)
async def app(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Matching]:
    async with matching(request.param, tmp_path) as opened:
        yield opened


class Play:
    """Four events of one participation, of which the second is poison, and another one."""

    def __init__(self, app: Matching) -> None:
        self.world = World()
        self.administrator: Caller = app._caller(roles=(Role("administrator", self.world.tenant),))  # noqa: SLF001 - of the same tests
        self.app = app
        first = self.world.participant("ana")
        facts = first.model_dump(exclude={"type", "id", "time", "subject", "sequence"})
        changed = told.ParticipationChanged
        self.events: list[Event] = [
            first,
            *(
                changed(**self.world.head(changed, first.participation_id), **facts | wish)
                for wish in ({"least_meetings": 2}, {"least_meetings": 3}, {"least_meetings": 4})
            ),
            self.world.withdrawn("ana"),
        ]

    async def hear(self, *records: Record) -> None:
        await self.app.service.http.state.consumer.take(records)

    async def state(self, name: str) -> tuple[str, int | None]:
        async with self.app.begin() as transaction:
            found = await transaction.lookups.participations(self.world.docking_event)
        one = next((p for p in found if p.id == self.world.participation(name)), None)
        return ("gone", None) if one is None else (one.state, one.least_meetings)

    async def letter(self) -> Any:
        (one,) = (await self.administrator.get("/dead-letters"))["items"]
        return one


async def test_a_handler_that_refuses(app: Matching, monkeypatch: pytest.MonkeyPatch) -> None:
    play = Play(app)

    async def refuse(*_: object) -> None:
        raise Invalid("the rule is written wrongly")

    with monkeypatch.context() as wrong:
        wrong.setitem(messages.HANDLERS, told.ParticipationChanged, refuse)  # type: ignore[arg-type] # a dict
        await play.hear(*map(record_of, play.events[:3]))
        await play.hear(*map(record_of, [play.world.participant("bek"), *play.events[3:]]))
        letter = await play.letter()
        assert (letter["error"], letter["sequence"], letter["queued"]) == ("invalid", 2, 3)
        assert await play.state("ana") == ("confirmed", 0)
        assert await play.state("bek") == ("confirmed", 0)
        await play.administrator.post(f"/dead-letters/{letter['id']}/replay", None, 422)

    replayed = await play.administrator.post(f"/dead-letters/{letter['id']}/replay")
    assert (replayed["state"], replayed["queued"]) == ("replayed", 0)
    assert await play.state("ana") == ("gone", None)
    await play.hear(*map(record_of, play.events))
    assert (await play.administrator.get("/dead-letters"))["items"] == []


async def test_what_can_never_be_handled_is_given_up(
    app: Matching, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = Play(app)

    async def refuse(*_: object) -> None:
        raise Invalid("the rule is written wrongly")

    with monkeypatch.context() as wrong:
        wrong.setitem(messages.HANDLERS, told.ParticipationChanged, refuse)  # type: ignore[arg-type] # a dict
        await play.hear(*map(record_of, play.events[:2]))
    await play.hear(*map(record_of, play.events[2:4]))
    letter = await play.letter()
    assert (letter["sequence"], letter["queued"]) == (2, 2)
    path = f"/dead-letters/{letter['id']}"
    await app.organizer(play.world).post(f"{path}/discard", None, 403)

    given_up = await play.administrator.post(f"{path}/discard")

    assert (given_up["state"], given_up["queued"]) == ("discarded", 0)
    assert await play.state("ana") == ("confirmed", 4)
    await play.administrator.post(f"{path}/discard", None, 409)
    await play.administrator.post(f"{path}/replay", None, 409)
    assert (await play.administrator.get("/dead-letters"))["items"] == []
    assert (await play.administrator.get(path))["state"] == "discarded"


async def test_a_reader_that_does_not_understand(
    app: Matching, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = Play(app)
    records = [record_of(event) for event in play.events]
    body = play.events[1].to_bytes().replace(b'"least_meetings":2', b'"least_meetings":"two"')
    records[1] = _as_read(records[1], body)
    assert records[1].broken
    await play.hear(*records[:4])
    letter = await play.letter()
    assert (letter["error"], letter["sequence"], letter["queued"]) == ("broken_contract", 2, 2)
    await play.administrator.post(f"/dead-letters/{letter['id']}/replay", None, 422)

    # A class takes its place among the kinds by itself; this puts the other one back later.
    monkeypatch.setitem(Event.registry, TYPE, told.ParticipationChanged)

    class Mended(told.ParticipationChanged):
        least_meetings: Any = 0

    seen: list[object] = []

    async def handle(event: Any, _: object) -> None:
        seen.append(event.least_meetings)

    monkeypatch.setitem(messages.HANDLERS, Mended, handle)  # type: ignore[arg-type] # a dict
    await play.administrator.post(f"/dead-letters/{letter['id']}/replay")
    assert seen == ["two", 3, 4]
    await play.hear(*records)
    assert seen == ["two", 3, 4]
    assert await play.state("ana") == ("gone", None)


def _as_read(record: Record, body: bytes) -> Record:
    class Message:
        partition, offset, headers = 0, 0, ()
        key, value = record.key.encode(), body

    return read(record.topic, Message())  # type: ignore[arg-type] # as much of it as is read
