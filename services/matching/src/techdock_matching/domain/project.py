"""The cooperation project: what came of a meeting, step by step, confirmed by all its parties."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from techdock_shared.errors import Conflict, Forbidden, Invalid

from techdock_matching.domain import states
from techdock_matching.domain.happenings import (
    ProjectEnded,
    ProjectHappening,
    ProjectOpened,
    StageConfirmed,
    StageDeclared,
    StageDisputed,
)
from techdock_matching.domain.spans import local_date

FEWEST_PARTIES = 2
MOST_REASON_CHARACTERS = 1000
MOST_TECHNOLOGY_FIELD = 35
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Stage(StrEnum):
    """The rungs of the ladder, lowest first; each is dated and confirmed by itself."""

    INTENTION = "intention"
    AGREEMENT = "agreement"
    CONTRACT = "contract"
    LANDED = "landed"
    VERIFIED = "verified"

    @property
    def rank(self) -> int:
        """Height on the ladder, from 0."""
        return list(Stage).index(self)


class EntryState(StrEnum):
    """What the parties together say of a stage."""

    DECLARED = "declared"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"


class Direction(StrEnum):
    """Where the technology flows, seen from the host country of the docking event."""

    OUT = "out"
    IN = "in"
    BOTH = "both"


class AlreadyDeclared(Conflict):
    """The stage is declared and waits for the other parties, or is confirmed."""

    code = "already_declared"


class AlreadyAnswered(Conflict):
    """The party has confirmed or disputed the stage before."""

    code = "already_answered"


class Ended(Conflict):
    """The project is over; what it reached stays reached."""

    code = "project_ended"


class NotAParty(Forbidden):
    """The organization has no say in the project."""

    code = "not_a_party"


@dataclass(frozen=True, slots=True)
class ProjectParty:
    """An organization in a project.

    Attributes:
        group_id: The unit of disclosure protection.
        country: ISO 3166-1 alpha-2.
    """

    organization_id: UUID
    group_id: UUID
    country: str


@dataclass(frozen=True, slots=True)
class Contract:
    """The terms that a stage may carry.

    Attributes:
        kind: Code of cooperation_type.
        amount: In whole units of the currency, 0 or more; none: not told.
        currency: ISO 4217.
    """

    kind: str
    amount: int | None = None
    currency: str | None = None

    def __post_init__(self) -> None:
        if (self.amount is None) != (self.currency is None):
            raise Invalid("an amount needs its currency, and a currency its amount")
        if self.amount is not None and self.amount < 0:
            raise Invalid(f"an amount is 0 or more, not {self.amount}")


@dataclass(frozen=True, slots=True)
class StageEntry:
    """One declaration that a project reached a stage, and what the parties say to it.

    Attributes:
        occurred_on: When it happened, as declared; a local date in `zone`.
        confirmed_by: Organizations that say so too; the one that declared is the first.
        disputed_by: Organizations that say no, with their words.
        evidence: SHA-256 of the file that each organization keeps, in lower-case hex.
    """

    stage: Stage
    occurred_on: date
    zone: str
    declared_by: UUID
    declared_at: datetime
    confirmed_by: tuple[UUID, ...]
    disputed_by: tuple[tuple[UUID, str], ...] = ()
    evidence: tuple[tuple[UUID, str], ...] = ()
    contract: Contract | None = None
    state: EntryState = EntryState.DECLARED

    def __post_init__(self) -> None:
        for _, digest in self.evidence:
            if not _SHA256.fullmatch(digest):
                raise Invalid("evidence is named by its SHA-256: 64 digits of lower-case hex")
        for _, reason in self.disputed_by:
            if len(reason) > MOST_REASON_CHARACTERS:
                raise Invalid(f"a reason has at most {MOST_REASON_CHARACTERS} characters")

    @property
    def answered(self) -> frozenset[UUID]:
        """The organizations that have said yes or no."""
        return frozenset(self.confirmed_by) | {by for by, _ in self.disputed_by}


@dataclass(frozen=True, slots=True)
class CooperationProject:
    """What two or more organizations do together. Never invalid: every path runs the checks.

    Attributes:
        zone: IANA zone in which its dates are counted.
        entries: Every declaration in the order they were made; a disputed one stays, also when
            the stage is declared anew.
        version: Times saved; lets two writers notice each other.
        happened: What this change caused; saved and published with it.
    """

    id: UUID
    tenant_id: UUID
    zone: str
    parties: tuple[ProjectParty, ...]
    docking_event_id: UUID | None = None
    meeting_id: UUID | None = None
    profiles: tuple[UUID, ...] = ()
    technology_field: int | None = None
    direction: Direction = Direction.BOTH
    entries: tuple[StageEntry, ...] = ()
    ended_on: date | None = None
    version: int = 0
    happened: tuple[ProjectHappening, ...] = ()

    def __post_init__(self) -> None:
        who = [party.organization_id for party in self.parties]
        if len(who) < FEWEST_PARTIES or len(set(who)) != len(who):
            raise Invalid("a cooperation project needs two or more different organizations")
        field = self.technology_field
        if field is not None and not 1 <= field <= MOST_TECHNOLOGY_FIELD:
            raise Invalid(f"a technology field is 1 to {MOST_TECHNOLOGY_FIELD}, not {field}")

    @classmethod
    def open(
        cls,
        id: UUID,
        *,
        tenant_id: UUID,
        zone: str,
        parties: tuple[ProjectParty, ...],
        docking_event_id: UUID | None = None,
        meeting_id: UUID | None = None,
        profiles: tuple[UUID, ...] = (),
        technology_field: int | None = None,
        direction: Direction = Direction.BOTH,
    ) -> Self:
        """Begin to follow what the organizations do together."""
        return cls(
            id,
            tenant_id,
            zone,
            parties,
            docking_event_id,
            meeting_id,
            profiles,
            technology_field,
            direction,
            happened=(ProjectOpened(id),),
        )

    @property
    def stage(self) -> Stage | None:
        """The highest confirmed stage; none yet."""
        reached = [e.stage for e in self.entries if e.state is EntryState.CONFIRMED]
        return max(reached, key=lambda stage: stage.rank, default=None)

    def entry(self, stage: Stage) -> StageEntry | None:
        """Return the latest declaration of a stage."""
        return next((e for e in reversed(self.entries) if e.stage is stage), None)

    def declare(
        self,
        stage: Stage,
        occurred_on: date,
        by: UUID,
        at: datetime,
        *,
        evidence_sha256: str | None = None,
        contract: Contract | None = None,
    ) -> Self:
        """Say, as one party, that the project reached a stage.

        A stage may be declared without those below it; a disputed one may be declared anew.

        Raises:
            NotAParty: `by` has no part in the project.
            Ended: The project is over.
            AlreadyDeclared: The stage is confirmed, or waits for the other parties.
            Invalid: The date is in the future or contradicts the stages below and above, or
                verified is claimed before landed is confirmed.
        """
        self._insist_on(by)
        if self.ended_on is not None:
            raise Ended(f"project {self.id} ended on {self.ended_on}")
        latest = self.entry(stage)
        if latest is not None and latest.state is not EntryState.DISPUTED:
            raise AlreadyDeclared(f"{stage} of project {self.id} is {latest.state}")
        self._check_date(stage, occurred_on, at)
        landed = self.entry(Stage.LANDED)
        if stage is Stage.VERIFIED and (landed is None or landed.state is not EntryState.CONFIRMED):
            raise Invalid("a project can be verified once all parties confirmed that it landed")
        declared = StageDeclared(self.id, stage, occurred_on, self.zone, by, evidence_sha256)
        entry = StageEntry(
            stage,
            occurred_on,
            self.zone,
            by,
            at,
            confirmed_by=(by,),
            evidence=() if evidence_sha256 is None else ((by, evidence_sha256),),
            contract=contract,
        )
        return replace(self, entries=(*self.entries, entry), happened=(*self.happened, declared))

    def confirm(self, stage: Stage, by: UUID, *, evidence_sha256: str | None = None) -> Self:
        """Say the same as the party that declared; with the last party the stage is confirmed.

        Raises:
            NotAParty: `by` has no part in the project.
            AlreadyAnswered: `by` has said yes or no before.
            WrongState: The stage is not declared, or is disputed.
        """
        entry = self._to_answer(stage, by)
        states.step(f"{stage} of {self.id}", entry.state, EntryState.CONFIRMED, _ARROWS)
        evidence = () if evidence_sha256 is None else ((by, evidence_sha256),)
        agreed = replace(
            entry,
            confirmed_by=(*entry.confirmed_by, by),
            evidence=(*entry.evidence, *evidence),
        )
        if set(agreed.confirmed_by) < {party.organization_id for party in self.parties}:
            return self._with(entry, agreed)
        confirmed = StageConfirmed(self.id, stage, entry.occurred_on, entry.zone)
        return self._with(entry, replace(agreed, state=EntryState.CONFIRMED), confirmed)

    def dispute(self, stage: Stage, by: UUID, reason: str) -> Self:
        """Say that the project did not reach the stage; this stays visible.

        Raises:
            NotAParty: `by` has no part in the project.
            AlreadyAnswered: `by` has said yes or no before.
            WrongState: The stage is not declared, or is confirmed.
        """
        entry = self._to_answer(stage, by)
        if entry.state is EntryState.CONFIRMED:
            raise states.WrongState(f"{stage} of project {self.id} is confirmed by all")
        disputed = StageDisputed(self.id, stage, entry.occurred_on, entry.zone, by)
        refused = replace(
            entry,
            disputed_by=(*entry.disputed_by, (by, reason)),
            state=EntryState.DISPUTED,
        )
        return self._with(entry, refused, disputed)

    def end(self, by: UUID, at: datetime) -> Self:
        """Note, as one party, that the cooperation is over; what it reached stays reached.

        Raises:
            NotAParty: `by` has no part in the project.
            Ended: It is over already.
        """
        self._insist_on(by)
        if self.ended_on is not None:
            raise Ended(f"project {self.id} ended on {self.ended_on}")
        on = local_date(at, self.zone)
        return replace(self, ended_on=on, happened=(*self.happened, ProjectEnded(self.id, on)))

    def _insist_on(self, by: UUID) -> None:
        if all(party.organization_id != by for party in self.parties):
            raise NotAParty(f"organization {by} is no party of project {self.id}")

    def _to_answer(self, stage: Stage, by: UUID) -> StageEntry:
        self._insist_on(by)
        entry = self.entry(stage)
        if entry is None:
            raise states.WrongState(f"nobody declared {stage} of project {self.id}")
        if by in entry.answered:
            raise AlreadyAnswered(f"organization {by} has answered to {stage} before")
        return entry

    def _check_date(self, stage: Stage, occurred_on: date, at: datetime) -> None:
        if occurred_on > local_date(at, self.zone):
            raise Invalid(f"{stage} cannot have happened on {occurred_on}, which is to come")
        for other in self._standing():
            below = other.stage.rank < stage.rank
            if below and occurred_on < other.occurred_on:
                raise Invalid(f"{stage} cannot come before {other.stage} on {other.occurred_on}")
            if other.stage.rank > stage.rank and occurred_on > other.occurred_on:
                raise Invalid(f"{stage} cannot come after {other.stage} on {other.occurred_on}")

    def _standing(self) -> Iterator[StageEntry]:
        return (entry for entry in self.entries if entry.state is not EntryState.DISPUTED)

    def _with(self, old: StageEntry, new: StageEntry, *happened: ProjectHappening) -> Self:
        entries = tuple(new if entry is old else entry for entry in self.entries)
        return replace(self, entries=entries, happened=(*self.happened, *happened))


_ARROWS = {EntryState.DECLARED: frozenset({EntryState.CONFIRMED, EntryState.DISPUTED})}
