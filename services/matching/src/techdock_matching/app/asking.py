"""Questions that need the ranker's index, answered at once.

The index lives in the process that ranks. The server of matching asks it through `Asking`; while
the ranker is away, or still reads the database, the answer is `RankerStarting`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from techdock_shared.errors import Unavailable
from typing_extensions import override

from techdock_matching.domain.ranking.match import Explanation, Quote, Strength


class RankerStarting(Unavailable):
    """The process that ranks does not answer yet; ask again in a moment."""

    code = "ranker_starting"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for in the catalogue.

    Attributes:
        text: Words in any language; those in quotes must stand side by side.
        reach: Docking events whose profiles the caller may read.
        filters: Values by facet; within a facet one of them is enough.
        typing: Whether the last word may be the beginning of one.
        language: BCP 47 tag of the reader, who is shown sentences in it where there are any.
        offset: So many of the best are left out: they stand on earlier pages.
    """

    text: str
    reach: frozenset[UUID]
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    typing: bool = False
    language: str = "en"
    offset: int = 0
    limit: int = 20


@dataclass(frozen=True, slots=True)
class Snippet:
    """The sentence in which sought words stand.

    Attributes:
        field: Of the profile.
        language: BCP 47 tag.
        marks: Where each word begins and ends in `text`.
    """

    field: str
    language: str
    text: str
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A profile that was found; best first, ties by id."""

    profile_id: UUID
    score: int
    snippet: Snippet | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found.

    Attributes:
        total: Profiles found, on all pages.
        facets: How many profiles each value has, with the filters of the other facets.
        loose: Nothing has all the words; these have some of them.
        instead: The query with words that are known, where some were not.
        concepts: Concepts of the glossary that the query names.
    """

    hits: tuple[Hit, ...]
    total: int
    facets: Mapping[str, Mapping[str, int]]
    loose: bool = False
    instead: str | None = None
    concepts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A profile that is not published.

    Attributes:
        texts: By field, then by language.
        reach: Docking events whose profiles the caller may read.
        exclude: A profile that does not count: the published revision of the draft itself.
    """

    kind: str
    texts: Mapping[str, Mapping[str, str]]
    reach: frozenset[UUID]
    exclude: UUID | None = None


@dataclass(frozen=True, slots=True)
class Alike:
    """A published profile that says the same as another text, or nearly.

    Attributes:
        likeness: same, or close.
    """

    profile_id: UUID
    likeness: str
    score: int
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Counterpart:
    """A profile of the other side, with the reasons of both."""

    profile_id: UUID
    score: int
    strength: Strength
    explanation: Explanation


class Asking(Protocol):
    """Answers from the ranker's index.

    Every call raises `RankerStarting` when there is no answer now.
    """

    async def find(self, wanted: Wanted) -> Found:
        """Search the catalogue."""
        ...

    async def like(
        self, profile_id: UUID, kind: str, reach: frozenset[UUID], limit: int
    ) -> tuple[Hit, ...]:
        """Return profiles of a kind that are about the same as a published one."""
        ...

    async def same(self, draft: Draft, limit: int) -> tuple[Alike, ...]:
        """Return published profiles of the draft's kind that say the same; likest first."""
        ...

    async def rank(
        self,
        profile_id: UUID,
        docking_event_id: UUID | None,
        limit: int,
        without: frozenset[UUID] = frozenset(),
    ) -> tuple[Counterpart, ...]:
        """Return the counterparts of a published profile, best first, with reasons.

        Args:
            docking_event_id: Both must be entered in it; None: in any.
            without: Docking events whose entries do not count, to find who is not there yet.
        """
        ...


class NobodyAsked(Asking):
    """Where no ranker is within reach."""

    @override
    async def find(self, wanted: Wanted) -> Found:
        raise _away()

    @override
    async def like(
        self, profile_id: UUID, kind: str, reach: frozenset[UUID], limit: int
    ) -> tuple[Hit, ...]:
        raise _away()

    @override
    async def same(self, draft: Draft, limit: int) -> tuple[Alike, ...]:
        raise _away()

    @override
    async def rank(
        self,
        profile_id: UUID,
        docking_event_id: UUID | None,
        limit: int,
        without: frozenset[UUID] = frozenset(),
    ) -> tuple[Counterpart, ...]:
        raise _away()


def _away() -> RankerStarting:
    # A new one each time: an error that is raised again keeps the frames of all its raisers.
    return RankerStarting("the ranker is not there yet; ask again in a moment")
