"""Repair on the day: the nearest place, others give way only where they must, nothing else moves."""

import random
from dataclasses import replace
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from support.timetables import (
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
from techdock_matching.domain.spans import Span
from techdock_matching.domain.timetable.judge import violations
from techdock_matching.domain.timetable.problem import Placement, Problem, Timetable
from techdock_matching.domain.timetable.refill import refill
from techdock_matching.domain.timetable.repair import DEEPEST, Change, repair


def moved(change: Change) -> dict[int, int | None]:
    """Return by request, from 1, the slot to which it went; None: it has no place."""
    return {
        move.request_id.int - 3000: None if move.after is None else move.after.first_slot
        for move in change.moves
    }


def test_the_nearest_free_slot_is_taken_and_the_table_kept() -> None:
    given = problem([person(1), person(2, busy=(span(60, 90),))], [request(1, 1, 2)], slots=5)
    change = repair(given, timetable(placed(1, 2, seat=2)), {uid(3001)})
    assert moved(change) == {1: 1}
    (move,) = change.moves
    assert move.after is not None
    assert move.after.table_id == uid(102)
    assert (move.hit, change.gave_way) == (True, ())


def test_nobody_starts_in_the_past() -> None:
    given = problem([person(1), person(2, busy=(span(60, 90),))], [request(1, 1, 2)], slots=5)
    change = repair(given, timetable(placed(1, 2)), {uid(3001)}, not_before=at(60))
    assert moved(change) == {1: 3}


def test_one_gives_way_where_no_place_is_free() -> None:
    # Two slots, one table: 1 can only be in the second one now, 2 can be in both.
    late = person(1, busy=(span(0, 30),))
    people = [late, person(2), person(3), person(4)]
    given = problem(people, [request(1, 1, 2), request(2, 3, 4)], [table(1)], slots=2)
    before = timetable(placed(1, 0), placed(2, 1))
    change = repair(given, before, {uid(3001)})
    assert moved(change) == {1: 1, 2: 0}
    assert change.gave_way == (uid(3002),)
    assert list(violations(given, change.applied(before))) == []
    held = replace(given, fixed=(placed(2, 1),))
    assert moved(repair(held, before, {uid(3001)})) == {1: None}
    assert moved(repair(given, before, {uid(3001)}, deepest=0)) == {1: None}


def test_a_table_that_is_lost_is_left() -> None:
    people = [person(n) for n in range(1, 5)]
    lost = replace(table(1), busy=(span(0, 60),))
    given = problem(people, [request(1, 1, 2), request(2, 3, 4)], [lost, table(2)], slots=2)
    before = timetable(placed(1, 0, seat=1), placed(2, 0, seat=2))
    faults = list(violations(given, before))
    assert [fault.requests for fault in faults] == [(uid(3001),)]
    after = repair(given, before, {uid(3001)}).applied(before)
    assert after.by_request[uid(3001)].table_id == uid(102)
    assert list(violations(given, after)) == []


def test_an_interpreter_gives_way_for_another_meeting() -> None:
    # Only the first interpreter speaks French; the other meeting can be later.
    people = [person(1, "zh"), person(2, "fr"), person(3, "zh"), person(4, "ru")]
    people[0] = replace(people[0], busy=(span(30, 60),))
    able = interpreter(1, "zh", "fr", "ru")
    given = problem(people, [request(1, 1, 2), request(2, 3, 4)], slots=2, interpreters=(able,))
    before = timetable(
        placed(1, 1, seat=1, interpreter_id=able.id), placed(2, 0, seat=2, interpreter_id=able.id)
    )
    change = repair(given, before, {uid(3001)})
    assert moved(change) == {1: 0, 2: 1}
    assert list(violations(given, change.applied(before))) == []


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 10**6))
def test_after_a_repair_every_rule_is_kept(seed: int) -> None:
    chance = random.Random(seed)
    given = random_problem(seed, persons=14, requests=22)
    before = _filled(given)
    now = at(chance.choice([0, 30, 60]))
    changed = _without_something(given, chance, Span(now, at(600)))
    fixed = tuple(p for p in before.placements if given.span(p).start < now)
    changed = replace(changed, fixed=fixed)
    hit = {
        request_id
        for fault in violations(changed, before)
        for request_id in fault.requests
        if given.span(before.by_request[request_id]).start >= now
    }
    change = repair(changed, before, hit, not_before=now)
    after = change.applied(before)
    rest = [one for one in violations(changed, after) if not _of(one.requests, fixed)]
    assert rest == []
    assert set(fixed) <= set(after.placements)
    assert len(change.gave_way) <= DEEPEST * len(hit)
    for move in change.moves:
        assert move.after is None or changed.span(move.after).start >= now
        assert move.hit or move.after is not None, "who gives way keeps a place"


def _of(requests: tuple[UUID, ...], fixed: tuple[Placement, ...]) -> bool:
    """Whether a fault is one of meetings that began before: they cannot be mended."""
    return {p.request_id for p in fixed} >= set(requests)


def _filled(given: Problem) -> Timetable:
    fixed = Timetable(given.fixed)
    return Timetable((*fixed.placements, *refill(given, fixed)))


def _without_something(given: Problem, chance: random.Random, lost: Span) -> Problem:
    kind = chance.choice(["person", "table", "interpreter"])
    if kind == "table":
        venues = list(given.venues)
        number = chance.choice([n for n, venue in enumerate(venues) if venue.tables])
        tables = list(venues[number].tables)
        at_table = chance.randrange(len(tables))
        tables[at_table] = replace(tables[at_table], busy=(lost,))
        venues[number] = replace(venues[number], tables=tuple(tables))
        return replace(given, venues=tuple(venues))
    field = "persons" if kind == "person" or not given.interpreters else "interpreters"
    people = list(getattr(given, field))
    who = chance.randrange(len(people))
    people[who] = replace(people[who], busy=(*people[who].busy, lost))
    return replace(given, **{field: tuple(people)})
