"""What people ask: the exact figures of an organizer, the safe ones of a ministry."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from techdock_shared.clock import Clock
from techdock_shared.errors import Invalid, NotFound
from techdock_shared.ids import uuid7

from techdock_reporting.app.ports import Answer, Begin, Transaction
from techdock_reporting.domain import facts as f
from techdock_reporting.domain.counting import Counted, count
from techdock_reporting.domain.dictionary import CURRENT, Indicator, dictionary
from techdock_reporting.domain.facts import Fact, current
from techdock_reporting.domain.published import phrase, safe

FIRST_YEAR = 1900
"""An instant of year 1 can lie before all that a date can say, in another zone."""


@dataclass(frozen=True, slots=True)
class Exact:
    """The exact figures of one docking event.

    Attributes:
        as_of: What had happened by the end of this day.
        as_known: What was known at this instant.
        position: The last row of the journal that was received by then.
        checksum: SHA-256 over the figures and what they depend on, in hex: the same question
            gets the same checksum for ever.
    """

    docking_event_id: UUID
    code: str
    tenant_id: UUID
    as_of: date
    as_known: datetime
    position: int
    counted: Counted
    checksum: str


async def tenant_of(docking_event_id: UUID, begin: Begin) -> UUID:
    """Return whose docking event it is.

    Raises:
        NotFound: Reporting has not heard of it.
    """
    async with begin() as transaction:
        head = await transaction.journal.head()
        frame = await _frame(docking_event_id, head.position, transaction)
    if frame.tenant_id is None:
        raise NotFound(f"no docking event {docking_event_id}")
    return frame.tenant_id


async def _frame(docking_event_id: UUID, position: int, transaction: Transaction) -> Fact:
    versions = await transaction.facts.of_docking_event(docking_event_id, position)
    frames = [fact for fact in versions if fact.kind == f.FRAME]
    if not frames:
        raise NotFound(f"no docking event {docking_event_id}")
    return frames[-1]


async def exact(
    docking_event_id: UUID,
    as_of: date | None,
    as_known: datetime | None,
    begin: Begin,
    clock: Clock,
) -> Exact:
    """Count one docking event exactly, for its organizers.

    Args:
        docking_event_id: Which one.
        as_of: None: today.
        as_known: None: now. Must not lie ahead.

    Raises:
        NotFound: Reporting had not heard of the docking event by then.
        Invalid: `as_known` lies in the future, or before 1900.
    """
    now = clock.now()
    if as_known is not None and as_known > now:
        raise Invalid(f"as_known must not lie ahead of now, {now.isoformat()}; found {as_known}")
    if as_known is not None and as_known.year < FIRST_YEAR:
        raise Invalid(f"as_known must not lie before {FIRST_YEAR}; found {as_known}")
    async with begin() as transaction:
        journal = transaction.journal
        position = (
            (await journal.head()).position
            if as_known is None
            else await journal.position_at(as_known)
        )
        versions = await transaction.facts.of_docking_event(docking_event_id, position)
    frames = [fact for fact in versions if fact.kind == f.FRAME]
    if not frames or frames[-1].tenant_id is None:
        raise NotFound(f"no docking event {docking_event_id} was known by then")
    day = as_of or now.date()
    counted = count(versions, day)
    return Exact(
        docking_event_id=docking_event_id,
        code=frames[-1].attributes["code"],
        tenant_id=frames[-1].tenant_id,
        as_of=day,
        as_known=as_known or now,
        position=position,
        counted=counted,
        checksum=_checksum(docking_event_id, day, counted),
    )


def _checksum(docking_event_id: UUID, as_of: date, counted: Counted) -> str:
    content = {
        "docking_event": str(docking_event_id),
        "as_of": as_of.isoformat(),
        "definitions": CURRENT,
        "lists": {code: list(ids) for code, ids in counted.lists.items()},
        "now": counted.now,
        "unconfirmed": counted.unconfirmed,
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Question:
    """What a ministry asks: docking events held in a period, by a day."""

    tenants: Sequence[UUID]
    since: date | None
    until: date | None
    as_of: date


async def ministry(question: Question, account_id: UUID, begin: Begin, clock: Clock) -> Answer:
    """Answer a ministry, and keep the answer for the ledger.

    Counts about participants are told only as the totals of one held docking event as of its
    close, rounded to base 5, hidden below 10. The answer and its ledger entry are one: what was
    not stored is not told.
    """
    async with begin() as transaction:
        position = (await transaction.journal.head()).position
        held = await _held(question, position, transaction)
        docking_events = [await _total(fact, position, transaction) for fact in held]
        content = {
            "figures": [_public(dictionary()["EVENTS_HELD"], len(held))],
            "docking_events": docking_events,
        }
        answer = Answer(
            id=uuid7(),
            account_id=account_id,
            at=clock.now(),
            question={
                "tenants": sorted(map(str, question.tenants)),
                "since": question.since and question.since.isoformat(),
                "until": question.until and question.until.isoformat(),
                "as_of": question.as_of.isoformat(),
            },
            position=position,
            content=content,
        )
        await transaction.ledger.add(answer)
    return answer


async def _held(question: Question, position: int, transaction: Transaction) -> list[Fact]:
    facts = transaction.facts
    held = current(await facts.of_kind(f.EVENT_HELD, position, question.tenants))
    cancelled = {
        fact.docking_event_id
        for fact in current(await facts.of_kind(f.EVENT_CANCELLED, position, question.tenants))
    }
    counted = [
        fact
        for fact in held
        if fact.counts(question.as_of)
        and fact.docking_event_id not in cancelled
        and (question.since is None or fact.occurred_on >= question.since)
        and (question.until is None or fact.occurred_on <= question.until)
    ]
    return sorted(counted, key=lambda fact: (fact.occurred_on, fact.thing_id))


async def _total(held: Fact, position: int, transaction: Transaction) -> Mapping[str, Any]:
    docking_event_id = UUID(held.thing_id)
    versions = await transaction.facts.of_docking_event(docking_event_id, position)
    closed = [fact for fact in current(versions) if fact.kind == f.EVENT_CLOSED]
    as_of = closed[0].occurred_on if closed else held.occurred_on
    frame = next((fact for fact in current(versions) if fact.kind == f.FRAME), None)
    counted = count(versions, as_of)
    figures = []
    for code, indicator in dictionary().items():
        if indicator.disclosure == "C":
            told = safe(counted.value(code))
            figures.append(
                {
                    "indicator": code,
                    "definition_version": indicator.version,
                    "value": told.value,
                    "flag": told.flag,
                    "unit": dict(indicator.units),
                }
            )
    return {
        "id": held.thing_id,
        "code": frame.attributes["code"] if frame else "",
        "held_on": held.occurred_on.isoformat(),
        "as_of": as_of.isoformat(),
        "figures": figures,
    }


def _public(indicator: Indicator, value: int) -> Mapping[str, Any]:
    return {
        "indicator": indicator.code,
        "definition_version": indicator.version,
        "value": value,
        "flag": "",
        "unit": dict(indicator.units),
        "phrase": {
            language: phrase(value, language, unit if language == "zh-Hans" else "")
            for language, unit in indicator.units.items()
        },
    }
