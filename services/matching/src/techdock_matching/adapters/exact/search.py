"""The annealing beside another search: in a thread of its own, outside the interpreter's lock."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from threading import Thread
from types import TracebackType
from typing import Self

import numpy as np

from techdock_matching.adapters.exact import annealing
from techdock_matching.adapters.exact.annealing import Given, Settings, State
from techdock_matching.adapters.exact.reduced import Reduced, reduce
from techdock_matching.adapters.search.compiled import Array
from techdock_matching.domain.timetable.b2bsp import MOST_DIFFERENCE, B2bProblem, HalfDay, measure

_FOR_EVER = 1 << 62
_SEED = 88172645463325252

USUAL = Settings()


class Search:
    """An annealing that can be asked for its best while it runs.

    Args:
        reduced: Has a slot for each meeting.
        target: So few breaks end the search.
    """

    def __init__(
        self, reduced: Reduced, seed: int, target: int, settings: Settings = USUAL
    ) -> None:
        self._problem = reduced.problem
        meetings = len(self._problem.meetings)
        self._given = given(reduced)
        self._state = state(reduced, seed)
        self._best: Array = np.full(meetings, annealing.POOL)
        cap = MOST_DIFFERENCE + min(reduced.least, default=0)
        self._told: Array = np.array([0, meetings + 1, _FOR_EVER, 0, target, cap])
        self._settings = settings
        self._seen = 0
        self._slots: tuple[int, ...] | None = None
        self._thread: Thread | None = None

    def run(self, moves: int = _FOR_EVER) -> None:
        """Search here and now, until the target or for so many moves."""
        annealing.anneal(self._given, self._state, self._told, self._best, moves, self._settings)

    def __enter__(self) -> Self:
        """Search beside the caller until left."""
        self._thread = Thread(target=self.run, name="annealing", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._told[annealing.STOP] = 1
        if self._thread is not None:
            self._thread.join()

    def aim(self, target: int) -> None:
        """Say that fewer breaks cannot be."""
        self._told[annealing.TARGET] = target

    def wait(self, seconds: float) -> None:
        """Wait for the target, at most so long."""
        if self._thread is not None:
            self._thread.join(seconds)

    def best(self) -> tuple[int, ...] | None:
        """Return the slots of the best answer so far; none: there is none yet.

        What was read while it was being written is no answer: it is judged, and the one before
        is returned if it is not valid.
        """
        version = int(self._told[annealing.VERSION])
        if version != self._seen and not self._told[annealing.POOLED]:
            slots = tuple(self._best.tolist())
            measured = measure(self._problem, slots)
            if not measured.violations:
                self._slots = slots
                self._seen = version
        return self._slots


def prepare() -> None:
    """Compile what is native, or load it from the cache, so that no search waits for it."""
    anybody = frozenset[int]()
    problem = B2bProblem(
        name="",
        participants=2,
        tables=1,
        slots=1,
        morning_slots=1,
        meetings=((0, 1),),
        half_days=(HalfDay.ANY,),
        forbidden=(anybody, anybody),
        fixed=(None,),
        before=(anybody,),
    )
    Search(reduce(problem), seed=0, target=0).run()


def given(reduced: Reduced) -> Given:
    """The problem as arrays."""
    problem = reduced.problem
    after: list[set[int]] = [set() for _ in problem.meetings]
    for meeting, earlier in enumerate(problem.before):
        for first in earlier:
            after[first].add(meeting)
    return Given(
        np.array(problem.meetings, np.int64).reshape(-1, 2),
        np.array(reduced.domains, np.uint64),
        *_lists(problem.before),
        *_lists(after),
        any(problem.before),
        problem.participants,
        problem.slots,
        problem.tables,
    )


def state(reduced: Reduced, seed: int) -> State:
    """Room for a state; the search fills it."""
    problem = reduced.problem
    meetings, people, slots = len(problem.meetings), problem.participants, problem.slots
    return State(
        slot=np.full(meetings, annealing.POOL),
        busy=np.zeros(people, np.uint64),
        at=np.full((people, slots), annealing.POOL),
        load=np.zeros(slots, np.int64),
        inside=np.zeros((slots, meetings + 1), np.int64),
        spot=np.zeros(meetings, np.int64),
        pool=np.zeros(meetings + 1, np.int64),
        pool_spot=np.zeros(meetings, np.int64),
        tally=np.zeros(2, np.int64),
        weight=np.ones(people),
        chain=np.zeros(annealing.LONGEST, np.int64),
        goal=np.zeros(annealing.LONGEST, np.int64),
        thrown=np.zeros(annealing.THROWN, np.int64),
        touched=np.zeros(2 * annealing.THROWN + 2, np.int64),
        key=np.zeros(meetings),
        rank=np.zeros(meetings, np.int64),
        chance=np.array([(_SEED + 7919 * seed) % (1 << 63)], np.uint64),
    )


def _lists(sets: Sequence[AbstractSet[int]]) -> tuple[Array, Array]:
    """Lists of different length, one after the other, and where each begins."""
    begin = np.zeros(len(sets) + 1, np.int64)
    begin[1:] = np.cumsum([len(members) for members in sets])
    return begin, np.array([m for members in sets for m in sorted(members)] or [0], np.int64)
