"""Repairs on the day in native code: some tens of microseconds, once a timetable is known."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import Lock
from uuid import UUID

import numpy as np
from typing_extensions import override

from techdock_matching.adapters.search import repairing, seats, when
from techdock_matching.adapters.search.arrays import AT, HELPER, KIND, NONE
from techdock_matching.adapters.search.compiled import Array
from techdock_matching.adapters.search.model import Model
from techdock_matching.app.ports import Repairer
from techdock_matching.domain.spans import Span
from techdock_matching.domain.timetable.happened import Happened, What
from techdock_matching.domain.timetable.problem import Placement, Problem, Timetable
from techdock_matching.domain.timetable.repair import DEEPEST, Change, Move


def hands(model: Model) -> repairing.Hands:
    """Return what a repair of a problem works with."""
    words = model.given.open.shape[1]
    return repairing.Hands(
        later=np.zeros(words, np.uint64),
        row=np.zeros(words, np.uint64),
        bans=np.zeros(len(model.requests), np.int64),
        olds=np.zeros((DEEPEST_EVER + 1, 3), np.int64),
        orders=np.zeros((DEEPEST_EVER + 1, len(model.stretches)), np.int64),
        budget=np.zeros(1, np.int64),
    )


DEEPEST_EVER = 7
"""A chain is never longer, whatever is asked for."""


class NativeRepairer(Repairer):
    """Keeps the last problem and timetable in native form; the same ones again cost nothing."""

    def __init__(self) -> None:
        self._known: _Known | None = None
        self._lock = Lock()

    @override
    def repair(
        self,
        problem: Problem,
        timetable: Timetable,
        happened: Happened,
        not_before: datetime | None = None,
        deepest: int = DEEPEST,
    ) -> Change:
        with self._lock:
            known = self._of(problem, timetable)
            later = known.later(not_before)
            with known.changed(happened):
                return known.mend(known.hit(happened, later), later, deepest)

    @override
    def mend(
        self,
        problem: Problem,
        timetable: Timetable,
        hit: Collection[UUID],
        not_before: datetime | None = None,
        deepest: int = DEEPEST,
    ) -> Change:
        with self._lock:
            known = self._of(problem, timetable, hit)
            numbers = [known.model.number[one] for one in hit if one in known.model.number]
            return known.mend(known.by_start(numbers), known.later(not_before), deepest)

    def _of(self, problem: Problem, timetable: Timetable, hit: Collection[UUID] = ()) -> "_Known":
        known = self._known
        if (
            known is None
            or known.problem is not problem
            or known.timetable is not timetable
            or known.out != frozenset(hit)
        ):
            known = self._known = _Known(problem, timetable, frozenset(hit))
        return known


class _Known:
    """A problem and a timetable in native form.

    Attributes:
        out: Requests whose place cannot be as it is, so that they have none from the start.
    """

    def __init__(self, problem: Problem, timetable: Timetable, out: frozenset[UUID]) -> None:
        self.problem = problem
        self.timetable = timetable
        self.out = out
        self.model = Model(problem, pinned=True)
        self._held = timetable.by_request
        spans = [stretch.span for stretch in self.model.stretches]
        self._times = when.bounds(spans)
        state = self.model.state(0)
        placed = self.model.seats(timetable.placements)
        self._seat = np.full((len(self.model.requests), 3), NONE, np.int64)
        self._seat[placed[:, 0]] = placed[:, 1:]
        gone = {self.model.number[one] for one in out if one in self.model.number}
        staying = np.array([m not in gone for m in placed[:, 0]], bool)
        seats.put_all(self.model.given, state, np.ascontiguousarray(placed[staying]))
        self._state = state
        self._hands = hands(self.model)

    def later(self, not_before: datetime | None) -> Array:
        """Return the stretches that start at a time or later."""
        if not_before is None:
            return np.ones(len(self._times), bool)
        return np.asarray(self._times[:, 0] >= not_before.timestamp())

    def by_start(self, numbers: Sequence[int]) -> Array:
        """Return requests by the start of their places."""
        rows = self._seat[numbers, AT] if len(numbers) else np.zeros(0, np.int64)
        starts = [self._times[t, 0] if t != NONE else 0.0 for t in rows]
        order = sorted(range(len(numbers)), key=lambda n: (starts[n], numbers[n]))
        return np.array([numbers[n] for n in order], np.int64)

    def hit(self, happened: Happened, later: Array) -> Array:
        """Return the requests that cannot be as they are; who started before stays."""
        model = self.model
        if happened.what is What.REQUEST:
            return np.array([model.number[happened.id]], np.int64)
        assert happened.span is not None  # noqa: S101 - of all but requests
        away = self._touched(happened.span) & later
        if happened.what is What.PERSON:
            g, p = model.given, model.people[happened.id]
            some = g.asked[g.asked_of[p] : g.asked_of[p + 1]]
        elif happened.what is What.TABLE:
            kind = model.kinds.of_table[model.kinds.number[happened.id]]
            some = np.flatnonzero(self._seat[:, KIND] == kind)
        else:
            some = np.flatnonzero(self._seat[:, HELPER] == self._helper(happened.id))
        at = self._seat[some, AT]
        found = some[(at != NONE) & away[at] & (model.given.request[some, 4] == 0)]
        return self.by_start(found.tolist())

    @contextmanager
    def changed(self, happened: Happened) -> Iterator[None]:
        """Let the arrays be as they are after something happened, for a while."""
        if happened.span is None:
            yield
            return
        g, model = self.model.given, self.model
        away = self._touched(happened.span)
        if happened.what is What.PERSON:
            p = model.people[happened.id]
            rows, changed = g.open, g.asked[g.asked_of[p] : g.asked_of[p + 1]]
            mask = ~when.packed(away)
        elif happened.what is What.INTERPRETER:
            rows, changed = g.free, np.array([self._helper(happened.id)])
            mask = ~when.packed(away)
        else:
            number = model.kinds.number[happened.id]
            rows, changed = g.room, model.kinds.of_table[[number]]
            mask = np.ones(g.room.shape[1], np.int64)
            for t in np.flatnonzero(away):
                mask[g.stretch[t, 4] : g.stretch[t, 5]] = 0
        before = rows[changed].copy()
        rows[changed] &= mask if happened.what is not What.TABLE else -mask
        try:
            yield
        finally:
            rows[changed] = before

    def mend(self, hit: Array, later: Array, deepest: int) -> Change:
        """Return what changes when requests get other places; afterwards all is as it was."""
        g, s = self.model.given, self._state
        self._hands.later[:] = when.packed(later)
        olds = self._seat[hit]
        before = s.seat[:, :3].copy()
        repairing.mend(g, s, self._hands, hit, olds, min(deepest, DEEPEST_EVER))
        changed = np.flatnonzero((s.seat[:, :3] != before).any(axis=1))
        hits = set(hit.tolist())
        moves: list[Move] = []
        for m in sorted(hits | set(changed.tolist()), key=lambda m: self.model.requests[m].id):
            now = self._placement(m, s.seat[m])
            held = self._held.get(self.model.requests[m].id)
            if held is not None or now is not None:
                moves.append(Move(self.model.requests[m].id, held, now, m in hits))
        repairing.put_back(g, s, changed, before[changed])
        return Change(tuple(move for move in moves if move.before != move.after))

    def _touched(self, span: Span) -> Array:
        start, end = span.start.timestamp(), span.end.timestamp()
        return np.asarray((self._times[:, 0] < end) & (start < self._times[:, 1]))

    def _helper(self, interpreter_id: UUID) -> int:
        return next(
            n for n, one in enumerate(self.problem.interpreters) if one.id == interpreter_id
        )

    def _placement(self, m: int, seat: Array) -> Placement | None:
        """Return the placement that a seat stands for; each kind is one table."""
        if seat[AT] == NONE:
            return None
        problem, stretch = self.problem, self.model.stretches[seat[AT]]
        session = problem.sessions[stretch.session]
        own = None if seat[KIND] == NONE else self.model.kinds.kinds[seat[KIND]].own
        helper = None if seat[HELPER] == NONE else problem.interpreters[seat[HELPER]].id
        request = self.model.requests[m]
        return Placement(
            request.id, session.id, stretch.first, stretch.length, session.venue_id, own, helper
        )
