"""What matching needs from outside."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from techdock_matching.domain.ranking.match import Candidate, Explanation
from techdock_matching.domain.ranking.meaning import Meaning
from techdock_matching.domain.ranking.profile import Profile
from techdock_matching.domain.ranking.weights import STANDARD, Weights
from techdock_matching.domain.timetable.costs import Cost
from techdock_matching.domain.timetable.happened import Happened
from techdock_matching.domain.timetable.problem import Problem, Timetable
from techdock_matching.domain.timetable.repair import DEEPEST, Change


@dataclass(frozen=True, slots=True)
class Filter:
    """Which candidates count, beside the constraints that profiles carry themselves.

    Attributes:
        on: The day on which both profiles must be valid.
        docking_event_id: Both must be entered in it; none: in any.
        excluded: Profiles that must not appear: met, declined, dismissed.
    """

    on: date
    docking_event_id: UUID | None = None
    excluded: frozenset[UUID] = frozenset()
    weights: Weights = STANDARD


@dataclass(frozen=True, slots=True)
class IndexStatistics:
    """The state of an index.

    Attributes:
        version: Raised with every refresh; scores of one version can be compared.
        profiles: Profiles that can be found.
        changes: Profiles added, changed or removed since the last refresh.
        languages: Profiles with a text in each language.
    """

    version: int
    profiles: int
    changes: int
    languages: Mapping[str, int]

    @property
    def stale(self) -> bool:
        """Whether the collection has changed by a quarter, so that figures no longer hold."""
        return self.changes * 4 >= max(self.profiles, 1) and self.changes > 0


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a profile comes to stand.

    Attributes:
        list: Its own list, best first.
        entering: The counterparts whose lists it enters, best first.
    """

    list: Sequence[Candidate]
    entering: Sequence[Candidate]


class Index(Protocol):
    """The published profiles, ranked against each other; CPU work, callable from one thread.

    Scores rest on statistics of the whole collection, which stay as they are until `refresh`:
    so lists hold still between refreshes, and anybody can compute the same.
    """

    @property
    def statistics(self) -> IndexStatistics:
        """The state of the index."""
        ...

    @property
    def recipe(self) -> bytes:
        """Another one whenever the same profiles might give other lists or other reasons."""
        ...

    def add(self, profiles: Sequence[Profile]) -> None:
        """Make profiles findable at once; one with a known id replaces the earlier."""
        ...

    def add_meanings(self, meanings: Mapping[UUID, Meaning]) -> None:
        """Take in vectors of profiles that are in the index; others are no error."""
        ...

    def remove(self, ids: Iterable[UUID]) -> None:
        """Forget profiles; unknown ids are no error."""
        ...

    def refresh(self) -> None:
        """Compute the statistics anew from all profiles; every list must be computed again."""
        ...

    def search(self, profile: Profile, filter: Filter, limit: int) -> list[Candidate]:
        """Return the best counterparts of a profile, best first, ties by id.

        A profile that is in the index is taken as it stands there; another one need not be in it.
        """
        ...

    def lists(
        self, filter: Filter, limit: int, progress: Callable[[float], None] | None = None
    ) -> Mapping[UUID, list[Candidate]]:
        """Return the list of every profile that the filter lets in, as `search` would.

        Args:
            progress: Told the share that is done, 0 to 1.
        """
        ...

    def place(self, profile: Profile, filter: Filter, limit: int) -> Placed:
        """Return the list of a profile, as `search` would, and the lists that it enters."""
        ...

    def note_ends(
        self, docking_event_id: UUID | None, ends: Mapping[UUID, Candidate | None]
    ) -> None:
        """Take in the last place of each full list, and none for those with room.

        `place` compares with them; a list that was never told of has room. `refresh` forgets them.
        """
        ...

    def alike(self) -> Mapping[UUID, UUID]:
        """Return profiles that say nearly the same as others of their side, with the first of them.

        Looked for among all, so only now and then.
        """
        ...

    def note_leanings(self, docking_event_id: UUID, leanings: Mapping[UUID, int]) -> None:
        """Take in how willing organizations are to meet, -1000 to 1000, in a docking event.

        It counts from the next search on; who is not named is as willing as the average.
        """
        ...

    def explain(
        self, pairs: Sequence[tuple[Profile, Profile]], weights: Weights
    ) -> list[Explanation]:
        """Say why the two of each pair are matched: to the owner of the first, and of the second.

        Pairs that have one profile in common are quicker together.
        """
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """When a solver stops, whichever comes first; at least one is set.

    Attributes:
        seconds: Wall time; the result then depends on the machine.
        iterations: Steps; the result then depends on the seed only.
    """

    seconds: float | None = None
    iterations: int | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a solver is.

    Attributes:
        cost: Of the best timetable so far, by level.
        best: That timetable, where the solver tells it: kept against the loss of the worker.
        bound: What the first level at which it may be improved cannot fall below, once known.
    """

    placed: int
    total: int
    cost: Cost
    seconds: float
    iterations: int
    best: Timetable | None = None
    bound: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a solver found.

    Attributes:
        cost: By level.
        proven: Whether nothing better exists.
        trail: Each improvement in turn.
    """

    timetable: Timetable
    cost: Cost
    proven: bool
    iterations: int
    seconds: float
    trail: tuple[Progress, ...]


class Solver(Protocol):
    """Finds a valid timetable, as good as its limits allow; CPU work, for another thread."""

    def solve(
        self,
        problem: Problem,
        start: Timetable | None,
        limits: Limits,
        progress: Callable[[Progress], bool] | None = None,
        *,
        held: Timetable | None = None,
    ) -> Outcome:
        """Return a valid timetable, also when nothing could be placed.

        Args:
            start: Where to begin.
            held: What people already hold, the measure of change; none: the start.
            progress: Told now and then; an answer of False cancels, and the best so far is
                returned.

        Raises:
            Invalid: The fixed placements contradict each other or the rules.
        """
        ...


class Repairer(Protocol):
    """Mends a timetable on the day; quick the second time for the same problem and timetable."""

    def repair(
        self,
        problem: Problem,
        timetable: Timetable,
        happened: Happened,
        not_before: datetime | None = None,
        deepest: int = DEEPEST,
    ) -> Change:
        """Return what has to change after something happened.

        Args:
            problem: As it was before.
            timetable: Valid.
            not_before: Meetings that started before stay, and none is moved to before; none: no
                bound.
            deepest: How many others may give way for one.
        """
        ...

    def mend(
        self,
        problem: Problem,
        timetable: Timetable,
        hit: Collection[UUID],
        not_before: datetime | None = None,
        deepest: int = DEEPEST,
    ) -> Change:
        """Give meetings that cannot be as they are another place.

        Args:
            problem: As it is now.
            timetable: Valid but for the meetings that are hit.
        """
        ...
