"""The planner under the independent judge, and the explanations that it owes."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.timetables import (
    LINK_TABLE,
    MAIN,
    at,
    interpreter,
    person,
    placed,
    problem,
    random_problem,
    request,
    span,
    table,
    timetable,
    uid,
)
from techdock_matching.adapters.search.planner import LocalSearchPlanner
from techdock_matching.app.ports import Limits, Outcome, Progress
from techdock_matching.domain.timetable.costs import LEVELS, evaluate
from techdock_matching.domain.timetable.judge import violations
from techdock_matching.domain.timetable.problem import Problem, Timetable
from techdock_matching.domain.timetable.reasons import Unplaced, explain
from techdock_matching.domain.timetable.refill import refill, standby, without
from techdock_shared.errors import Invalid

FEW = Limits(iterations=300, seed=1)


def solved(problem: Problem, start: Timetable | None = None, limits: Limits = FEW) -> Outcome:
    return LocalSearchPlanner().solve(problem, start, limits)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), odd=st.booleans())
def test_every_answer_is_valid_and_every_gap_explained(seed: int, odd: bool) -> None:
    problem = random_problem(seed, odd=odd)

    outcome = solved(problem, limits=Limits(iterations=200, seed=seed))

    assert list(violations(problem, outcome.timetable)) == []
    assert outcome.cost == evaluate(problem, outcome.timetable)
    explained = explain(problem, outcome.timetable)
    accepted = {one.id for one in problem.requests if one.accepted}
    waiting = accepted - outcome.timetable.by_request.keys()
    assert {one.request_id for one in explained} == waiting
    for one in explained:
        # The change that is named makes the request placeable: the judge says so.
        if one.proposal is not None:
            changed, after = one.proposal.applied(problem, outcome.timetable)
            assert list(violations(changed, after)) == []
            assert one.request_id in after.by_request


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_same_seed_and_iterations_give_the_same_timetable(seed: int) -> None:
    problem = random_problem(seed)
    one, other = (solved(problem, limits=Limits(iterations=150, seed=7)) for _ in range(2))
    assert one.timetable == other.timetable
    assert one.cost == other.cost


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_what_is_fixed_stays_and_what_people_hold_is_never_made_worse(seed: int) -> None:
    problem = random_problem(seed)
    before = solved(problem).timetable
    fixed = replace(problem, fixed=before.placements[::3])

    after = solved(fixed, before, Limits(iterations=100, seed=seed))

    assert list(violations(fixed, after.timetable)) == []
    assert set(fixed.fixed) <= set(after.timetable.placements)
    assert after.cost <= evaluate(fixed, before, before)


def test_everything_is_placed_where_there_is_room() -> None:
    people = [person(n) for n in range(6)]
    requests = [request(n, a, b) for n, (a, b) in enumerate([(0, 1), (2, 3), (4, 5), (0, 2)])]
    outcome = solved(problem(people, requests))
    assert len(outcome.timetable.placements) == 4
    assert outcome.cost[:4] == (0, 0, 0, 0)


def test_an_ejection_places_what_greed_cannot() -> None:
    # Both can meet 2 at slot 0; only one of them can meet at slot 1 instead.
    late = person(1, hours=(span(0, 60),))
    early = person(3, hours=(span(0, 30),))
    given = problem([late, person(2), early], [request(1, 1, 2), request(2, 3, 2)], slots=2)
    assert len(solved(given).timetable.placements) == 2


def test_two_slots_stay_together_and_the_gap_closes() -> None:
    people = [person(n) for n in (1, 2, 3)]
    long = replace(request(1, 1, 2), slots=2)
    outcome = solved(problem(people, [long, request(2, 1, 3), request(3, 2, 3)], slots=4))
    assert len(outcome.timetable.placements) == 3
    figures = dict(zip((level.code for level in LEVELS), outcome.cost, strict=True))
    assert figures["unplaced"] == 0
    assert figures["gaps"] <= 1


def test_contradicting_fixed_meetings_are_refused() -> None:
    people = [person(n) for n in (1, 2, 3)]
    both = (placed(1, 0, 1), placed(2, 0, 2))
    given = problem(people, [request(1, 1, 2), request(2, 1, 3)], fixed=both)
    with pytest.raises(Invalid, match="one_place_at_a_time"):
        solved(given)


def test_a_solver_needs_a_limit() -> None:
    with pytest.raises(Invalid):
        solved(problem([], []), limits=Limits())


def test_an_empty_problem_has_an_empty_answer() -> None:
    outcome = solved(problem([], []))
    assert outcome.timetable == Timetable()
    assert outcome.proven


def test_a_run_can_be_cancelled_and_gives_the_best_so_far() -> None:
    told: list[Progress] = []

    def cancel(progress: Progress) -> bool:
        told.append(progress)
        return False

    given = random_problem(3, 30, 60, odd=False)
    outcome = LocalSearchPlanner().solve(given, None, Limits(iterations=10**9), cancel)
    assert outcome.iterations == 0
    assert outcome.timetable.placements
    assert told[0].placed == len(outcome.timetable.placements)


def test_a_start_that_no_longer_exists_does_no_harm() -> None:
    given = problem([person(1), person(2)], [request(1, 1, 2)])
    outcome = solved(given, timetable(placed(1, 0, 77), placed(9, 0)))
    assert len(outcome.timetable.placements) == 1


# Reasons -----------------------------------------------------------------------------------

FULL = [person(n) for n in range(1, 7)]


def only(problem: Problem, held: Timetable) -> Unplaced:
    (one,) = explain(problem, held)
    return one


def test_tables_full_names_the_table_that_would_help() -> None:
    given = problem(FULL, [request(1, 1, 2), request(2, 3, 4)], tables=(table(1),), slots=1)
    one = only(given, timetable(placed(1, 0)))
    assert one.reason.code == "tables_full"
    assert one.reason.params["venues"] == (str(MAIN),)
    assert one.change is not None
    assert one.change.code == "add_table"


def test_a_meeting_that_could_move_is_named() -> None:
    people = [person(1), person(2), person(3, hours=(span(0, 30),))]
    given = problem(people, [request(1, 1, 2), request(2, 1, 3)], slots=2)
    one = only(given, timetable(placed(1, 0)))
    assert one.reason.code == "no_common_slot"
    assert one.change is not None
    assert (one.change.code, one.change.params["request"]) == ("move_meeting", str(uid(3001)))


def test_a_missing_language_asks_for_an_interpreter() -> None:
    given = problem([person(1, "ru"), person(2, "zh")], [request(1, 1, 2)])
    one = only(given, timetable())
    assert (one.reason.code, one.reason.params["languages"]) == ("no_interpreter", ("ru-zh",))
    assert one.change is not None
    assert one.change.params["languages"] == ("ru", "zh")


def test_a_busy_interpreter_is_told_from_a_missing_one() -> None:
    people = [person(1, "ru"), person(2, "zh"), person(3, "ru"), person(4, "zh")]
    given = problem(
        people,
        [request(1, 1, 2), request(2, 3, 4)],
        slots=1,
        interpreters=(interpreter(1, "ru", "zh"),),
    )
    one = only(given, timetable(placed(1, 0, interpreter_id=uid(4001))))
    assert one.reason.code == "interpreter_busy"
    assert one.change is not None
    assert one.change.code == "add_interpreter"


def test_a_maximum_names_whose_and_by_how_much() -> None:
    people = [person(1, most=1), person(2), person(3)]
    given = problem(people, [request(1, 1, 2), request(2, 1, 3)])
    one = only(given, timetable(placed(1, 0)))
    assert (one.reason.code, one.reason.params["who"]) == ("maximum", str(uid(2001)))
    assert one.change is not None
    assert (one.change.code, one.change.params["to"]) == ("raise_maximum", 2)


def test_hours_and_nights_name_the_person() -> None:
    apart = [person(1, hours=(span(0, 60),)), person(2, hours=(span(60, 120),))]
    one = only(problem(apart, [request(1, 1, 2)]), timetable())
    assert one.reason.code == "no_common_hours"
    assert one.change is not None
    assert one.change.code == "free_person"
    lima = person(2, venue_id=None, zone="Asia/Tokyo")
    sleepy = problem([person(1), replace(lima, zone="Europe/London")], [request(1, 1, 2)])
    sleepy = replace(sleepy, venues=(replace(sleepy.venues[0], tables=(LINK_TABLE,)),))
    night = only(sleepy, timetable())
    assert (night.reason.code, night.reason.params["persons"]) == ("night", (str(uid(2002)),))
    assert night.change is not None
    assert night.change.code == "agree_night"


def test_a_table_without_a_link_is_told_as_such() -> None:
    remote = person(2, venue_id=None)
    one = only(problem([person(1), remote], [request(1, 1, 2)]), timetable())
    assert one.reason.code == "no_table"
    assert one.change is not None
    assert one.change.params["equipment"] == ("video_link",)


def test_two_remote_persons_without_an_online_venue_cannot_meet() -> None:
    given = problem([person(n, venue_id=None) for n in (1, 2)], [request(1, 1, 2)])
    one = only(given, timetable())
    assert (one.reason.code, one.change) == ("cannot_meet", None)


# The day -----------------------------------------------------------------------------------


def test_a_freed_slot_goes_to_those_who_wait_in_order_and_moves_nobody() -> None:
    requests = [request(1, 1, 2), request(2, 3, 4), replace(request(3, 5, 6), weight=2)]
    given = problem(FULL, requests, tables=(table(1),), slots=1)
    held = timetable(placed(1, 0))
    assert refill(given, held) == ()
    assert standby(given, held) == (uid(3003), uid(3002))

    freed = without(held, [uid(3001)])
    given = replace(given, requests=tuple(r for r in given.requests if r.id != uid(3001)))
    found = refill(given, freed)

    assert [placement.request_id for placement in found] == [uid(3003)]
    assert list(violations(given, Timetable((*freed.placements, *found)))) == []
    assert refill(given, freed, [uid(3002)])[0].request_id == uid(3002)


def test_a_refill_looks_ahead_only() -> None:
    given = problem([person(1), person(2)], [request(1, 1, 2)])
    assert refill(given, timetable(), not_before=at(45))[0].first_slot == 2
    assert refill(given, timetable(), not_before=at(500)) == ()


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_refill_is_valid_and_leaves_the_others_alone(seed: int) -> None:
    given = random_problem(seed)
    held = solved(given).timetable
    freed = Timetable(held.placements[::2])
    found = refill(given, freed)
    after = Timetable((*freed.placements, *found))
    assert list(violations(given, after)) == []
    assert not {p.request_id for p in found} & freed.by_request.keys()
