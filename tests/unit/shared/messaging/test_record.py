"""Reading a message never fails, and finds out as much as there is."""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import pytest
from aiokafka import ConsumerRecord
from hypothesis import given
from hypothesis import strategies as st
from support.broker import thing, things
from techdock_contracts.event import Event, Tombstone
from techdock_contracts.topics import MEETINGS, Topic
from techdock_shared.messaging.batch import NOWHERE, Place, place_of
from techdock_shared.messaging.record import Record, from_parked, read, to_parked
from techdock_shared.sql.progress import Progress


@pytest.fixture
async def kind() -> AsyncIterator[type[Event]]:
    async with things() as a_kind:
        yield a_kind


def message(
    body: bytes | None,
    headers: Sequence[tuple[str, bytes]] = (),
    key: bytes | None = b"k",
    topic: Topic = MEETINGS,
) -> Record:
    raw: ConsumerRecord[bytes, bytes] = ConsumerRecord(
        topic.name, 2, 7, 0, 0, key, body, None, 0, 0, tuple(headers)
    )
    return read(topic, raw)


def test_an_event_is_read_with_its_place(kind: type[Event]) -> None:
    event = thing(kind, "a", 5, sequence=3)

    record = message(event.to_bytes(), topic=kind.topic)

    assert record.content == event
    assert (record.id, record.subject, record.sequence) == (event.id, "a", 3)
    assert record.broken is None
    assert record.ordered


def test_what_breaks_its_contract_keeps_its_place_and_shows_no_content(kind: type[Event]) -> None:
    body = thing(kind, "a", 5, sequence=3).to_bytes()
    body = body.replace(b'"thing_id":"a"', b'"thing_id":["secret"]')

    record = message(body, topic=kind.topic)

    assert (record.subject, record.sequence) == ("a", 3)
    assert record.broken is not None
    assert "thing_id" in record.broken
    assert "secret" not in record.broken


def test_a_type_that_is_newer_keeps_its_place(kind: type[Event]) -> None:
    body = thing(kind, "a", 5, sequence=3).to_bytes().replace(b"thing.v1", b"thing.v9")

    record = message(body, topic=kind.topic)

    assert (record.content, record.broken) == (None, None)
    assert (record.subject, record.sequence) == ("a", 3)


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("ce_id", b"x"), ("ce_subject", b"a"), ("ce_sequence", b"1")],
        [("ce_id", UUID(int=1).hex.encode()), ("ce_sequence", b"1")],
        [("ce_id", UUID(int=1).hex.encode()), ("ce_subject", b"a"), ("ce_sequence", b"-1")],
        [("ce_id", UUID(int=1).hex.encode()), ("ce_subject", b"a"), ("ce_sequence", "٣".encode())],
    ],
)
def test_a_tombstone_without_its_headers_is_broken(headers: list[tuple[str, bytes]]) -> None:
    assert message(None, headers).broken is not None


def test_a_tombstone_is_read_from_its_headers() -> None:
    id_ = UUID(int=5)
    headers = [("ce_id", str(id_).encode()), ("ce_subject", b"s"), ("ce_sequence", b"4")]

    assert message(None, headers).content == Tombstone(id_, MEETINGS, "k", "s", 4)


def test_what_is_parked_comes_back_as_it_was(kind: type[Event]) -> None:
    event = thing(kind, "a", 5, sequence=3)
    record = message(event.to_bytes(), [("h", b"\xff"), ("g", b"x")], topic=kind.topic)

    assert from_parked(kind.topic, to_parked(record)) == record


JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
HEADS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.just("matching.meeting_offered.v1") | JSON,
        "id": st.uuids().map(str) | JSON,
        "subject": JSON,
        "sequence": JSON,
        "data": JSON,
    },
)


@given(body=st.binary() | HEADS.map(lambda wire: json.dumps(wire).encode()), key=st.binary())
def test_no_body_makes_reading_fail(body: bytes, key: bytes) -> None:
    record = message(body, key=key)

    assert record.sequence >= 0
    assert record == message(body, key=key)


@pytest.mark.parametrize(
    ("sequence", "reached", "compacted", "place"),
    [
        (1, NOWHERE, False, Place.DUE),
        (2, NOWHERE, False, Place.EARLY),
        (2, Progress(1), False, Place.DUE),
        (2, Progress(2), False, Place.PAST),
        (0, Progress(2), False, Place.DUE),
        (9, Progress(2), True, Place.DUE),
        (2, Progress(2), True, Place.PAST),
    ],
)
def test_the_place_of_a_record(
    sequence: int, reached: Progress, compacted: bool, place: Place
) -> None:
    topic = Topic("t.t.v1", "k", "t", (), compacted=compacted)
    body = json.dumps({"type": "t.t.v1", "subject": "a", "sequence": sequence}).encode()

    assert place_of(message(body, topic=topic), reached) is place
