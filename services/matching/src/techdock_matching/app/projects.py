"""Cooperation projects: what came of the meetings, as the parties declare and confirm it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from techdock_shared.clock import Clock
from techdock_shared.errors import Conflict, Forbidden, Invalid, NotFound
from techdock_shared.http.principal import Principal
from techdock_shared.ids import uuid7

from techdock_matching.app import access
from techdock_matching.app.repositories import Begin, Transaction
from techdock_matching.app.versions import rests_on
from techdock_matching.app.views import DockingEvent
from techdock_matching.domain.meeting import Meeting, MeetingState
from techdock_matching.domain.project import (
    Contract,
    CooperationProject,
    Direction,
    ProjectParty,
    Stage,
)


class NotHeld(Conflict):
    """A project comes of a meeting that was held."""

    code = "meeting_not_held"


@dataclass(frozen=True, slots=True)
class Open:
    """Begin to follow what organizations do together.

    Attributes:
        docking_event_id: Where they met; taken from the meeting when that is named.
        parties: Organizations; may be empty when a meeting is named: then its parties.
        direction: Seen from the host country.
    """

    docking_event_id: UUID | None = None
    meeting_id: UUID | None = None
    parties: tuple[UUID, ...] = ()
    profiles: tuple[UUID, ...] = ()
    technology_field: int | None = None
    direction: Direction = Direction.BOTH


async def open(command: Open, begin: Begin, *, who: Principal) -> CooperationProject:  # noqa: A001 - the command's name
    """Open a project, as one of its parties or as an organizer.

    Raises:
        NotFound: The docking event or the meeting does not exist for the caller.
        Forbidden: The caller acts for none of the parties and does not organize.
        NotHeld: The meeting was not held.
        Invalid: No docking event is named, or a party takes no part in it.
    """
    async with begin() as transaction:
        meeting = await _meeting(command, transaction)
        where = command.docking_event_id if meeting is None else meeting.docking_event_id
        if where is None:
            raise Invalid("name the docking event or the meeting that the project came of")
        docking_event = await transaction.lookups.docking_event(where)
        access.see(who, docking_event)
        parties = await _parties(command, meeting, docking_event, transaction)
        acts = any(who.acts_for(party.organization_id) for party in parties)
        if not (acts or access.organizes(who, docking_event)):
            raise Forbidden("a project is opened by one of its parties or by an organizer")
        if meeting is not None and meeting.state is not MeetingState.HELD:
            raise NotHeld(f"meeting {meeting.id} is {meeting.state}")
        project = CooperationProject.open(
            uuid7(),
            tenant_id=docking_event.tenant_id,
            zone=docking_event.zone,
            parties=parties,
            docking_event_id=docking_event.id,
            meeting_id=command.meeting_id,
            profiles=command.profiles or (() if meeting is None else meeting.profiles),
            technology_field=command.technology_field
            or await _field_of(transaction, command, meeting),
            direction=command.direction,
        )
        return await transaction.projects.save(project)


async def _meeting(command: Open, transaction: Transaction) -> Meeting | None:
    if command.meeting_id is None:
        return None
    meeting = (await transaction.meetings.get(command.meeting_id)).value
    if command.docking_event_id not in (None, meeting.docking_event_id):
        raise NotFound(f"no meeting {meeting.id} in this docking event")
    return meeting


async def _parties(
    command: Open,
    meeting: Meeting | None,
    docking_event: DockingEvent,
    transaction: Transaction,
) -> tuple[ProjectParty, ...]:
    if meeting is not None:
        of_meeting = {p.organization_id: p for p in meeting.parties}
        named = command.parties or tuple(of_meeting)
        strangers = set(named) - set(of_meeting)
        if strangers:
            raise Invalid(f"not in the meeting: {sorted(map(str, strangers))}")
        return tuple(
            ProjectParty(one, of_meeting[one].group_id, of_meeting[one].country) for one in named
        )
    found = await transaction.lookups.participations(docking_event.id, command.parties)
    known = {p.organization_id: p for p in found}
    missing = set(command.parties) - set(known)
    if missing:
        raise Invalid(f"not in the docking event: {sorted(map(str, missing))}")
    return tuple(
        ProjectParty(one, known[one].group_id, known[one].country) for one in command.parties
    )


async def _field_of(transaction: Transaction, command: Open, meeting: Meeting | None) -> int | None:
    """Return the technology field of the profiles, when they agree on one."""
    ids = command.profiles or (() if meeting is None else meeting.profiles)
    profiles = await transaction.lookups.profiles(ids) if ids else ()
    fields = {p.content.technology_field for p in profiles} - {None}
    return fields.pop() if len(fields) == 1 else None


async def _as_party(
    id: UUID, transaction: Transaction, who: Principal, expected: int
) -> tuple[CooperationProject, UUID]:
    """Return a project and the organization for which the caller speaks in it.

    Raises:
        NotFound: It does not exist for the caller.
        Forbidden: The caller only organizes the docking event.
        Stale: It changed since the caller read it.
    """
    project = await transaction.projects.get(id)
    mine = [p.organization_id for p in project.parties if who.acts_for(p.organization_id)]
    if not mine:
        _see(project, who)
        raise Forbidden("only the parties say what a project has reached")
    rests_on(expected, project.version)
    return project, mine[0]


def _see(project: CooperationProject, who: Principal) -> None:
    if any(who.acts_for(party.organization_id) for party in project.parties):
        return
    if who.organizes(project.tenant_id, project.docking_event_id):
        return
    raise NotFound(f"no project {project.id}")


@dataclass(frozen=True, slots=True)
class Declare:
    """Say, as one party, that the project reached a stage."""

    id: UUID
    expected: int
    stage: Stage
    occurred_on: date
    evidence_sha256: str | None = None
    contract: Contract | None = None


async def declare(
    command: Declare, begin: Begin, *, who: Principal, clock: Clock
) -> CooperationProject:
    """Note what one party says; unconfirmed until all say so. Raises as `_as_party`."""
    async with begin() as transaction:
        project, mine = await _as_party(command.id, transaction, who, command.expected)
        changed = project.declare(
            command.stage,
            command.occurred_on,
            mine,
            clock.now(),
            evidence_sha256=command.evidence_sha256,
            contract=command.contract,
        )
        return await transaction.projects.save(changed)


@dataclass(frozen=True, slots=True)
class Confirm:
    """Say the same as the party that declared the stage."""

    id: UUID
    expected: int
    stage: Stage
    evidence_sha256: str | None = None


async def confirm(command: Confirm, begin: Begin, *, who: Principal) -> CooperationProject:
    """Note that another party says so too. Raises as `_as_party`."""
    async with begin() as transaction:
        project, mine = await _as_party(command.id, transaction, who, command.expected)
        evidence = command.evidence_sha256
        changed = project.confirm(command.stage, mine, evidence_sha256=evidence)
        return await transaction.projects.save(changed)


@dataclass(frozen=True, slots=True)
class Dispute:
    """Say that the project did not reach the stage."""

    id: UUID
    expected: int
    stage: Stage
    reason: str


async def dispute(command: Dispute, begin: Begin, *, who: Principal) -> CooperationProject:
    """Note that a party says no; it stays visible. Raises as `_as_party`."""
    async with begin() as transaction:
        project, mine = await _as_party(command.id, transaction, who, command.expected)
        changed = project.dispute(command.stage, mine, command.reason)
        return await transaction.projects.save(changed)


@dataclass(frozen=True, slots=True)
class End:
    """Note that the cooperation is over."""

    id: UUID
    expected: int


async def end(command: End, begin: Begin, *, who: Principal, clock: Clock) -> CooperationProject:
    """End a project; what it reached stays reached. Raises as `_as_party`."""
    async with begin() as transaction:
        project, mine = await _as_party(command.id, transaction, who, command.expected)
        return await transaction.projects.save(project.end(mine, clock.now()))


async def read(id: UUID, begin: Begin, *, who: Principal) -> CooperationProject:
    """Return a project.

    Raises:
        NotFound: It does not exist for the caller.
    """
    async with begin() as transaction:
        project = await transaction.projects.get(id)
        _see(project, who)
        return project


async def listed(
    begin: Begin,
    *,
    who: Principal,
    docking_event_id: UUID | None,
    organization_id: UUID | None,
    after: UUID | None,
    limit: int,
) -> Sequence[CooperationProject]:
    """Return projects: the caller's organizations' own, or all of a docking event for organizers.

    Raises:
        NotFound: The docking event does not exist for the caller.
    """
    async with begin() as transaction:
        everybody = False
        if docking_event_id is not None:
            docking_event = await transaction.lookups.docking_event(docking_event_id)
            access.see(who, docking_event)
            everybody = access.organizes(who, docking_event)
        own = set(who.organizations)
        wanted: set[UUID] | None = None if everybody else own
        if organization_id is not None:
            wanted = {organization_id} if everybody else own & {organization_id}
        return await transaction.projects.find(
            docking_event_id=docking_event_id, organizations=wanted, after=after, limit=limit
        )
