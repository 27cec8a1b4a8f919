"""The planner: places greedily, then improves by local search. Plain Python, no start-up cost."""

import math
import random
import time
from collections.abc import Callable, Iterable

from techdock_shared.errors import Invalid
from typing_extensions import override

from techdock_matching.adapters.planner_model import NONE, Model, Option, Seat
from techdock_matching.adapters.planner_state import GAP, State
from techdock_matching.app.ports import Limits, Outcome, Progress, Solver
from techdock_matching.domain.timetable.costs import Cost, evaluate
from techdock_matching.domain.timetable.judge import violations
from techdock_matching.domain.timetable.problem import Problem, Timetable
from techdock_matching.domain.timetable.rules import unsound

TOLD_S = 0.25
"""How often progress is told, in seconds."""

_LOOK_EVERY = 64
"""Steps between looks at the clock."""

_HOT = 2.5 * GAP
_COLD = 0.05 * GAP
_INSERTS = 0.01
"""Share of the steps that try to place a request that has no place: each costs as much as many."""

_DEEPEST = 3
_TRIED = 12


class LocalSearchPlanner(Solver):
    """Greedy placing, then simulated annealing: relocate, swap, eject.

    With a limit of iterations alone the answer depends on the seed only.
    """

    @override
    def solve(
        self,
        problem: Problem,
        start: Timetable | None,
        limits: Limits,
        progress: Callable[[Progress], bool] | None = None,
        *,
        held: Timetable | None = None,
    ) -> Outcome:
        if limits.seconds is None and limits.iterations is None:
            raise Invalid("a solver needs a limit of seconds or of iterations")
        fault = next(violations(problem, Timetable(problem.fixed)), None)
        if fault is not None:
            raise Invalid(f"what is fixed breaks a rule: {fault}")
        return _Search(problem, start, limits, progress, start if held is None else held).run()


class _Search:
    """One run."""

    def __init__(
        self,
        problem: Problem,
        start: Timetable | None,
        limits: Limits,
        progress: Callable[[Progress], bool] | None,
        measure: Timetable | None,
    ) -> None:
        self._begun = time.monotonic()
        self._problem = problem
        self._limits = limits
        self._progress = progress
        self._start = start
        self._measure = measure
        self._chance = random.Random(limits.seed)  # noqa: S311 - nothing secret
        self._model = Model(problem)
        unsound_ones = {
            request_id
            for fault in unsound(problem, start or Timetable())
            for request_id in fault.requests
        }
        self._held = {
            self._model.number[p.request_id]: self._model.seat(p)
            for p in (() if start is None else start.placements)
            if p.request_id in self._model.number and p.request_id not in unsound_ones
        }
        self._state = State(self._model, self._held)
        self._enough = 20_000 + 400 * len(self._model.requests)
        self._iterations = 0
        self._trail: list[Progress] = []
        self._told = self._begun
        self._stopped = False

    def run(self) -> Outcome:
        """Search until the limits are reached."""
        self._place_fixed_and_held()
        self._place_greedily()
        best, cost = list(self._state.seats), self._state.cost
        self._note(best)
        while not self._is_over() and self._state.cost:
            mark = self._state.mark()
            before = self._state.cost
            self._step()
            self._iterations += 1
            rise = self._state.cost - before
            if rise > 0 and self._chance.random() >= math.exp(-rise / self._heat()):
                self._state.take_back(mark)
            self._state.settle()
            if self._state.cost < cost:
                best, cost = list(self._state.seats), self._state.cost
            self._tell(best)
        self._note(best)
        answer = self._better(best)
        found = evaluate(self._problem, answer, self._measure)
        return Outcome(
            answer,
            found,
            proven=not any(found),
            iterations=self._iterations,
            seconds=time.monotonic() - self._begun,
            trail=tuple(self._trail),
        )

    # Beginning -----------------------------------------------------------------------------

    def _place_fixed_and_held(self) -> None:
        for placement in self._problem.fixed:
            number = self._model.number[placement.request_id]
            self._state.seat(number, self._model.seat(placement))
            self._state.fixed.add(number)
        for number, seat in sorted(self._held.items(), key=lambda item: item[0]):
            known = seat.option in self._model.options[number]
            if known and self._state.seats[number] is None:
                free = self._state.fitting(number, _only(seat))
                if free is not None:
                    self._state.seat(number, seat)
        self._state.settle()

    def _place_greedily(self) -> None:
        model, chance = self._model, self._chance
        noise = {number: chance.random() for number in range(len(model.requests))}
        load = [0] * len(model.persons)
        for sitting in model.sitting:
            for person in sitting:
                load[person] += 1

        def hardest_first(number: int) -> tuple[int, int, float]:
            times = len({option.bits for option in model.options[number]})
            return times, -sum(load[p] for p in model.sitting[number]), noise[number]

        for number in sorted(self._state.unplaced, key=hardest_first):
            self._put(number, model.options[number])
        for number in sorted(self._state.unplaced, key=hardest_first):
            mark, before = self._state.mark(), self._state.cost
            self._insert(number)
            if self._state.cost > before:
                self._state.take_back(mark)
            self._state.settle()
            if self._out_of_time():
                break

    # Steps ---------------------------------------------------------------------------------

    def _step(self) -> None:
        state, chance = self._state, self._chance
        if state.unplaced and chance.random() < _INSERTS:
            waiting = sorted(state.unplaced)
            self._insert(waiting[chance.randrange(len(waiting))])
            return
        number = chance.randrange(len(state.seats))
        options = self._model.options[number]
        if number in state.fixed or state.seats[number] is None or not options:
            return
        self._move(number, options[chance.randrange(len(options))])

    def _move(self, number: int, option: Option) -> None:
        """Move a request to another option; one other in the way takes the place left."""
        state = self._state
        left = state.seats[number]
        if left is None or left.option is option:
            return
        others = state.in_the_way(number, option) - {number}
        if len(others) > 1 or others & state.fixed:
            return
        mark = state.mark()
        state.seat(number, None)
        for other in others:
            state.seat(other, None)
        seat = state.fitting(number, option)
        if seat is None:
            state.take_back(mark)
            return
        state.seat(number, seat)
        for other in others:
            if not self._put(other, self._same_time(other, left.option)):
                self._put(other, self._some(other))

    def _insert(self, number: int, depth: int = 0) -> bool:
        """Place a request; where no place is free, one or two others have to go elsewhere."""
        state = self._state
        options = self._model.options[number]
        if self._put(number, options):
            return True
        if state.is_full(number):
            return False
        ranked = [(self._blockers(number, option), option) for option in self._some(number)]
        fewest = [
            (blockers, option)
            for blockers, option in ranked
            if blockers and len(blockers) <= 2 and not blockers & state.fixed  # noqa: PLR2004
        ]
        for blockers, option in sorted(fewest, key=lambda pair: len(pair[0]))[:_DEEPEST]:
            mark = state.mark()
            for other in sorted(blockers):
                state.seat(other, None)
            seat = state.fitting(number, option)
            if seat is not None:
                state.seat(number, seat)
                if all(self._settle_elsewhere(other, depth) for other in sorted(blockers)):
                    return True
            state.take_back(mark)
        return False

    def _settle_elsewhere(self, number: int, depth: int) -> bool:
        if depth < _DEEPEST:
            return self._insert(number, depth + 1)
        return self._put(number, self._model.options[number])

    def _blockers(self, number: int, option: Option) -> set[int]:
        """Return who has to go so that a request can have an option; tables included."""
        found = self._state.in_the_way(number, option)
        if found or option.tables[0] == NONE:
            return found
        tables = [self._state.at_table(table, option.bits) for table in option.tables]
        return min(tables, key=len) if all(tables) else found

    def _put(self, number: int, options: Iterable[Option]) -> bool:
        """Give a request the cheapest free seat of some options."""
        state = self._state
        best: tuple[int, Seat] | None = None
        for option in options:
            seat = state.fitting(number, option)
            if seat is None:
                continue
            mark = state.mark()
            state.seat(number, seat)
            if best is None or state.cost < best[0]:
                best = (state.cost, seat)
            state.take_back(mark)
        if best is None:
            return False
        state.seat(number, best[1])
        return True

    def _some(self, number: int) -> list[Option]:
        options = self._model.options[number]
        if len(options) <= _TRIED:
            return options
        return self._chance.sample(options, _TRIED)

    def _same_time(self, number: int, option: Option) -> list[Option]:
        return [one for one in self._model.options[number] if one.bits == option.bits]

    # Limits and progress -------------------------------------------------------------------

    def _heat(self) -> float:
        share: float = self._iterations / min(self._limits.iterations or self._enough, self._enough)
        if self._limits.seconds is not None:
            share = max(share, (time.monotonic() - self._begun) / self._limits.seconds)
        heat: float = _HOT * (_COLD / _HOT) ** min(share, 1.0)
        return heat

    def _is_over(self) -> bool:
        most = self._enough
        if self._limits.iterations is not None:
            most = min(most, self._limits.iterations)
        return self._stopped or self._iterations >= most or self._out_of_time()

    def _out_of_time(self) -> bool:
        seconds = self._limits.seconds
        return seconds is not None and time.monotonic() - self._begun >= seconds

    def _tell(self, best: list[Seat | None]) -> None:
        if self._iterations % _LOOK_EVERY == 0 and time.monotonic() - self._told >= TOLD_S:
            self._note(best)

    def _note(self, best: list[Seat | None]) -> None:
        self._told = time.monotonic()
        timetable = self._timetable(best)
        cost: Cost = evaluate(self._problem, timetable, self._measure)
        noted = Progress(
            len(timetable.placements),
            len(self._model.requests),
            cost,
            self._told - self._begun,
            self._iterations,
            timetable,
        )
        if not self._trail or cost < self._trail[-1].cost:
            self._trail.append(noted)
        if self._progress is not None and not self._progress(noted):
            self._stopped = True

    def _better(self, best: list[Seat | None]) -> Timetable:
        """Return the best by level: the sum that the search minimises only stands for it."""
        found = [self._timetable(best)]
        if self._start is not None and next(violations(self._problem, self._start), None) is None:
            found.append(self._start)
        return min(found, key=lambda one: evaluate(self._problem, one, self._measure))

    def _timetable(self, seats: list[Seat | None]) -> Timetable:
        placements = (
            self._model.placement(number, seat)
            for number, seat in enumerate(seats)
            if seat is not None
        )
        return Timetable(tuple(sorted(placements, key=lambda placement: placement.request_id)))


def _only(seat: Seat) -> Option:
    """Return the option with that table and interpreter alone."""
    o = seat.option
    return Option(
        o.session, o.first_slot, o.slots, o.bits, o.span, (seat.table,), (seat.helper,), o.off
    )
