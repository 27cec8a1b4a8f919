"""A message as it came, read as far as it can be: one that cannot never hurts its neighbours."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

import orjson
from aiokafka import ConsumerRecord
from pydantic import ValidationError
from techdock_contracts.event import Event, Tombstone
from techdock_contracts.topics import Topic

from techdock_shared.sql.dead_letters import DeadLetter
from techdock_shared.sql.progress import Parked

Headers = tuple[tuple[str, str], ...]

_NAMELESS = UUID("0d3c8f5e-2f0a-5b7e-9c1d-6a5f4f1f7b52")
"""Namespace of the ids that are made for messages that name none."""


@dataclass(frozen=True, slots=True)
class Record:
    """A message of the log.

    Attributes:
        content: What it says; None when its type is newer than this reader, or it is broken.
        broken: Why it cannot be read; None when it can.
        id: Of the event; made from the message itself when it names none.
        subject: The aggregate; None when the message does not tell.
        sequence: Its place among the events of the subject; 0 when it has none.
    """

    topic: Topic
    partition: int
    offset: int
    key: str
    headers: Headers
    body: bytes | None
    content: Event | Tombstone | None
    broken: str | None
    id: UUID
    subject: str | None
    sequence: int

    @property
    def ordered(self) -> bool:
        """Whether it has a place among the events of its subject."""
        return self.subject is not None and self.sequence > 0


@dataclass(frozen=True, slots=True)
class _Read:
    content: Event | Tombstone | None = None
    broken: str | None = None
    id: UUID | None = None
    subject: str | None = None
    sequence: int = 0


def read(topic: Topic, message: "ConsumerRecord[bytes, bytes]") -> Record:
    """Read a message as the log gave it. Never raises."""
    headers = tuple((name, _text(value)) for name, value in message.headers)
    return _record(
        topic, message.partition, message.offset, _text(message.key), headers, message.value
    )


def from_parked(topic: Topic, parked: Parked) -> Record:
    """Read a message that was parked."""
    headers = tuple((name, value) for name, value in orjson.loads(parked.headers))
    return _record(topic, parked.partition, parked.offset, parked.key, headers, parked.body)


def from_letter(topic: Topic, letter: DeadLetter) -> Record:
    """Read a message that was set aside."""
    return _record(topic, letter.partition, letter.offset, letter.key, letter.headers, letter.body)


def to_parked(record: Record) -> Parked:
    """Return what is kept of a message until its turn comes."""
    return Parked(
        record.sequence,
        record.id,
        record.partition,
        record.offset,
        record.key,
        record.body,
        orjson.dumps(record.headers).decode(),
    )


def _record(
    topic: Topic, partition: int, offset: int, key: str, headers: Headers, body: bytes | None
) -> Record:
    found = _read_tombstone(topic, key, headers) if body is None else _read_event(body)
    return Record(
        topic=topic,
        partition=partition,
        offset=offset,
        key=key,
        headers=headers,
        body=body,
        content=found.content,
        broken=found.broken,
        id=found.id or _id_of(topic, partition, offset, body),
        subject=found.subject,
        sequence=found.sequence,
    )


def _read_event(body: bytes) -> _Read:
    try:
        event = Event.from_bytes(body)
    except (ValueError, RecursionError) as error:
        return _read_head(body, broken=why(error))
    if event is None:
        return _read_head(body, broken=None)
    return _Read(event, None, event.id, event.subject, event.sequence)


def _read_head(body: bytes, broken: str | None) -> _Read:
    """Find out what a message is about although its content is not understood."""
    try:
        wire = json.loads(body)
    except (ValueError, RecursionError):
        return _Read(broken=broken)
    if not isinstance(wire, dict):
        return _Read(broken=broken)
    subject, sequence = wire.get("subject"), wire.get("sequence")
    return _Read(
        None,
        broken,
        _uuid(wire.get("id")),
        subject if isinstance(subject, str) else None,
        sequence if isinstance(sequence, int) and 0 < sequence < 1 << 62 else 0,
    )


def _read_tombstone(topic: Topic, key: str, headers: Headers) -> _Read:
    found = dict(headers)
    told, subject = _uuid(found.get("ce_id")), found.get("ce_subject")
    sequence = found.get("ce_sequence", "")
    if told is None or subject is None or not (sequence.isascii() and sequence.isdigit()):
        missing = "expected a tombstone with the headers ce_id, ce_subject and ce_sequence"
        return _Read(broken=missing, id=told, subject=subject)
    number = int(sequence)
    return _Read(Tombstone(told, topic, key, subject, number), None, told, subject, number)


def _id_of(topic: Topic, partition: int, offset: int, body: bytes | None) -> UUID:
    """Return an id for a message without one: the same whenever it is delivered."""
    digest = hashlib.sha256(body or b"").hexdigest()
    return uuid5(_NAMELESS, f"{topic.name}/{partition}/{offset}/{digest}")


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(text)
    except (ValueError, TypeError, AttributeError):
        return None


def _text(value: bytes | None) -> str:
    return "" if value is None else value.decode(errors="replace")


def why(error: Exception) -> str:
    """Say what is wrong, without repeating the content of a message that breaks its contract."""
    if isinstance(error, ValidationError):
        return "; ".join(_places(error))
    return str(error)


def _places(error: ValidationError) -> Iterable[str]:
    """Say what is wrong where, without repeating the content."""
    for each in error.errors(include_input=False, include_url=False, include_context=False):
        yield f"{'.'.join(map(str, each['loc']))}: {each['msg']}"
