"""What is away on the day: somebody is late or has left, a table or an interpreter is lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from techdock_shared.clock import Clock
from techdock_shared.errors import FieldError, Invalid
from techdock_shared.http.principal import Principal
from techdock_shared.ids import uuid7

from techdock_matching.app import access, frame
from techdock_matching.app.frame import Frame
from techdock_matching.app.planning import Outage, OutageKind
from techdock_matching.app.repositories import Begin
from techdock_matching.domain.spans import Span

MOST_NOTED = 2_000


@dataclass(frozen=True, slots=True)
class Note:
    """Say that something is away.

    Attributes:
        thing_id: Counting id of the person or interpreter, or id of the table.
        start: None: from now on.
        end: None: for the rest of the docking event.
    """

    docking_event_id: UUID
    kind: OutageKind
    thing_id: UUID
    start: datetime | None = None
    end: datetime | None = None


async def note(command: Note, begin: Begin, *, who: Principal, clock: Clock) -> Outage:
    """Note it; runs and repairs then go by it.

    Raises:
        NotFound: The docking event does not exist for the caller.
        Forbidden: The caller does not organize it.
        Invalid: There is no such person, table or interpreter in it, or the time is none.
    """
    async with begin() as transaction:
        docking_event = await transaction.lookups.docking_event(command.docking_event_id)
        access.organize(who, docking_event)
        now = await frame.derive(transaction, docking_event)
        _insist_on_known(command, now)
        if len(await transaction.timetables.outages(docking_event.id)) >= MOST_NOTED:
            raise Invalid(
                f"at most {MOST_NOTED} things are noted as away; remove those of the past"
            )
        at = clock.now()
        start = command.start or at
        end = command.end or _end(now, start)
        if start >= end:
            told = FieldError(
                "body.end", f"after {start:%Y-%m-%d %H:%M}Z", f"{end:%Y-%m-%d %H:%M}Z"
            )
            raise Invalid("what is away is away for a while", [told])
        outage = Outage(
            uuid7(),
            docking_event.id,
            command.kind,
            command.thing_id,
            Span(start, end),
            who.person_id,
            at,
        )
        await transaction.timetables.save_outage(outage)
        return outage


def _insist_on_known(command: Note, now: Frame) -> None:
    known = {
        OutageKind.PERSON: now.problem.person,
        OutageKind.TABLE: now.problem.table,
        OutageKind.INTERPRETER: now.problem.interpreter,
    }[command.kind]
    if command.thing_id not in known:
        told = FieldError(
            "body.thing_id", f"a {command.kind} of this docking event", str(command.thing_id)
        )
        raise Invalid(f"there is no such {command.kind} in this docking event", [told])


def _end(now: Frame, start: datetime) -> datetime:
    """Return when the last session ends; a moment after the start where none is to come."""
    ends = [session.end for session in now.problem.sessions]
    return max([*ends, start + timedelta(minutes=5)])


async def noted(docking_event_id: UUID, begin: Begin, *, who: Principal) -> Sequence[Outage]:
    """Return what was noted, the oldest first.

    Raises:
        NotFound: The docking event does not exist for the caller.
        Forbidden: The caller does not organize it.
    """
    async with begin() as transaction:
        docking_event = await transaction.lookups.docking_event(docking_event_id)
        access.organize(who, docking_event)
        return await transaction.timetables.outages(docking_event_id)


async def forget(docking_event_id: UUID, id: UUID, begin: Begin, *, who: Principal) -> None:
    """Say that it is there again, or was noted by mistake.

    Raises:
        NotFound: It does not exist for the caller.
        Forbidden: The caller does not organize the docking event.
    """
    async with begin() as transaction:
        docking_event = await transaction.lookups.docking_event(docking_event_id)
        access.organize(who, docking_event)
        await transaction.timetables.remove_outage(docking_event_id, id)
