"""What commands, queries and handlers need from matching's own database."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from techdock_contracts.event import Tombstone
from techdock_contracts.registration import ProfileState
from techdock_shared.errors import Conflict

from techdock_matching.app import views
from techdock_matching.app.repositories_plan import Proposals, Tasks, Weighings
from techdock_matching.app.repositories_timetable import Calendars, Timetables
from techdock_matching.domain.meeting import Meeting
from techdock_matching.domain.meeting_request import MeetingRequest
from techdock_matching.domain.project import CooperationProject
from techdock_matching.domain.ranking.acceptance import Leaning
from techdock_matching.domain.ranking.match import Explanation
from techdock_matching.domain.spans import Span

T = TypeVar("T")


class DoubleBooked(Conflict):
    """A person, table or interpreter would be in two places at once."""

    code = "double_booked"


@dataclass(frozen=True, slots=True)
class Stored(Generic[T]):
    """A thing and when it was last changed."""

    value: T
    changed_at: datetime


class Kind(StrEnum):
    """Things of registration of which matching keeps a projection."""

    ORGANIZATION = "organization"
    DOCKING_EVENT = "docking_event"
    SESSION = "session"
    PARTICIPATION = "participation"


class Projections(Protocol):
    """Takes what registration tells; written when the transaction is flushed.

    A message whose sequence is not above that of the stored row changes nothing.
    """

    def facts(self, kind: Kind, id: UUID, values: Mapping[str, Any], sequence: int) -> None:
        """Keep the whole new facts of a thing."""
        ...

    def state(self, kind: Kind, id: UUID, values: Mapping[str, Any], sequence: int) -> None:
        """Keep the new state of a thing, whose facts may not be known yet."""
        ...

    def profile(self, event: ProfileState, content: bytes) -> None:
        """Keep a published profile and queue it for ranking."""
        ...

    def profile_removed(self, tombstone: Tombstone) -> None:
        """Forget the content of a profile and queue its removal from the lists."""
        ...


class Lookups(Protocol):
    """Reads what registration told. A thing whose facts are not known yet is not found."""

    async def docking_event(self, id: UUID) -> views.DockingEvent:
        """Return a docking event; raises NotFound."""
        ...

    async def docking_events_of(self, tenant_ids: Collection[UUID]) -> Sequence[UUID]:
        """Return the docking events of tenants."""
        ...

    async def sessions(self, docking_event_id: UUID) -> Sequence[views.Session]:
        """Return the matchmaking sessions that take place, in order of time."""
        ...

    async def participation(self, id: UUID) -> views.Participation:
        """Return a participation in any state; raises NotFound."""
        ...

    async def participations(
        self, docking_event_id: UUID, organization_ids: Collection[UUID] | None = None
    ) -> Sequence[views.Participation]:
        """Return the confirmed participations, of all or of some organizations."""
        ...

    async def organizations(self, ids: Collection[UUID]) -> Sequence[views.Organization]:
        """Return those of the organizations that are known."""
        ...

    async def profile(self, id: UUID) -> views.PublishedProfile:
        """Return a published profile; raises NotFound."""
        ...

    async def profiles(self, ids: Collection[UUID]) -> Sequence[views.PublishedProfile]:
        """Return those of the profiles that are published, in no order."""
        ...

    async def profiles_of(
        self, docking_event_id: UUID, organization_ids: Collection[UUID]
    ) -> Sequence[views.PublishedProfile]:
        """Return the published profiles that organizations entered in a docking event."""
        ...

    async def search(
        self, docking_event_id: UUID, *, kind: str | None, words: Sequence[str], limit: int
    ) -> Sequence[views.PublishedProfile]:
        """Return published profiles in whose titles and texts all words stand."""
        ...


class Lists(Protocol):
    """The stored match lists, and what their readers dismissed."""

    async def get(self, profile_id: UUID, docking_event_id: UUID) -> views.MatchList | None:
        """Return the list of a profile, or None while it is not ranked."""
        ...

    async def of_many(
        self, profile_ids: Collection[UUID], docking_event_id: UUID
    ) -> Mapping[UUID, views.MatchList]:
        """Return the lists of those profiles that have one."""
        ...

    async def version_of(self, docking_event_id: UUID) -> str:
        """Return what changes whenever anything shown in a list of a docking event may have."""
        ...

    async def explanations(
        self, mine: views.PublishedProfile, others: Collection[views.PublishedProfile]
    ) -> Mapping[UUID, Explanation]:
        """Return the reasons that are written, as the owner of `mine` reads them."""
        ...

    async def willing(self, tenant_id: UUID) -> Mapping[UUID, Leaning]:
        """Return which organizations accept requests often, and which seldom: the others neither.

        By what they answered in docking events of the tenant.
        """
        ...

    async def ask_explanations(self, profile_id: UUID, docking_event_id: UUID) -> None:
        """Let the missing reasons of a list be written."""
        ...

    async def counts(self, docking_event_id: UUID) -> tuple[int, int, int]:
        """Return how many profiles are entered, have a list, and wait to be ranked."""
        ...

    async def asked_explanations(self, profile_id: UUID, docking_event_id: UUID) -> bool:
        """Say whether the missing reasons of a list are still to be written."""
        ...

    async def queued(self, profile_id: UUID) -> bool:
        """Say whether a profile waits to be ranked (again)."""
        ...

    async def judgements(self, profile_id: UUID) -> views.Judgements:
        """Return what was saved for a profile, and what was dismissed from its list."""
        ...

    async def asked(
        self, profile_id: UUID, docking_event_id: UUID, participation_id: UUID
    ) -> Collection[UUID]:
        """Return the profiles that a participation asked meetings with for one of its own.

        Requests that it took back itself, and those that were cancelled, do not count.
        """
        ...

    async def save(self, profile_id: UUID, counterpart_id: UUID, person_id: UUID) -> None:
        """Save a counterpart; again changes nothing."""
        ...

    async def unsave(self, profile_id: UUID, counterpart_id: UUID) -> None:
        """Save it no longer."""
        ...

    async def dismiss(
        self, profile_id: UUID, counterpart_id: UUID, reason: str, person_id: UUID
    ) -> None:
        """Keep a counterpart out of a list from now on; again changes nothing."""
        ...

    async def restore(self, profile_id: UUID, counterpart_id: UUID) -> None:
        """Let it stand there again."""
        ...


class Standings(Protocol):
    """What confirmed organizations have and lack; counted by the database, whatever the size."""

    async def find(
        self,
        docking_event_id: UUID,
        *,
        lack: views.Lack | None,
        everybody: bool,
        after: views.Place | None,
        limit: int,
    ) -> tuple[views.Counts, Sequence[views.Standing]]:
        """Return the figures of all, and standings: most lacks, then most to answer, then by id.

        Args:
            lack: Only of those that lack this.
            everybody: Without a lack to look for: also of those that lack nothing.
        """
        ...


class Requests(Protocol):
    """Meeting requests, inside one transaction."""

    async def get(self, id: UUID) -> MeetingRequest:
        """Return a request; raises NotFound."""
        ...

    async def save(self, request: MeetingRequest) -> MeetingRequest:
        """Store a request, put what happened to it in the outbox, and return it as stored.

        Raises:
            AlreadyRequested: Two of its persons have an open request in the docking event.
            Conflict: Someone saved the same request since it was read.
        """
        ...

    async def save_all(self, requests: Sequence[MeetingRequest]) -> Sequence[MeetingRequest]:
        """Store many requests at once; raises as `save`."""
        ...

    async def find(
        self,
        docking_event_id: UUID,
        *,
        asking: Collection[UUID] | None = None,
        asked: Collection[UUID] | None = None,
        states: Collection[str] = (),
        after: UUID | None = None,
        limit: int | None = None,
    ) -> Sequence[MeetingRequest]:
        """Return requests by id, optionally those asked by or of some participations."""
        ...

    async def between(
        self, docking_event_id: UUID, mine: UUID, others: Collection[UUID]
    ) -> Sequence[MeetingRequest]:
        """Return the requests between one participation and others, oldest first."""
        ...

    async def overdue(self, at: datetime, limit: int) -> Sequence[MeetingRequest]:
        """Return waiting requests whose time is over."""
        ...


class Meetings(Protocol):
    """Meetings, inside one transaction."""

    async def get(self, id: UUID) -> Stored[Meeting]:
        """Return a meeting; raises NotFound."""
        ...

    async def save(self, meetings: Sequence[Meeting]) -> Sequence[Meeting]:
        """Store changed meetings at once, and put what happened in the outbox.

        Raises:
            DoubleBooked: A person, table or interpreter is taken, in any docking event.
            Conflict: Someone saved one of them since it was read.
        """
        ...

    async def find(
        self,
        docking_event_id: UUID,
        *,
        parties: Collection[UUID] | None = None,
        interpreter_id: UUID | None = None,
        states: Collection[str] = (),
        venue_id: UUID | None = None,
        begin: datetime | None = None,
        end: datetime | None = None,
        after: tuple[datetime, UUID] | None = None,
        limit: int | None = None,
    ) -> Sequence[Stored[Meeting]]:
        """Return meetings by start."""
        ...

    async def busy(
        self, kind: str, subjects: Collection[UUID], except_docking_event_id: UUID
    ) -> Mapping[UUID, Sequence[Span]]:
        """Return when persons, tables or interpreters are booked by other docking events."""
        ...

    async def version_of(self, docking_event_id: UUID) -> int:
        """Return a number that grows with each change of any meeting of a docking event."""
        ...


class Projects(Protocol):
    """Cooperation projects, inside one transaction."""

    async def get(self, id: UUID) -> CooperationProject:
        """Return a project; raises NotFound."""
        ...

    async def save(self, project: CooperationProject) -> CooperationProject:
        """Store a project, put what happened to it in the outbox, and return it as stored.

        Raises:
            Conflict: Someone saved the same project since it was read.
        """
        ...

    async def find(
        self,
        *,
        docking_event_id: UUID | None = None,
        organizations: Collection[UUID] | None = None,
        after: UUID | None = None,
        limit: int | None = None,
    ) -> Sequence[CooperationProject]:
        """Return projects by id."""
        ...


class Transaction(Protocol):
    """One transaction and what can be reached in it."""

    @property
    def projections(self) -> Projections: ...  # noqa: D102 - named by its type

    @property
    def lookups(self) -> Lookups: ...  # noqa: D102 - as above

    @property
    def lists(self) -> Lists: ...  # noqa: D102 - as above

    @property
    def standings(self) -> Standings: ...  # noqa: D102 - as above

    @property
    def requests(self) -> Requests: ...  # noqa: D102 - as above

    @property
    def meetings(self) -> Meetings: ...  # noqa: D102 - as above

    @property
    def projects(self) -> Projects: ...  # noqa: D102 - as above

    @property
    def timetables(self) -> Timetables: ...  # noqa: D102 - as above

    @property
    def calendars(self) -> Calendars: ...  # noqa: D102 - as above

    @property
    def weighings(self) -> Weighings: ...  # noqa: D102 - as above

    @property
    def tasks(self) -> Tasks: ...  # noqa: D102 - as above

    @property
    def proposals(self) -> Proposals: ...  # noqa: D102 - as above


class Begin(Protocol):
    """Opens a transaction that commits when the block ends well, else rolls back."""

    def __call__(self) -> AbstractAsyncContextManager[Transaction]:
        """Open it."""
        ...
