"""What a ranking says: matches, with reasons for both sides. Data; the reader's page words it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

Param: TypeAlias = str | int | bool | tuple[str, ...] | tuple[int, ...] | None


class Strength(StrEnum):
    """How well two profiles fit, in three steps; never a percentage."""

    STRONG = "strong"
    GOOD = "good"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A counterpart and how well it fits.

    Attributes:
        score: Thousandths of a standard deviation, both sides together; the same seen from either
            side. Comparable between lists of one version of the statistics. Not for readers.
    """

    profile_id: UUID
    score: int


@dataclass(frozen=True, slots=True)
class Match:
    """A place in a list.

    Attributes:
        profile_id: Whose list it is.
        counterpart_id: Who stands there.
        rank: Place in this list, from 1.
        rank_there: Place of this profile in the counterpart's list; none: beyond its end.
    """

    profile_id: UUID
    counterpart_id: UUID
    score: int
    strength: Strength
    rank: int
    rank_there: int | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for or against a match.

    Attributes:
        code: What it is about, such as `trl`; `ranking/reasons.py` lists them with their params.
        fits: True: speaks for it; false: against it; none: not stated on one side.
        params: Values for the sentence that the reader's page makes of it.
        weight: Thousandths of the score, may be negative; sorts reasons.
    """

    code: str
    fits: bool | None
    params: Mapping[str, Param]
    weight: int


@dataclass(frozen=True, slots=True)
class Quote:
    """Two sentences that say the same, at most 200 characters each.

    Attributes:
        language: BCP 47 tag of mine, and of theirs unless that is in another one.
        terms: The shared words, as they stand in `mine`.
        language_there: BCP 47 tag of theirs, where it is another one.
        terms_there: The same in `theirs` then.
    """

    language: str
    mine: str
    theirs: str
    terms: tuple[str, ...]
    language_there: str | None = None
    terms_there: tuple[str, ...] = ()

    def turned(self) -> "Quote":
        """Return the same as the other side reads it."""
        if self.language_there is None:
            return replace(self, mine=self.theirs, theirs=self.mine)
        return Quote(
            self.language_there, self.theirs, self.mine, self.terms_there, self.language, self.terms
        )


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why two profiles are matched, for both readers.

    Attributes:
        reasons: What the counterpart has for the owner of the list, weightiest first.
        reasons_there: What the owner of the list has for the counterpart.
    """

    reasons: tuple[Reason, ...]
    reasons_there: tuple[Reason, ...]
    quotes: tuple[Quote, ...]
