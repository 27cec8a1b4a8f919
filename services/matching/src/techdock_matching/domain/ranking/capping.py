"""No offer drowns the others: an upper limit to how often each is shown, and a floor of twice.

Nor does one organization, or one offer told many times over, fill anybody's first ten places.
"""

from array import array
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Generic, TypeVar
from uuid import UUID

import numpy as np
import numpy.typing as npt

from techdock_matching.domain.ranking.match import Candidate
from techdock_matching.domain.ranking.quality import SHOWN

Key = TypeVar("Key", bound=Hashable)

Scored = Mapping[Key, Sequence[tuple[Key, int]]]
"""Lists: counterparts with their scores, best first."""

_LEAST_CAP = 5
_FAIR_SHARES = 2
_FLOOR = 2
_MORE = 2
_AT_ONCE = 100_000


def usual_cap(owners: int, counterparts: int) -> int:
    """Return how often a counterpart is shown at most: twice its fair share, and at least 5."""
    fair = SHOWN * owners / max(1, counterparts)
    return max(_LEAST_CAP, ceil(_FAIR_SHARES * fair))


def capped(lists: Scored[Key], cap: int) -> dict[Key, list[Key]]:
    """Return whole lists with their first ten places given out by `first_places`."""
    first = first_places(lists.items(), cap)
    return {
        one: [*first[one], *(other for other, _ in places if other not in first[one])]
        for one, places in lists.items()
    }


@dataclass(frozen=True, slots=True)
class Kin(Generic[Key]):
    """Who belongs together, so that not all of them stand among somebody's first ten.

    Attributes:
        families: In several ways; whoever is missing in one has no kin there.
        most: Of one family among the first ten, while there are others.
    """

    families: Sequence[Mapping[Key, Hashable]]
    most: int

    def fills(self) -> bool:
        """Whether any family has more members than may stand among the first ten."""
        counts = (Counter(family.values()) for family in self.families)
        return any(max(count.values(), default=0) > self.most for count in counts)


def first_places(
    lists: Iterable[tuple[Key, Iterable[tuple[Key, int]]]],
    cap: int | None,
    kin: Kin[Key] | None = None,
) -> dict[Key, list[Key]]:
    """Give the first ten places of lists out so that all are shown; return who has them.

    The best pairs of all lists have their place first, until a counterpart has stood `cap` times
    among somebody's first ten; whoever finds no place there keeps the next ones, in order. Then
    each counterpart that stands nowhere takes the last place where it scores best, from one that
    is shown elsewhere too, and each that stands there once takes a last but one.

    Args:
        lists: Counterparts with their scores, best first; longer than ten, or nothing can be given
            away. Gone through once, so that they need not all be in memory.
        cap: How often a counterpart is shown at most; none: as often as it comes.
        kin: Counterparts that belong together; a list that has nobody else left shows them all.
    """
    numbers: dict[Key, int] = {}
    owners: list[Key] = []
    owning, listed, scored = array("i"), array("i"), array("q")
    for at, (owner, places) in enumerate(lists):
        owners.append(owner)
        for other, score in places:
            owning.append(at)
            listed.append(numbers.setdefault(other, len(numbers)))
            scored.append(score)
    if not scored:
        return {owner: [] for owner in owners}
    # Stable: pairs of one score in the order of owners, and of places.
    best = np.argsort(-np.frombuffer(scored, np.int64), kind="stable")
    by_owner, by_other = (np.frombuffer(each, np.int32)[best] for each in (owning, listed))
    others = list(numbers)
    families = _Families(others, kin)
    first = _given(by_owner, by_other, (len(owners), len(numbers)), cap, families)
    return {
        owner: [others[number] for number in places]
        for owner, places in zip(owners, first, strict=True)
    }


def varied(places: Sequence[Candidate], kin: Kin[UUID]) -> list[Candidate]:
    """Return one list in which no family fills the first ten places.

    Whoever stood there before in the order of scores scores less than the place it follows now.
    """
    own = UUID(int=0)
    scored = ((one.profile_id, one.score) for one in places)
    return evened(places, first_places([(own, scored)], None, kin)[own])


def evened(places: Sequence[Candidate], first: Sequence[UUID]) -> list[Candidate]:
    """Return a list with those first who were given its first places, in the order of scores.

    Who gave way to others scores less than the place after which it stands now.
    """
    scores = {candidate.profile_id: candidate.score for candidate in places}
    found: list[Candidate] = []
    least = max(scores.values(), default=0)
    for other in (*first, *(one for one in scores if one not in first)):
        # One less, so that equal scores stay in the order of ids.
        least = scores[other] if scores[other] <= least else least - 1
        found.append(Candidate(other, least))
    return found


class _Families:
    """How many of each family stand among the first ten of each owner."""

    def __init__(self, others: Sequence[Key], kin: Kin[Key] | None) -> None:
        self._most = SHOWN if kin is None else kin.most
        self._of: list[tuple[int, ...]] = [()] * len(others)
        self._count: dict[tuple[int, int], int] = {}
        names: dict[tuple[int, Hashable], list[int]] = {}
        for way, family in enumerate(() if kin is None else kin.families):
            for number, other in enumerate(others):
                if other in family:
                    names.setdefault((way, family[other]), []).append(number)
        # A family that cannot exceed the limit needs no watching.
        for name, members in enumerate(names.values()):
            if len(members) > self._most:
                for number in members:
                    self._of[number] = (*self._of[number], name)

    def room(self, owner: int, other: int, instead: int | None = None) -> bool:
        """Whether one more may stand there, perhaps instead of another."""
        goes = () if instead is None else self._of[instead]
        return all(
            self._count.get((owner, family), 0) - (family in goes) < self._most
            for family in self._of[other]
        )

    def count(self, owner: int, other: int, by: int) -> None:
        """Note that one more stands there, or one less."""
        for family in self._of[other]:
            self._count[owner, family] = self._count.get((owner, family), 0) + by


def _given(
    owner: npt.NDArray[np.int32],
    other: npt.NDArray[np.int32],
    sizes: tuple[int, int],
    cap: int | None,
    families: _Families,
) -> list[list[int]]:
    """Return who stands among the first ten of each owner; pairs come best first."""
    first: list[list[int]] = [[] for _ in range(sizes[0])]
    times = [0] * sizes[1]
    most = sizes[0] if cap is None else cap
    for one, another in _pairs(owner, other):
        if len(first[one]) < SHOWN and times[another] < most and families.room(one, another):
            first[one].append(another)
            times[another] += 1
            families.count(one, another, 1)
    if cap is not None:
        for least in range(_FLOOR):
            _lift(first, times, _pairs(owner, other), least, families)
    return first


def _lift(
    first: list[list[int]],
    times: list[int],
    pairs: Iterator[tuple[int, int]],
    least: int,
    families: _Families,
) -> None:
    """Give one more place to each that is shown only so often, from one shown twice more."""
    gave = [False] * len(first)
    place = -1 - least
    for one, another in pairs:
        places = first[one]
        if times[another] != least or gave[one] or len(places) < SHOWN or another in places:
            continue
        left = places[place]
        if times[left] >= least + _MORE and families.room(one, another, left):
            times[left] -= 1
            families.count(one, left, -1)
            places[place] = another
            times[another] += 1
            families.count(one, another, 1)
            gave[one] = True


def _pairs(owner: npt.NDArray[np.int32], other: npt.NDArray[np.int32]) -> Iterator[tuple[int, int]]:
    for start in range(0, len(owner), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        yield from zip(owner[part].tolist(), other[part].tolist(), strict=True)
