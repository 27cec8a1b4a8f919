"""The meeting request: one side asks, the other answers, the timetable gives a place or a reason.

A request that waits for its answer holds no slot.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from techdock_shared.errors import Conflict, Forbidden, Invalid

from techdock_matching.domain import states
from techdock_matching.domain.happenings import (
    Accepted,
    Countered,
    Declined,
    Requested,
    RequestExpired,
    RequestHappening,
    RequestWithdrawn,
    Unplaced,
)
from techdock_matching.domain.spans import local_date

MOST_MESSAGE_CHARACTERS = 1000
MOST_REASON_CHARACTERS = 1000
MOST_SLOTS = 8
MOST_PERSONS = 20


class RequestState(StrEnum):
    """Where a request stands."""

    SENT = "sent"
    COUNTERED = "countered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    PLACED = "placed"
    UNPLACED = "unplaced"
    CANCELLED = "cancelled"


_S = RequestState
OPEN_STATES = frozenset({_S.SENT, _S.COUNTERED, _S.ACCEPTED, _S.PLACED, _S.UNPLACED})
"""While a request is in one of these, no other may join the same two persons (domain.md)."""

WAITING_STATES = frozenset({_S.SENT, _S.COUNTERED})

_ARROWS = {
    _S.SENT: frozenset({_S.ACCEPTED, _S.DECLINED, _S.COUNTERED, _S.WITHDRAWN, _S.EXPIRED}),
    _S.COUNTERED: frozenset({_S.ACCEPTED, _S.DECLINED, _S.WITHDRAWN, _S.EXPIRED}),
    _S.ACCEPTED: frozenset({_S.PLACED, _S.UNPLACED, _S.CANCELLED}),
    # A later timetable, a freed slot or a cancelled meeting changes what has been settled.
    _S.PLACED: frozenset({_S.PLACED, _S.UNPLACED, _S.CANCELLED}),
    _S.UNPLACED: frozenset({_S.PLACED, _S.UNPLACED, _S.CANCELLED}),
}


class AlreadyRequested(Conflict):
    """Two of the persons have an open request in this docking event."""

    code = "already_requested"


class NotYourTurn(Forbidden):
    """The answer is the other side's to give."""

    code = "not_your_turn"


@dataclass(frozen=True, slots=True)
class Message:
    """What the asking side writes to the other.

    Attributes:
        language: BCP 47 tag.
    """

    language: str
    text: str

    def __post_init__(self) -> None:
        if len(self.text) > MOST_MESSAGE_CHARACTERS:
            raise Invalid(
                f"a message has at most {MOST_MESSAGE_CHARACTERS} characters, not {len(self.text)}"
            )


@dataclass(frozen=True, slots=True)
class MeetingRequest:
    """A wish of one participation to meet another. Never invalid: every path runs the checks.

    Attributes:
        zone: IANA zone of the docking event, in which `occurred_on` is counted.
        asking_id: The participation that asks.
        asked_id: The participation that is asked.
        asking_persons: Counting ids of those who would sit in for the asking side, 1 or more.
        asked_persons: The same for the asked side.
        slots: Wished length, 1 to `MOST_SLOTS`.
        answer_reason: What was said with a refusal; for the two sides only, never in an event.
        unplaced_reason: Code, while the request is unplaced.
        proposal_id: The proposal to which both sides said yes; none: one asked the other.
        version: Times saved; lets two writers notice each other.
        happened: What this change caused; saved and published with it.
    """

    id: UUID
    tenant_id: UUID
    docking_event_id: UUID
    zone: str
    asking_id: UUID
    asked_id: UUID
    asking_persons: tuple[UUID, ...]
    asked_persons: tuple[UUID, ...]
    sent_at: datetime
    expires_at: datetime
    asking_profile_id: UUID | None = None
    asked_profile_id: UUID | None = None
    message: Message | None = None
    slots: int = 1
    state: RequestState = RequestState.SENT
    answered_at: datetime | None = None
    answer_reason: str | None = None
    unplaced_reason: str | None = None
    proposal_id: UUID | None = None
    version: int = 0
    happened: tuple[RequestHappening, ...] = ()

    def __post_init__(self) -> None:
        if self.asking_id == self.asked_id:
            raise Invalid("a participation cannot ask itself for a meeting")
        for persons in (self.asking_persons, self.asked_persons):
            if not 1 <= len(persons) <= MOST_PERSONS or len(set(persons)) != len(persons):
                raise Invalid(f"each side sends 1 to {MOST_PERSONS} persons, each of them once")
        if set(self.asking_persons) & set(self.asked_persons):
            raise Invalid("a person can sit on one side of a meeting only")
        if not 1 <= self.slots <= MOST_SLOTS:
            raise Invalid(f"a meeting takes 1 to {MOST_SLOTS} slots, not {self.slots}")
        if self.expires_at <= self.sent_at:
            raise Invalid("a request must expire after it was sent")
        if self.answer_reason is not None and len(self.answer_reason) > MOST_REASON_CHARACTERS:
            raise Invalid(f"a reason has at most {MOST_REASON_CHARACTERS} characters")

    @classmethod
    def send(
        cls,
        id: UUID,
        *,
        tenant_id: UUID,
        docking_event_id: UUID,
        zone: str,
        asking_id: UUID,
        asked_id: UUID,
        asking_persons: tuple[UUID, ...],
        asked_persons: tuple[UUID, ...],
        at: datetime,
        expires_at: datetime,
        asking_profile_id: UUID | None = None,
        asked_profile_id: UUID | None = None,
        message: Message | None = None,
        slots: int = 1,
    ) -> Self:
        """Ask for a meeting."""
        requested = Requested(
            id, asking_persons, asked_persons, slots, expires_at, local_date(at, zone)
        )
        return cls(
            id,
            tenant_id,
            docking_event_id,
            zone,
            asking_id,
            asked_id,
            asking_persons,
            asked_persons,
            at,
            expires_at,
            asking_profile_id,
            asked_profile_id,
            message,
            slots,
            happened=(requested,),
        )

    @classmethod
    def agree(cls, proposal_id: UUID, **facts: Any) -> Self:
        """Return the accepted request of two sides that said yes to a proposal; args as `send`."""
        sent = replace(cls.send(**facts), proposal_id=proposal_id)
        return sent.accept(sent.asked_id, sent.sent_at)

    @property
    def persons(self) -> tuple[UUID, ...]:
        """Everybody who would sit in, the asking side first."""
        return (*self.asking_persons, *self.asked_persons)

    @property
    def pairs(self) -> tuple[tuple[UUID, UUID], ...]:
        """Each pair of a person of one side and one of the other, the smaller id first."""
        return tuple(
            sorted((min(a, b), max(a, b)) for a in self.asking_persons for b in self.asked_persons)
        )

    @property
    def waits_for(self) -> UUID | None:
        """The participation whose turn it is to answer; none when nobody's."""
        return {RequestState.SENT: self.asked_id, RequestState.COUNTERED: self.asking_id}.get(
            self.state
        )

    @property
    def is_open(self) -> bool:
        """Whether it keeps its persons from another request among them."""
        return self.state in OPEN_STATES

    def accept(self, by: UUID, at: datetime) -> Self:
        """Say yes, as the participation whose turn it is.

        Raises:
            WrongState: It waits for no answer, or waited too long.
            NotYourTurn: The other side is to answer.
        """
        accepted = Accepted(self.id, self._on(at))
        return self._answer(RequestState.ACCEPTED, by, at, accepted)

    def decline(self, by: UUID, at: datetime, reason: str | None = None) -> Self:
        """Say no, as the participation whose turn it is.

        Raises:
            WrongState: It waits for no answer, or waited too long.
            NotYourTurn: The other side is to answer.
        """
        declined = Declined(self.id, self._on(at))
        return replace(self._answer(RequestState.DECLINED, by, at, declined), answer_reason=reason)

    def counter(
        self,
        by: UUID,
        at: datetime,
        *,
        asking_persons: tuple[UUID, ...] | None = None,
        asked_persons: tuple[UUID, ...] | None = None,
        slots: int | None = None,
        message: Message | None = None,
    ) -> Self:
        """Propose other persons or another length; then the asking side is to answer.

        Raises:
            WrongState: It does not wait for the asked side, or waited too long.
            NotYourTurn: `by` is not the asked side.
        """
        changed = replace(
            self,
            asking_persons=asking_persons or self.asking_persons,
            asked_persons=asked_persons or self.asked_persons,
            slots=self.slots if slots is None else slots,
            message=message or self.message,
        )
        countered = Countered(
            self.id, changed.asking_persons, changed.asked_persons, changed.slots, self._on(at)
        )
        return changed._answer(RequestState.COUNTERED, by, at, countered)  # noqa: SLF001 - own class

    def withdraw(self, by: UUID, at: datetime) -> Self:
        """Take the request back, as the side that asked.

        Raises:
            WrongState: It is answered already.
            NotYourTurn: `by` did not ask.
        """
        state = self._step(RequestState.WITHDRAWN)
        if by != self.asking_id:
            raise NotYourTurn(f"request {self.id} is withdrawn by the side that asked")
        withdrawn = RequestWithdrawn(self.id, self._on(at))
        return self._become(state, withdrawn)

    def expire(self, at: datetime) -> Self:
        """End a request that nobody answered in time.

        Raises:
            WrongState: It is answered, or its time is not over.
        """
        state = self._step(RequestState.EXPIRED)
        if at < self.expires_at:
            raise states.WrongState(f"request {self.id} may be answered until {self.expires_at}")
        return self._become(state, RequestExpired(self.id, self._on(at)))

    def place(self) -> Self:
        """Note that a meeting was booked for it; the meeting tells so itself.

        Raises:
            WrongState: It is not accepted.
        """
        return replace(self, state=self._step(RequestState.PLACED), unplaced_reason=None)

    def unplace(self, timetable_version: int, reason: str) -> Self:
        """Note that the published timetable has no place for it, and the code of the reason.

        Raises:
            WrongState: It is not accepted.
        """
        state = self._step(RequestState.UNPLACED)
        unplaced = Unplaced(self.id, timetable_version, reason)
        return replace(self._become(state, unplaced), unplaced_reason=reason)

    def cancel(self) -> Self:
        """Give up an accepted request; if a meeting was booked for it, that tells so itself.

        Raises:
            WrongState: It is not accepted.
        """
        return replace(self, state=self._step(RequestState.CANCELLED), unplaced_reason=None)

    def _answer(
        self, to: RequestState, by: UUID, at: datetime, happening: RequestHappening
    ) -> Self:
        state = self._step(to)
        if by != self.waits_for:
            raise NotYourTurn(f"request {self.id} waits for the answer of the other side")
        if at >= self.expires_at:
            raise states.WrongState(f"request {self.id} could be answered until {self.expires_at}")
        return replace(self._become(state, happening), answered_at=at)

    def _become(self, state: RequestState, happening: RequestHappening) -> Self:
        return replace(self, state=state, happened=(*self.happened, happening))

    def _step(self, to: RequestState) -> RequestState:
        return states.step(f"request {self.id}", self.state, to, _ARROWS)

    def _on(self, at: datetime) -> date:
        return local_date(at, self.zone)
