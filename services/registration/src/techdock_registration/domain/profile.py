"""A profile: a technology need or a technology offer of an organization."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Self
from uuid import UUID

from techdock_shared.errors import Conflict

from techdock_registration.domain.participation import Belonging
from techdock_registration.domain.profile_content import NEED, OFFER, Content
from techdock_registration.domain.rules import Findings
from techdock_registration.domain.states import only, step

USUAL_VALIDITY = timedelta(days=365)


class Incomplete(Conflict):
    """Something is missing before the profile can go on."""

    code = "incomplete"


class ProfileState(StrEnum):
    """Where a profile stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


S = ProfileState
ARROWS = {
    S.DRAFT: frozenset({S.SUBMITTED, S.WITHDRAWN}),
    S.SUBMITTED: frozenset({S.PUBLISHED, S.WITHDRAWN}),
    S.PUBLISHED: frozenset({S.WITHDRAWN, S.EXPIRED}),
}
LIVE = (S.DRAFT, S.SUBMITTED, S.PUBLISHED)


@dataclass(frozen=True, slots=True)
class Published:
    """Others may read it from now on."""

    of: Belonging
    at: datetime


@dataclass(frozen=True, slots=True)
class Revised:
    """A published one says something else."""

    of: Belonging
    at: datetime


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Its organization took a published one back."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Expired:
    """A published one was not renewed in time."""

    at: datetime


Happening = Published | Revised | Withdrawn | Expired


@dataclass(frozen=True, slots=True)
class Profile:
    """A need or an offer.

    Attributes:
        kind: need or offer.
        revision: Counts what others were told of it, from 1; 0 before publication.
    """

    id: UUID
    organization_id: UUID
    kind: str
    content: Content
    created_at: datetime
    state: ProfileState = ProfileState.DRAFT
    revision: int = 0
    version: int = 0
    happened: tuple[Happening, ...] = ()

    def __post_init__(self) -> None:
        found = Findings()
        found.expect(self.kind in (NEED, OFFER), "kind", "need or offer", self.kind)
        content = self.content
        if self.kind == NEED:
            found.expect(content.trl is None, "trl", "none; a need seeks trl_least..", content.trl)
        else:
            found.expect(
                content.trl_least is None and content.trl_most is None,
                "trl_least",
                "none; an offer has trl",
                content.trl_least or content.trl_most,
            )
        found.settle("profile")

    def describe(self, content: Content, of: Belonging, at: datetime) -> Self:
        """Change what it says; for a published one this is a new revision."""
        only("the profile", self.state, *LIVE)
        if content == self.content:
            return self
        after = replace(self, content=content)
        if self.state is not S.PUBLISHED:
            return after
        after._insist_complete(at)  # noqa: SLF001 - its own
        return replace(
            after, revision=self.revision + 1, happened=(*self.happened, Revised(of, at))
        )

    def move(self, to: ProfileState, of: Belonging, at: datetime) -> Self:
        """Go on to another state.

        Raises:
            WrongState: No arrow leads there.
            Incomplete: A text, a docking event or time is missing.
        """
        state = step("the profile", self.state, to, ARROWS)
        if to in (S.SUBMITTED, S.PUBLISHED):
            self._insist_complete(at)
        after = replace(self, state=state)
        if to is S.PUBLISHED:
            return replace(
                after, revision=self.revision + 1, happened=(*self.happened, Published(of, at))
            )
        if self.state is S.PUBLISHED:
            end = Expired(at) if to is S.EXPIRED else Withdrawn(at)
            return replace(after, happened=(*self.happened, end))
        return after

    def publish_at_once(self, of: Belonging, at: datetime) -> Self:
        """Walk from wherever it stands to published; a published one stays as it is.

        Raises:
            Incomplete: A text, a docking event or time is missing.
        """
        after = self
        if after.state is S.DRAFT:
            after = after.move(S.SUBMITTED, of, at)
        return after.move(S.PUBLISHED, of, at) if after.state is S.SUBMITTED else after

    def is_over(self, today: date) -> bool:
        """Whether its validity has passed."""
        return self.content.valid_until < today

    def _insist_complete(self, at: datetime) -> None:
        content = self.content
        missing = []
        if not any(content.texts.get(f) for f in ("summary", "description")):
            missing.append("a summary or a description")
        if not content.docking_events:
            missing.append("a docking event")
        if self.is_over(at.date()):
            missing.append("a valid_until that has not passed")
        if missing:
            raise Incomplete(f"the profile still needs {' and '.join(missing)}")
