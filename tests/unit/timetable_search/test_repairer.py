"""The compiled repair: valid, with nobody moved unasked, and as it was afterwards."""

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.timetables import (
    at,
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
from techdock_matching.adapters.search.planner import LocalSearchPlanner, prepare
from techdock_matching.adapters.search.repairer import NativeRepairer
from techdock_matching.app.ports import Limits
from techdock_matching.domain.spans import Span
from techdock_matching.domain.timetable.happened import Happened, What
from techdock_matching.domain.timetable.judge import violations
from techdock_matching.domain.timetable.problem import Problem, Timetable


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    prepare()


def solved(problem: Problem, seed: int) -> Timetable:
    limits = Limits(iterations=1500, seed=seed)
    return LocalSearchPlanner().solve(problem, None, limits).timetable


def something(problem: Problem, held: Timetable, chance: random.Random) -> Happened:
    begin = at(30 * chance.randrange(6))
    away = Span(begin, begin + timedelta(minutes=30 * chance.randint(1, 3)))
    what = chance.choice(list(What))
    if what is What.REQUEST:
        waiting = [r.id for r in problem.requests if r.accepted and r.id not in held.by_request]
        assume(waiting)
        return Happened(what, chance.choice(waiting))
    things = {
        What.PERSON: [*problem.person],
        What.TABLE: [*problem.table],
        What.INTERPRETER: [*problem.interpreter],
    }[what]
    return Happened(what, chance.choice(things), away)


@settings(max_examples=200, deadline=None)
@given(seed=st.integers(0, 10**6), late=st.booleans())
def test_a_repair_keeps_every_rule_and_whatever_is_fixed_or_past(seed: int, late: bool) -> None:
    chance = random.Random(seed)
    given = random_problem(seed, 20, 60, tables=4)
    held = solved(given, seed)
    given = replace(given, fixed=held.placements[::5])
    happened = something(given, held, chance)
    not_before: datetime | None = at(45) if late else None

    change = NativeRepairer().repair(given, held, happened, not_before)

    after = change.applied(held)
    changed = happened.applied(given)
    # What is fixed or past may break a rule now: that is for the organizer to say.
    stuck = {p.request_id for p in given.fixed}
    if not_before is not None:
        stuck |= {p.request_id for p in held.placements if given.span(p).start < not_before}
    for fault in violations(changed, after):
        assert fault.rule == "available"
        assert stuck.issuperset(fault.requests)
    assert not stuck & {move.request_id for move in change.moves}
    for move in change.moves:
        if move.after is not None and not_before is not None:
            assert given.span(move.after).start >= not_before
        if not move.hit:
            assert move.after is not None
            assert move.before is not None
    assert len(change.gave_way) <= 2 * max(1, sum(move.hit for move in change.moves))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_repairer_says_the_same_again_and_knows_another_timetable(seed: int) -> None:
    chance = random.Random(seed)
    given = random_problem(seed, 20, 60, tables=4)
    held = solved(given, seed)
    repairer = NativeRepairer()
    happenings = [something(given, held, chance) for _ in range(4)]
    first = [repairer.repair(given, held, one) for one in happenings]
    assert [repairer.repair(given, held, one) for one in happenings] == first
    fewer = Timetable(held.placements[1:])
    again = repairer.repair(given, fewer, happenings[0])
    assert again == NativeRepairer().repair(given, fewer, happenings[0])


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_what_no_longer_holds_is_mended(seed: int) -> None:
    chance = random.Random(seed)
    given = random_problem(seed, 20, 60, tables=4)
    held = solved(given, seed)
    happened = something(given, held, chance)
    changed = happened.applied(given)
    hit = {it for fault in violations(changed, held) for it in fault.requests}

    change = NativeRepairer().mend(changed, held, hit)

    assert list(violations(changed, change.applied(held))) == []
    assert hit == {move.request_id for move in change.moves if move.hit}


FOUR = [person(n) for n in range(1, 5)]


def test_a_meeting_goes_to_the_nearest_slot_at_the_same_table() -> None:
    given = problem(FOUR, [request(1, 1, 2)], tables=(table(1), table(2)), slots=5)
    held = timetable(placed(1, 2, 2))
    away = Happened(What.PERSON, uid(2001), span(60, 90))
    (move,) = NativeRepairer().repair(given, held, away).moves
    assert move.after is not None
    assert (move.after.first_slot, move.after.table_id) == (1, uid(102))
    (later,) = NativeRepairer().repair(given, held, away, not_before=at(60)).moves
    assert later.after is not None
    assert later.after.first_slot == 3


def test_one_other_gives_way_where_no_place_is_free() -> None:
    # At the only table 1 and 2 can meet in the first slot alone, where 3 and 4 sit.
    early = [person(n, hours=(span(0, 30),)) for n in (1, 2)]
    given = problem(
        [*early, *FOUR[2:]], [request(1, 1, 2), request(2, 3, 4)], tables=(table(1),), slots=2
    )
    wants = Happened(What.REQUEST, uid(3001))
    change = NativeRepairer().repair(given, timetable(placed(2, 0)), wants)
    assert change.gave_way == (uid(3002),)
    after = change.applied(timetable(placed(2, 0)))
    assert {p.request_id: p.first_slot for p in after.placements} == {uid(3001): 0, uid(3002): 1}
    alone = NativeRepairer().repair(given, timetable(placed(2, 0)), wants, deepest=0)
    assert alone.moves == ()


def test_a_lost_table_moves_who_sat_there_to_another() -> None:
    given = problem(FOUR, [request(1, 1, 2)], tables=(table(1), table(2)), slots=2)
    lost = Happened(What.TABLE, uid(101), span(0, 60))
    (move,) = NativeRepairer().repair(given, timetable(placed(1, 0, 1)), lost).moves
    assert move.after is not None
    assert (move.after.first_slot, move.after.table_id) == (0, uid(102))
