"""The B2BSP as clauses: what every answer keeps, and a counter of breaks to bound.

Literals are numbers from 1; a negative one says the opposite. The constraints that follow from
others and are stated all the same (as many used slots as meetings for each participant, at most
two seats for each table, the fewest breaks of each participant) are what makes the model strong;
see RESULTS.md for what each is worth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise

from pysat.card import CardEnc, EncType

from techdock_matching.adapters.exact.reduced import Reduced, slots_in
from techdock_matching.domain.timetable.b2bsp import MOST_DIFFERENCE

Literal = int
Clause = list[Literal]

_FEW = 5
"""Up to so many literals exclude each other pair by pair; more need a counter."""


@dataclass(slots=True)
class Clauses:
    """Clauses under construction, and the number of the last literal."""

    last: int = 0
    all: list[Clause] = field(default_factory=list)

    def literal(self) -> Literal:
        """A new literal."""
        self.last += 1
        return self.last

    def either(self, literals: Sequence[Literal]) -> Literal:
        """A literal that holds when one of these holds, and only then."""
        if len(literals) == 1:
            return literals[0]
        found = self.literal()
        self.all.extend([-literal, found] for literal in literals)
        self.all.append([*literals, -found])
        return found

    def at_most_one(self, literals: Sequence[Literal]) -> None:
        """No two of these hold."""
        if len(literals) <= _FEW:
            self.all.extend([-one, -other] for one, other in combinations(literals, 2))
        else:
            self.at_most(literals, 1, EncType.seqcounter)

    def at_most(self, literals: Sequence[Literal], most: int, encoding: int) -> None:
        """No more than so many of these hold."""
        if len(literals) > most:
            self._take(CardEnc.atmost(list(literals), most, top_id=self.last, encoding=encoding))

    def exactly(self, literals: Sequence[Literal], count: int) -> None:
        """So many of these hold."""
        if len(literals) == count:
            self.all.extend([literal] for literal in literals)
        else:
            self._take(
                CardEnc.equals(list(literals), count, top_id=self.last, encoding=EncType.cardnetwrk)
            )

    def _take(self, formula: object) -> None:
        self.all.extend(formula.clauses)  # type: ignore[attr-defined]
        self.last = max(self.last, formula.nv)  # type: ignore[attr-defined]

    def sorted_sum(
        self, groups: Sequence[Sequence[Literal]], most: int, *, both_ways: bool = False
    ) -> list[Literal]:
        """Add up sorted counters; the k-th literal of the answer holds if the sum is above k.

        Args:
            groups: Each a counter: its k-th literal holds if it counts more than k.
            most: Above this nothing is told apart.
            both_ways: The literals hold only if the sum is so high. Otherwise they can be denied,
                but that one holds says nothing.
        """
        rest = [list(group) for group in groups if group]
        while len(rest) > 1:
            rest.sort(key=len, reverse=True)
            one, other = rest.pop(), rest.pop()
            found = [self.literal() for _ in range(min(len(one) + len(other), most + 1))]
            self._add_up(one, other, found)
            if both_ways:
                # The same of what is not there, from the other end.
                self._add_up(
                    *([-literal for literal in part[::-1]] for part in (one, other, found))
                )
            self.all.extend([-after, before] for before, after in pairwise(found))
            rest.append(found)
        return rest[0] if rest else []

    def _add_up(self, one: Clause, other: Clause, found: Clause) -> None:
        """At least i of the one and at least j of the other are at least i + j."""
        for i in range(len(one) + 1):
            for j in range(len(other) + 1):
                if 0 < i + j <= len(found):
                    reasons = [-one[i - 1]] * (i > 0) + [-other[j - 1]] * (j > 0)
                    self.all.append([found[i + j - 1], *reasons])


@dataclass(frozen=True, slots=True)
class Model:
    """The clauses of a problem.

    Attributes:
        held: The literal of each meeting in each of its slots.
        breaks: The k-th literal holds if there are more than k breaks; bound by denying it.
    """

    clauses: list[Clause]
    last: Literal
    held: Mapping[tuple[int, int], Literal]
    breaks: list[Literal]

    def at_most(self, breaks: int) -> list[Literal]:
        """What to assume for so few breaks."""
        return [-self.breaks[breaks]] if breaks < len(self.breaks) else []

    def slots_in(self, answer: Sequence[Literal], meetings: int) -> list[int]:
        """The slot of each meeting in an answer of the solver."""
        found = [-1] * meetings
        for (meeting, slot), literal in self.held.items():
            if answer[literal - 1] > 0:
                found[meeting] = slot
        return found


def build(reduced: Reduced, most_breaks: int) -> Model:
    """State the problem as clauses.

    Args:
        most_breaks: Nobody asks for fewer breaks than some greater number.
    """
    clauses = Clauses()
    held = _held(reduced, clauses)
    used = _used(reduced, clauses, held)
    _tables(reduced, clauses, held, used)
    _order(reduced, clauses, held)
    ends = [
        _ends(clauses, mine) if len(meetings) > 1 else []
        for meetings, mine in zip(reduced.of, used, strict=True)
    ]
    counters = [
        clauses.sorted_sum([[end] for end in mine], len(mine), both_ways=all(ends)) for mine in ends
    ]
    for mine, counter, least in zip(ends, counters, reduced.least, strict=True):
        if least:
            clauses.at_most([-end for end in mine], len(mine) - least, EncType.seqcounter)
            clauses.all.extend([literal] for literal in counter[:least])
    _differ_little(clauses, counters)
    total = clauses.sorted_sum(counters, most_breaks)
    return Model(clauses.all, clauses.last, held, total)


def _held(reduced: Reduced, clauses: Clauses) -> dict[tuple[int, int], Literal]:
    """Each meeting is held once."""
    held = {}
    for meeting, domain in enumerate(reduced.domains):
        literals = []
        for slot in slots_in(domain):
            held[meeting, slot] = clauses.literal()
            literals.append(held[meeting, slot])
        clauses.all.append(literals)
        clauses.at_most_one(literals)
    return held


def _used(
    reduced: Reduced, clauses: Clauses, held: Mapping[tuple[int, int], Literal]
) -> list[dict[int, Literal]]:
    """The literal of each participant being in a meeting in each slot; as many as meetings."""
    used: list[dict[int, Literal]] = []
    for participant, meetings in enumerate(reduced.of):
        mine = {}
        for slot in slots_in(reduced.allowed(participant)):
            literals = [held[m, slot] for m in meetings if (m, slot) in held]
            clauses.at_most_one(literals)
            mine[slot] = clauses.either(literals)
        if meetings:
            clauses.exactly(list(mine.values()), len(meetings))
        used.append(mine)
    return used


def _tables(
    reduced: Reduced,
    clauses: Clauses,
    held: Mapping[tuple[int, int], Literal],
    used: Sequence[Mapping[int, Literal]],
) -> None:
    """A slot has no more meetings than tables.

    Meetings of one participant exclude each other, so that one literal can stand for all of them;
    fewer literals make a smaller counter.
    """
    problem = reduced.problem
    left = set(range(len(problem.meetings)))
    stars: list[list[int]] = []
    while left:
        star = max(([m for m in meetings if m in left] for meetings in reduced.of), key=len)
        stars.append(star)
        left.difference_update(star)
    for slot in range(problem.slots):
        here = [[held[m, slot] for m in star if (m, slot) in held] for star in stars]
        literals = [clauses.either(star) for star in here if star]
        clauses.at_most(literals, problem.tables, EncType.seqcounter)
        seats = [mine[slot] for mine in used if slot in mine]
        clauses.at_most(seats, 2 * problem.tables, EncType.cardnetwrk)


def _order(reduced: Reduced, clauses: Clauses, held: Mapping[tuple[int, int], Literal]) -> None:
    """A meeting in a slot needs each meeting before it in an earlier slot."""
    for meeting, earlier in enumerate(reduced.problem.before):
        for first in sorted(earlier):
            ahead, behind = slots_in(reduced.domains[first]), slots_in(reduced.domains[meeting])
            for slot in behind:
                before = [held[first, other] for other in ahead if other < slot]
                clauses.all.append([-held[meeting, slot], *before])
            for slot in ahead:
                after = [held[meeting, other] for other in behind if other > slot]
                clauses.all.append([-held[first, slot], *after])


def _ends(clauses: Clauses, mine: Mapping[int, Literal]) -> list[Literal]:
    """The ends of the breaks of a participant: slots used after an idle one and a first meeting.

    Args:
        mine: The literal of each slot being used.
    """
    ends = []
    began: Literal | None = None
    for slot in range(min(mine), max(mine) + 1):
        now, before = mine.get(slot), mine.get(slot - 1)
        if now is not None and began is not None and slot - 1 > min(mine):
            end = clauses.literal()
            clauses.all.append([-now, -began, end, *([] if before is None else [before])])
            clauses.all += [[-end, now], [-end, began]]
            if before is not None:
                clauses.all.append([-end, -before])
            ends.append(end)
        if now is not None:
            after = clauses.literal()
            clauses.all.append([-now, after])
            clauses.all.append([-after, now, *([] if began is None else [began])])
            if began is not None:
                clauses.all.append([-began, after])
            began = after
    return ends


def _differ_little(clauses: Clauses, counters: Sequence[Sequence[Literal]]) -> None:
    """No participant has more than two breaks more than another.

    Where somebody cannot have a break, this bounds all; else the counters are exact.
    """
    deepest = max(map(len, counters), default=0)
    for level in range(deepest - MOST_DIFFERENCE):
        # If anybody has more than `level + 2` breaks, then everybody has more than `level`.
        more = [c[level + MOST_DIFFERENCE] for c in counters if len(c) > level + MOST_DIFFERENCE]
        if all(len(counter) > level for counter in counters):
            anybody = clauses.either(more)
            clauses.all.extend([-anybody, counter[level]] for counter in counters)
        else:
            clauses.all.extend([-literal] for literal in more)
