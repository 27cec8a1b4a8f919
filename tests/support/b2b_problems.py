"""Small B2BSP problems: built by hand, drawn by hypothesis, and solved by trying everything."""

import random
from collections.abc import Iterator
from itertools import product

from hypothesis import strategies as st
from techdock_matching.domain.timetable.b2bsp import B2bProblem, HalfDay, measure

NOBODY: frozenset[int] = frozenset()


def b2b_problem(
    meetings: tuple[tuple[int, int], ...],
    *,
    participants: int = 4,
    tables: int = 2,
    slots: int = 4,
    morning_slots: int = 2,
    half_days: dict[int, HalfDay] | None = None,
    forbidden: dict[int, set[int]] | None = None,
    fixed: dict[int, int] | None = None,
    before: dict[int, set[int]] | None = None,
) -> B2bProblem:
    """Return a problem; what is not said is free."""
    count = range(len(meetings))
    return B2bProblem(
        name="small",
        participants=participants,
        tables=tables,
        slots=slots,
        morning_slots=morning_slots,
        meetings=meetings,
        half_days=tuple((half_days or {}).get(m, HalfDay.ANY) for m in count),
        forbidden=tuple(frozenset((forbidden or {}).get(p, NOBODY)) for p in range(participants)),
        fixed=tuple((fixed or {}).get(m) for m in count),
        before=tuple(frozenset((before or {}).get(m, NOBODY)) for m in count),
    )


def as_dzn(problem: B2bProblem) -> str:
    """Write a problem as the benchmark does."""

    def sets(members: tuple[frozenset[int], ...]) -> str:
        return ", ".join("{" + ",".join(str(m + 1) for m in sorted(one)) + "}" for one in members)

    rows = "\n".join(
        f"|{one + 1}, {other + 1},{half_day:d}, "
        for (one, other), half_day in zip(problem.meetings, problem.half_days, strict=True)
    )
    fixed = ",".join(str(0 if slot is None else slot + 1) for slot in problem.fixed)
    return (
        f"nBusiness = {problem.participants};\nnMeetings = {len(problem.meetings)};\n"
        f"nTables = {problem.tables};\nnTotalSlots = {problem.slots};\n"
        f"nMorningSlots = {problem.morning_slots};\n"
        f"requested = [{rows}|];\nforbidden = [{sets(problem.forbidden)}];\n"
        f"fixed = [{fixed}];\nprecedences = [{sets(problem.before)}];\n"
    )


def every_valid_answer(problem: B2bProblem) -> Iterator[int]:
    """Yield the breaks of each answer that the judge lets pass."""
    for slots in product(range(problem.slots), repeat=len(problem.meetings)):
        measured = measure(problem, slots)
        if not measured.violations:
            yield measured.total


@st.composite
def b2b_problems(draw: st.DrawFn) -> B2bProblem:
    """Problems with every rule, small enough to try everything."""
    participants = draw(st.integers(2, 5))
    slots = draw(st.integers(1, 5))
    pairs = st.tuples(st.integers(0, participants - 1), st.integers(0, participants - 1))
    meetings = tuple(
        draw(st.lists(pairs.filter(lambda pair: pair[0] != pair[1]), min_size=0, max_size=5))
    )
    numbers = range(len(meetings))
    some_slots = st.sets(st.integers(0, slots - 1), max_size=1)
    return b2b_problem(
        meetings,
        participants=participants,
        tables=draw(st.integers(1, 2)),
        slots=slots,
        morning_slots=draw(st.integers(0, slots)),
        half_days={m: draw(st.sampled_from([HalfDay.ANY, *HalfDay])) for m in numbers},
        forbidden={p: draw(some_slots) for p in range(participants)},
        fixed={m: draw(st.integers(0, slots - 1)) for m in numbers if draw(st.integers(0, 3)) == 0},
        before={
            m: {draw(st.sampled_from(numbers))} for m in numbers if draw(st.integers(0, 4)) == 0
        },
    )


@st.composite
def gappy_problems(draw: st.DrawFn) -> B2bProblem:
    """Problems of long days in which participants can have three breaks and more."""
    participants = draw(st.integers(2, 3))
    pairs = [(a, b) for a in range(participants) for b in range(a)]
    slots = draw(st.integers(7, 8))
    meetings = tuple(draw(st.lists(st.sampled_from(pairs), min_size=4, max_size=4)))
    places = draw(st.permutations([0, 2, 4, 6]))
    fixed = {m: places[m] for m in range(4) if draw(st.integers(0, 2))}
    return b2b_problem(
        meetings, participants=participants, slots=slots, morning_slots=4, fixed=fixed
    )


def busy_problem(seed: int) -> B2bProblem:
    """Return a problem that is neither solved nor refuted at once: few tables, absences, order."""
    chance = random.Random(seed)
    participants, slots = 12, 9
    pairs = [(a, b) for a in range(participants) for b in range(a)]
    meetings = tuple(chance.sample(pairs, 34))
    return b2b_problem(
        meetings,
        participants=participants,
        tables=4,
        slots=slots,
        morning_slots=5,
        forbidden={p: {chance.randrange(slots)} for p in range(participants) if p % 3 == 1},
        fixed={m: m % slots for m in range(3)},
        before={30: {20}, 31: {21, 22}},
    )
