"""The judge on a part of a timetable: what a single change could touch."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import cast
from uuid import UUID

from techdock_matching.domain.timetable.changes import Proposal
from techdock_matching.domain.timetable.judge import violations
from techdock_matching.domain.timetable.problem import (
    Participation,
    Person,
    Placement,
    Problem,
    Timetable,
)


class Nearby:
    """A valid timetable that changes are tried on, one at a time."""

    def __init__(self, problem: Problem, timetable: Timetable) -> None:
        self._problem = problem
        self._at: dict[UUID, list[Placement]] = defaultdict(list)
        for placement in timetable.placements:
            for thing in self._things(placement):
                self._at[thing].append(placement)
        self._fixed = {placement.request_id: placement for placement in problem.fixed}
        self._orders: dict[UUID, list[tuple[UUID, UUID]]] = defaultdict(list)
        for pair in problem.precedences:
            for request_id in pair:
                self._orders[request_id].append(pair)

    def holds(self, proposal: Proposal) -> bool:
        """Whether the judge finds no fault after a change.

        The timetable is valid as it is, so only meetings that share a person, a party, a table or
        an interpreter with those that change, or come before or after them, can break a rule; the
        others need not be looked at again.
        """
        news = {placement.request_id for placement in proposal.placements}
        touched = {thing for p in proposal.placements for thing in self._things(p)}
        pairs = [pair for request_id in news for pair in self._orders.get(request_id, ())]
        touched.update(request_id for pair in pairs for request_id in pair)
        kept = {p.request_id: p for thing in touched for p in self._at.get(thing, ())}
        kept |= {placement.request_id: placement for placement in proposal.placements}
        local = self._part(kept.values(), pairs, proposal)
        return next(violations(local, Timetable(tuple(kept.values()))), None) is None

    def _part(
        self,
        placements: Iterable[Placement],
        pairs: Iterable[tuple[UUID, UUID]],
        proposal: Proposal,
    ) -> Problem:
        """Return the problem after a change, with no more in it than some placements need."""
        problem = self._problem
        requests = [problem.request[placement.request_id] for placement in placements]
        persons = {who for request in requests for who in request.persons}
        parties = {party for request in requests for party in request.parties}
        changed = proposal.problem
        everybody: Iterable[Person] = (
            (p for p in cast("tuple[Person, ...]", changed["persons"]) if p.id in persons)
            if "persons" in changed
            else (problem.person[who] for who in persons)
        )
        sides: Iterable[Participation] = (
            (
                p
                for p in cast("tuple[Participation, ...]", changed["participations"])
                if p.id in parties
            )
            if "participations" in changed
            else (problem.participation[party] for party in parties)
        )
        fixed = (self._fixed[r.id] for r in requests if r.id in self._fixed)
        local = replace(
            problem,
            **{field: value for field, value in changed.items() if field not in _BY_PLACEMENT},  # type: ignore[arg-type] # by field
        )
        return replace(
            local,
            persons=tuple(everybody),
            participations=tuple(sides),
            requests=tuple(requests),
            fixed=tuple(fixed),
            precedences=tuple(pairs),
        )

    def _things(self, placement: Placement) -> Iterator[UUID]:
        request = self._problem.request[placement.request_id]
        yield from (request.id, *request.persons, *request.parties)
        yield from (t for t in (placement.table_id, placement.interpreter_id) if t is not None)


_BY_PLACEMENT = frozenset({"persons", "participations"})
