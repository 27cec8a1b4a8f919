"""Builders of what registration tells matching: a small docking event with everything in it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID, uuid4, uuid5

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncEngine
from techdock_contracts import registration as told
from techdock_contracts.event import Event, Tombstone
from techdock_contracts.texts import Text, Version
from techdock_contracts.topics import PROFILES
from techdock_shared.messaging.consumer import Consumer
from techdock_shared.messaging.record import Record, read

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
DAY = date(2026, 9, 14)
SPACE = UUID(int=7)


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    """Return a moment of the docking event's first day, UTC."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def named(name: str) -> UUID:
    """Return the same id for the same name, so that tests can speak of things by name."""
    return uuid5(SPACE, name)


def text(words: str, language: str = "en") -> Text:
    """Return a text in one language."""
    return Text(original=language, versions={language: Version(text=words)})


@dataclass
class World:
    """Tells a docking event step by step; counts sequences as registration does."""

    name: str = "fair"
    tenant: UUID = field(default_factory=lambda: named("tenant"))
    tables: int = 4
    sequences: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def docking_event(self) -> UUID:
        return named(f"{self.name}.docking_event")

    @property
    def venue(self) -> UUID:
        return named(f"{self.name}.venue")

    @property
    def session(self) -> UUID:
        return named(f"{self.name}.session")

    def table(self, number: int) -> UUID:
        return named(f"{self.name}.table{number}")

    def participation(self, name: str) -> UUID:
        return named(f"{self.name}.{name}")

    def head(self, kind: type[Event], subject: UUID) -> dict[str, Any]:
        key = (kind.topic.name, str(subject))
        self.sequences[key] = self.sequences.get(key, 0) + 1
        return {
            "id": uuid4(),
            "time": NOON,
            "subject": str(subject),
            "sequence": self.sequences[key],
        }

    def announced(self, **changes: Any) -> told.DockingEventAnnounced:
        """Return the announcement: one venue with tables, zone of Tashkent."""
        desks = tuple(
            told.Desk(table_id=self.table(n), label=f"T{n:02}") for n in range(1, self.tables + 1)
        )
        facts: dict[str, Any] = {
            "docking_event_id": self.docking_event,
            "tenant": self.tenant,
            "code": f"{self.name}-26",
            "starts_on": DAY,
            "ends_on": DAY + timedelta(days=1),
            "zone": "Asia/Tashkent",
            "country": "UZ",
            "venues": (
                told.Venue(
                    venue_id=self.venue, kind="main", country="UZ", zone="Asia/Tashkent",
                    tables=desks,
                ),
            ),
        }  # fmt: skip
        kind = told.DockingEventAnnounced
        return kind(**self.head(kind, self.docking_event), **{**facts, **changes})

    def opened(self) -> told.DockingEventOpened:
        kind = told.DockingEventOpened
        return kind(
            **self.head(kind, self.docking_event),
            docking_event_id=self.docking_event,
            tenant=self.tenant,
        )

    def cancelled(self) -> told.DockingEventCancelled:
        kind = told.DockingEventCancelled
        return kind(
            **self.head(kind, self.docking_event),
            docking_event_id=self.docking_event,
            tenant=self.tenant,
        )

    def session_planned(self, start: datetime | None = None, **changes: Any) -> told.SessionPlanned:
        """Return a matchmaking session of eight half-hour slots from 06:00 UTC."""
        start = start or at(6)
        session_id = changes.pop("session_id", self.session)
        facts: dict[str, Any] = {
            "docking_event_id": self.docking_event,
            "session_id": session_id,
            "tenant": self.tenant,
            "kind": "matchmaking",
            "venue_id": self.venue,
            "start": start,
            "end": start + timedelta(hours=4),
            "zone": "Asia/Tashkent",
            "visibility": "registered",
            "slot_minutes": 30,
        }
        kind = told.SessionPlanned
        return kind(**self.head(kind, session_id), **{**facts, **changes})

    def organization(self, name: str, country: str = "UZ") -> told.OrganizationRegistered:
        kind = told.OrganizationRegistered
        return kind(
            **self.head(kind, named(name)),
            organization_id=named(name),
            kind="enterprise",
            country=country,
            group_id=named(name),
        )

    def participant(
        self, name: str, country: str = "UZ", languages: tuple[str, ...] = ("en",), **changes: Any
    ) -> told.ParticipationConfirmed:
        """Return the confirmation of organization `name` with one person, `name.person`."""
        person = told.Attendee(
            person_id=named(f"{name}.person"),
            role="head",
            mode="on_site",
            venue_id=self.venue,
            zone="Asia/Tashkent",
            languages=languages,
        )
        facts: dict[str, Any] = {
            "docking_event_id": self.docking_event,
            "participation_id": self.participation(name),
            "organization_id": named(name),
            "tenant": self.tenant,
            "country": country,
            "group_id": named(name),
            "contact_id": person.person_id,
            "persons": (person,),
        }
        kind = told.ParticipationConfirmed
        return kind(**self.head(kind, self.participation(name)), **{**facts, **changes})

    def withdrawn(self, name: str) -> told.ParticipationWithdrawn:
        kind = told.ParticipationWithdrawn
        return kind(
            **self.head(kind, self.participation(name)),
            docking_event_id=self.docking_event,
            participation_id=self.participation(name),
            organization_id=named(name),
            tenant=self.tenant,
        )

    def profile(
        self, name: str, owner: str, kind: str, title: str, summary: str = "", **changes: Any
    ) -> told.ProfileState:
        """Return a published need or offer of organization `owner`."""
        facts: dict[str, Any] = {
            "profile_id": named(name),
            "organization_id": named(owner),
            "kind": kind,
            "docking_events": (self.docking_event,),
            "revision": 1,
            "country": "UZ",
            "group_id": named(owner),
            "texts": {"title": text(title), "summary": text(summary or title)},
            "languages": ("en",),
            "valid_until": date(2030, 1, 1),
        }
        return told.ProfileState(
            **self.head(told.ProfileState, named(name)), **{**facts, **changes}
        )

    def removed(self, name: str) -> Tombstone:
        """Return the end of a profile."""
        head = self.head(told.ProfileState, named(name))
        return Tombstone(head["id"], PROFILES, str(named(name)), str(named(name)), head["sequence"])


class _Message:
    """What the log hands to the consumer."""

    def __init__(self, key: str, value: bytes | None, headers: dict[str, str]) -> None:
        self.key = key.encode()
        self.value = value
        self.headers = [(name, text.encode()) for name, text in headers.items()]
        self.partition = 0
        self.offset = 0


def record_of(event: Event | Tombstone) -> Record:
    """Return an event as it comes from the log."""
    if isinstance(event, Tombstone):
        headers = {
            "ce_id": str(event.id),
            "ce_subject": event.subject,
            "ce_sequence": str(event.sequence),
        }
        message: Any = _Message(event.key, None, headers)
    else:
        message = _Message(event.key, event.to_bytes(), {})
    return read(event.topic, message)


def records(events: Iterable[Event | Tombstone]) -> Iterator[list[Record]]:
    """Return events as batches of one topic each, in the given order."""
    for _, group in groupby(map(record_of, events), key=lambda record: record.topic.name):
        yield list(group)


async def deliver(consumer: Consumer, *events: Event | Tombstone) -> None:
    """Hand events to a consumer, in the given order."""
    for batch in records(events):
        await consumer.take(batch)


async def tables_of(engine: AsyncEngine, *tables: Table) -> dict[str, list[tuple[Any, ...]]]:
    """Return everything that tables hold, in one order."""
    async with engine.connect() as connection:
        return {
            table.name: sorted(
                (tuple(row) for row in await connection.execute(select(table))), key=repr
            )
            for table in tables
        }
