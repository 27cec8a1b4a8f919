"""The compiled planner under the independent judge."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.planted import planted
from support.timetables import MAIN, at, person, problem, random_problem, request, span, table
from techdock_matching.adapters.search.planner import LocalSearchPlanner, prepare
from techdock_matching.app.ports import Limits, Outcome, Progress
from techdock_matching.domain.timetable import chances as c
from techdock_matching.domain.timetable.costs import Cost, evaluate
from techdock_matching.domain.timetable.judge import violations
from techdock_matching.domain.timetable.problem import (
    Placement,
    Problem,
    Request,
    Session,
    Timetable,
)


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    prepare()


def solved(problem: Problem, iterations: int = 3000, seed: int = 1) -> Outcome:
    return LocalSearchPlanner().solve(problem, None, Limits(iterations=iterations, seed=seed))


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    persons=st.integers(4, 40),
    requests=st.integers(1, 90),
    tables=st.integers(1, 6),
    odd=st.booleans(),
)
def test_every_outcome_is_valid(
    seed: int, persons: int, requests: int, tables: int, odd: bool
) -> None:
    given = random_problem(seed, persons, requests, tables=tables, odd=odd)
    outcome = solved(given, seed=seed)
    assert list(violations(given, outcome.timetable)) == []
    assert outcome.cost == evaluate(given, outcome.timetable)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), every=st.integers(1, 4))
def test_what_is_fixed_stays_where_it_is(seed: int, every: int) -> None:
    given = random_problem(seed, 20, 50)
    before = solved(given, seed=seed).timetable
    fixed = replace(given, fixed=before.placements[::every])
    after = LocalSearchPlanner().solve(fixed, before, Limits(iterations=2000, seed=seed + 1))
    assert list(violations(fixed, after.timetable)) == []
    assert set(fixed.fixed) <= set(after.timetable.placements)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_small_ones_are_placed_as_well_as_by_trying_everything(seed: int) -> None:
    given = random_problem(seed, persons=5, requests=4, slots=2, tables=1)
    best = min(_costs(given, (), 0))
    outcome = solved(given, iterations=60_000)
    # Persons below their wish, and the weight of requests without a place.
    assert outcome.cost[:2] == best[:2]


def _costs(problem: Problem, placed: tuple[Placement, ...], number: int) -> Iterator[Cost]:
    """Yield the cost of every valid timetable."""
    if number == len(problem.requests):
        yield evaluate(problem, Timetable(placed))
        return
    yield from _costs(problem, placed, number + 1)
    for placement in _placements(problem, problem.requests[number]):
        more = (*placed, placement)
        if next(violations(problem, Timetable(more)), None) is None:
            yield from _costs(problem, more, number + 1)


def _placements(problem: Problem, request: Request) -> Iterator[Placement]:
    for chance in c.chances(problem, request):
        venue = problem.venue[chance.venue_id]
        tables = [table.id for table in venue.tables] or [None]
        gaps = c.language_gaps(problem, request)
        helpers = [one.id for one in problem.interpreters if c.covers(one.languages, gaps)]
        for table_id, helper in product(tables, helpers if gaps else [None]):
            yield Placement(
                request.id,
                chance.session_id,
                chance.first_slot,
                request.slots,
                venue.id,
                table_id,
                helper,
            )


def test_a_planted_timetable_is_found_again() -> None:
    given, answer = planted(120, 500, seed=5)
    assert list(violations(given, answer)) == []
    outcome = solved(given, iterations=400_000)
    assert len(outcome.timetable.placements) == len(answer.placements) == 500
    assert list(violations(given, outcome.timetable)) == []
    assert outcome.cost < evaluate(given, answer)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_same_seed_and_iterations_give_the_same_timetable(seed: int) -> None:
    given = random_problem(seed, 25, 70)
    assert solved(given, seed=7).timetable == solved(given, seed=7).timetable


def test_the_best_so_far_is_told_and_returned_when_somebody_stops_it() -> None:
    told: list[Progress] = []

    def stop_at_third(progress: Progress) -> bool:
        told.append(progress)
        return len(told) < 3

    given, _ = planted(150, 700, seed=2)
    outcome = LocalSearchPlanner().solve(given, None, Limits(seconds=60), stop_at_third)
    assert outcome.seconds < 30
    assert outcome.cost <= min(progress.cost for progress in told)
    assert list(violations(given, outcome.timetable)) == []


def test_two_slots_span_a_pause_and_share_tables_with_single_ones() -> None:
    people = [person(n) for n in range(8)]
    long = [replace(request(n, 2 * n, 2 * n + 1), slots=2) for n in range(4)]
    short = [request(10 + n, n, n + 4) for n in range(4)]
    given = problem(people, [*long, *short], tables=(table(1), table(2)), slots=6)
    given = replace(given, sessions=(Session(given.sessions[0].id, MAIN, at(0), at(210), 30, 5),))
    outcome = solved(given)
    assert len(outcome.timetable.placements) == 8
    assert list(violations(given, outcome.timetable)) == []


def test_a_table_that_cannot_be_used_for_a_while_is_left_alone_then() -> None:
    people = [person(n) for n in range(4)]
    closed = replace(table(1), busy=(span(0, 30),))
    given = problem(people, [request(1, 0, 1), request(2, 2, 3)], tables=(closed,), slots=3)
    outcome = solved(given)
    assert sorted(p.first_slot for p in outcome.timetable.placements) == [1, 2]


def test_the_night_is_counted_in_local_hours_on_the_day_the_clock_changes() -> None:
    # In Berlin the clock goes from 02:00 to 03:00 on 2027-03-28: 05:00 is 03:00 UTC, not 04:00.
    start = datetime(2027, 3, 28, 2, 0, tzinfo=UTC)
    berlin = [person(n, zone="Europe/Berlin") for n in range(2)]
    given = problem(berlin, [request(1, 0, 1)], slots=1)
    session = replace(given.sessions[0], start=start, end=start.replace(hour=4, minute=0))
    given = replace(given, sessions=(session,))
    outcome = solved(given)
    (placement,) = outcome.timetable.placements
    assert given.span(placement).start >= start.replace(hour=3)
    assert list(violations(given, outcome.timetable)) == []


def test_nobody_is_asked_for_and_nothing_is_there() -> None:
    empty = Problem((), (), (), (), ())
    assert solved(empty).timetable == Timetable()
    assert solved(problem([person(1)], [], tables=())).proven
