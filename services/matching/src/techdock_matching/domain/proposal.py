"""A proposed meeting: the organizer's plan names two sides, and both are asked.

Only when both say yes there is a meeting request. Who said no, or nothing, is told to nobody.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from techdock_shared.errors import Invalid

from techdock_matching.domain import states
from techdock_matching.domain.states import WrongState


class ProposalState(StrEnum):
    """Where a proposal stands."""

    DRAFTED = "drafted"
    PROPOSED = "proposed"
    ACCEPTED_BY_LOW = "accepted_by_low"
    ACCEPTED_BY_HIGH = "accepted_by_high"
    AGREED = "agreed"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


_S = ProposalState
WAITING = frozenset({_S.PROPOSED, _S.ACCEPTED_BY_LOW, _S.ACCEPTED_BY_HIGH})
"""In these somebody's answer is missing."""

_ENDS = frozenset({_S.AGREED, _S.DECLINED, _S.EXPIRED, _S.WITHDRAWN})
_ARROWS = {
    _S.DRAFTED: frozenset({_S.PROPOSED}),
    _S.PROPOSED: frozenset(
        {_S.ACCEPTED_BY_LOW, _S.ACCEPTED_BY_HIGH, _S.DECLINED, _S.EXPIRED, _S.WITHDRAWN}
    ),
    _S.ACCEPTED_BY_LOW: _ENDS,
    _S.ACCEPTED_BY_HIGH: _ENDS,
}


class Outcome(StrEnum):
    """What everybody may know of a proposal."""

    DRAFTED = "drafted"
    WAITING = "waiting"
    AGREED = "agreed"
    NOT_AGREED = "not_agreed"


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two participations that should meet, in the order of their ids.

    Attributes:
        score: Of the profiles that fit best, in thousandths; not for readers.
        expires_at: Until when both may answer; none: not sent yet.
        declined_by: For that side only.
        version: Times saved; lets two writers notice each other.
    """

    id: UUID
    tenant_id: UUID
    docking_event_id: UUID
    low_id: UUID
    high_id: UUID
    low_profile_id: UUID
    high_profile_id: UUID
    score: int
    state: ProposalState = ProposalState.DRAFTED
    expires_at: datetime | None = None
    declined_by: UUID | None = None
    version: int = 0

    def __post_init__(self) -> None:
        if self.low_id >= self.high_id:
            raise Invalid("a proposal names two participations, the smaller id first")

    @property
    def outcome(self) -> Outcome:
        """What everybody may know."""
        if self.state is _S.DRAFTED:
            return Outcome.DRAFTED
        if self.state in WAITING:
            return Outcome.WAITING
        return Outcome.AGREED if self.state is _S.AGREED else Outcome.NOT_AGREED

    @property
    def first(self) -> UUID | None:
        """The side that said yes while the other has not answered."""
        return {_S.ACCEPTED_BY_LOW: self.low_id, _S.ACCEPTED_BY_HIGH: self.high_id}.get(self.state)

    def other(self, side: UUID) -> UUID:
        """Return the side across."""
        return self.high_id if side == self.low_id else self.low_id

    def profile_of(self, side: UUID) -> UUID:
        """Return the profile with which a side fits."""
        return self.low_profile_id if side == self.low_id else self.high_profile_id

    def answer_of(self, side: UUID) -> bool | None:
        """Return what a side said, for itself only; none: nothing, or it no longer counts."""
        if self.declined_by == side:
            return False
        return True if self.state is _S.AGREED or self.first == side else None

    def version_for(self, side: UUID) -> int:
        """Return a version that changes only with what a side may know.

        The true one would tell it when the other has answered.
        """
        if self.state in _ENDS:
            return 3
        return 2 if self.first == side else 1

    def at(self, now: datetime) -> Self:
        """Return the proposal as it stands at a moment: nobody writes down that time is over."""
        over = self.expires_at is not None and now >= self.expires_at
        return replace(self, state=_S.EXPIRED) if over and self.state in WAITING else self

    def send(self, expires_at: datetime) -> Self:
        """Ask both sides.

        Raises:
            WrongState: They were asked already.
        """
        return replace(self, state=self._step(_S.PROPOSED), expires_at=expires_at)

    def accept(self, by: UUID, at: datetime) -> Self:
        """Say yes for a side; with the second yes it is agreed.

        Raises:
            WrongState: It is over, or this side has said yes already.
        """
        now = self.at(at)
        if now.first == by:
            raise WrongState(f"proposal {self.id} has this side's yes")
        if now.first is not None:
            return replace(now, state=now._step(_S.AGREED))  # noqa: SLF001 - own class
        to = _S.ACCEPTED_BY_LOW if by == self.low_id else _S.ACCEPTED_BY_HIGH
        return replace(now, state=now._step(to))  # noqa: SLF001 - own class

    def decline(self, by: UUID, at: datetime) -> Self:
        """Say no for a side, also after an early yes.

        Raises:
            WrongState: It is over.
        """
        now = self.at(at)
        return replace(now, state=now._step(_S.DECLINED), declined_by=by)  # noqa: SLF001 - own class

    def withdraw(self) -> Self:
        """Take it back: the organizer does, or one side left, or they meet anyway.

        Raises:
            WrongState: It was not sent, or is over.
        """
        return replace(self, state=self._step(_S.WITHDRAWN))

    def _step(self, to: ProposalState) -> ProposalState:
        return states.step(f"proposal {self.id}", self.state, to, _ARROWS)
