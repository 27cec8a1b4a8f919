"""The judge: each hard rule, kept and broken."""

from dataclasses import replace

import pytest
from support.timetables import (
    LINK_TABLE,
    MAIN,
    NINE,
    ONLINE,
    SUB,
    SUB_MORNING,
    ZONES,
    at,
    interpreter,
    person,
    placed,
    problem,
    request,
    span,
    table,
    timetable,
    uid,
)
from techdock_matching.domain.timetable.judge import violations
from techdock_matching.domain.timetable.problem import (
    Placement,
    Problem,
    Session,
    Timetable,
    Venue,
)

A, B, C = person(1), person(2), person(3)
AB = request(1, 1, 2)


def broken(problem: Problem, *placements: Placement) -> set[str]:
    """Return the names of the rules that the judge finds broken."""
    return {violation.rule for violation in violations(problem, Timetable(placements))}


def test_a_timetable_that_keeps_every_rule_is_valid() -> None:
    given = problem([A, B, C], [AB, request(2, 1, 3)])
    assert broken(given, placed(1, 0), placed(2, 1)) == set()
    assert broken(given) == set()


@pytest.mark.parametrize(
    "faulty",
    [
        placed(9, 0),
        placed(1, 4),
        placed(1, -1),
        placed(1, 0, slots=2),
        placed(1, 0, 77),
        placed(1, 0, session_id=uid(99)),
        placed(1, 0, venue_id=SUB),
        placed(1, 0, interpreter_id=uid(99)),
    ],
)
def test_what_does_not_exist_is_told_and_no_rule_stumbles_over_it(faulty: Placement) -> None:
    assert broken(problem([A, B], [AB]), faulty) == {"sound"}


def test_a_request_has_one_place_only() -> None:
    assert broken(problem([A, B], [AB]), placed(1, 0), placed(1, 1)) == {"sound"}


def test_a_request_that_nobody_accepted_has_no_place() -> None:
    given = problem([A, B], [replace(AB, accepted=False)])
    assert broken(given, placed(1, 0)) == {"accepted"}


def test_a_person_is_in_one_meeting_at_a_time() -> None:
    given = problem([A, B, C], [AB, request(2, 1, 3)])
    assert broken(given, placed(1, 0, 1), placed(2, 0, 2)) == {"one_place_at_a_time"}


def test_a_table_holds_one_meeting_at_a_time() -> None:
    given = problem([A, B, C, person(4)], [AB, request(2, 3, 4)])
    assert broken(given, placed(1, 0, 1), placed(2, 0, 1)) == {"one_place_at_a_time"}
    assert broken(given, placed(1, 0, 1), placed(2, 1, 1)) == set()


def test_sessions_that_overlap_by_a_part_of_a_slot_are_seen_by_tick() -> None:
    shifted = Session(uid(15), MAIN, at(15), at(75))
    given = problem([A, B, C], [AB, request(2, 1, 3)])
    given = replace(given, sessions=(*given.sessions, shifted))
    overlapping = placed(2, 0, 2, session_id=shifted.id)
    assert broken(given, placed(1, 0, 1), overlapping) == {"one_place_at_a_time"}
    assert broken(given, placed(1, 2, 1), overlapping) == set()


def test_an_interpreter_is_in_one_meeting_at_a_time() -> None:
    people = [person(1, "ru"), person(2, "zh"), person(3, "ru"), person(4, "zh")]
    given = problem(people, [AB, request(2, 3, 4)], interpreters=(interpreter(1, "ru", "zh"),))
    both = [placed(n, 0, n, interpreter_id=uid(4001)) for n in (1, 2)]
    assert broken(given, *both) == {"one_place_at_a_time"}


def test_an_interpreter_cannot_sit_in_elsewhere_as_a_person_meanwhile() -> None:
    helper = replace(interpreter(1, "ru", "zh"), id=uid(2003))
    people = [person(1, "ru"), person(2, "zh"), person(3), person(4)]
    given = problem(people, [AB, request(2, 3, 4)], interpreters=(helper,))
    placements = placed(1, 0, 1, interpreter_id=helper.id), placed(2, 0, 2)
    assert broken(given, *placements) == {"one_place_at_a_time"}


@pytest.mark.parametrize(
    ("facts", "slot", "rules"),
    [
        ({"hours": (span(0, 60),)}, 1, set()),
        ({"hours": (span(0, 30), span(30, 60))}, 0, set()),
        ({"hours": (span(0, 60),)}, 2, {"available"}),
        ({"hours": (span(0, 45),)}, 1, {"available"}),
        ({"busy": (span(45, 50),)}, 1, {"available"}),
        ({"busy": (span(60, 90),)}, 1, set()),
    ],
)
def test_a_meeting_lies_in_everybodys_hours(facts: dict, slot: int, rules: set[str]) -> None:
    given = problem([A, person(2, **facts)], [AB])
    assert broken(given, placed(1, slot)) == rules


def test_an_interpreter_has_hours_too() -> None:
    helper = interpreter(1, "ru", "zh", hours=(span(30, 60),))
    given = problem([person(1, "ru"), person(2, "zh")], [AB], interpreters=(helper,))
    assert broken(given, placed(1, 0, interpreter_id=helper.id)) == {"available"}
    assert broken(given, placed(1, 1, interpreter_id=helper.id)) == set()


def test_a_request_stays_in_the_sessions_that_it_allows() -> None:
    given = problem([A, B], [replace(AB, sessions=frozenset({uid(99)}))])
    assert broken(given, placed(1, 0)) == {"session"}


def test_what_is_fixed_stays() -> None:
    given = problem([A, B], [AB], fixed=(placed(1, 0),))
    assert broken(given, placed(1, 0)) == set()
    assert broken(given, placed(1, 1)) == {"fixed"}
    assert broken(given) == {"fixed"}


def test_parties_need_a_common_language_or_one_interpreter_who_covers_all() -> None:
    people = [person(1, "ru"), person(2, "zh"), person(3, "es")]
    helpers = (interpreter(1, "ru", "zh"), interpreter(2, "ru", "zh", "es"))
    three = replace(AB, parties=(*AB.parties, uid(1003)), persons=(*AB.persons, uid(2003)))
    given = problem(people, [AB, replace(three, id=uid(3002))], interpreters=helpers)
    assert broken(given, placed(1, 0)) == {"language"}
    assert broken(given, placed(1, 0, interpreter_id=uid(4001))) == set()
    assert broken(given, placed(2, 0, interpreter_id=uid(4001))) == {"language"}
    assert broken(given, placed(2, 0, interpreter_id=uid(4002))) == set()


def test_one_person_of_a_delegation_may_speak_for_it() -> None:
    people = [person(1, "ru"), person(4, "zh", "ru", participation_id=uid(1001)), person(2, "zh")]
    both = replace(AB, persons=(*AB.persons, uid(2004)))
    assert broken(problem(people, [both]), placed(1, 0)) == set()
    assert broken(problem(people, [AB]), placed(1, 0)) == {"language"}


def test_who_stated_no_language_fits_everybody() -> None:
    given = problem([replace(A, languages=frozenset()), person(2, "zh")], [AB])
    assert broken(given, placed(1, 0)) == set()


def test_somebody_remote_needs_a_table_with_a_video_link() -> None:
    remote = person(2, venue_id=None, zone="Europe/Moscow", night=True)
    given = problem([A, remote], [AB], tables=(table(1), LINK_TABLE))
    assert broken(given, placed(1, 0, 1)) == {"place"}
    assert broken(given, placed(1, 0, 9)) == set()


def test_nobody_meets_at_a_venue_where_none_of_them_is() -> None:
    people = [person(n, venue_id=SUB) for n in (1, 2)]
    assert broken(problem(people, [AB], tables=(LINK_TABLE,)), placed(1, 0, 9)) == {"place"}


def test_a_booth_is_for_the_meetings_of_its_owner() -> None:
    booth = table(3, "booth", owner=uid(5001))
    given = problem([A, B, C], [AB, request(2, 2, 3)], tables=(booth,))
    assert broken(given, placed(1, 0, 3)) == set()
    assert broken(given, placed(2, 0, 3)) == {"place"}


def test_a_meeting_at_a_venue_needs_a_table_and_one_by_link_has_none() -> None:
    line = Venue(ONLINE, "UTC", online=True)
    remote = person(2, venue_id=None)
    given = problem([A, remote, C], [AB, request(2, 1, 3)])
    online = Session(uid(16), ONLINE, NINE, at(60))
    given = replace(given, venues=(*given.venues, line), sessions=(*given.sessions, online))
    there = {"session_id": online.id, "venue_id": ONLINE}
    assert broken(given, placed(1, 0, None, **there)) == set()
    assert broken(given, placed(2, 0, None, **there)) == {"place"}
    assert broken(given, placed(2, 0, None)) == {"place"}


def test_between_two_venues_there_is_time_for_the_way_and_the_buffer() -> None:
    people = [A, B, person(3, venue_id=SUB, zone=ZONES["main"])]
    given = problem(people, [AB, request(2, 1, 3)])
    given = replace(
        given,
        venues=(*given.venues, Venue(SUB, ZONES["sub"], (table(5),))),
        sessions=(*given.sessions, Session(SUB_MORNING, SUB, NINE, at(120))),
        travel_minutes={(MAIN, SUB): 25, (SUB, MAIN): 25},
        buffer_minutes=5,
    )
    there = {"session_id": SUB_MORNING, "venue_id": SUB}
    assert broken(given, placed(1, 0), placed(2, 1, 5, **there)) == {"travel"}
    assert broken(given, placed(1, 0), placed(2, 2, 5, **there)) == set()
    assert broken(given, placed(1, 3), placed(2, 2, 5, **there)) == {"travel"}


def test_nobody_meets_more_often_than_wanted() -> None:
    requests = [AB, request(2, 1, 3)]
    both = placed(1, 0), placed(2, 1)
    assert broken(problem([replace(A, most=1), B, C], requests), *both) == {"maximum"}
    assert broken(problem([replace(A, most=2), B, C], requests), *both) == set()
    given = problem([A, B, C], requests)
    limited = tuple(replace(p, most=1) if p.id == uid(1001) else p for p in given.participations)
    assert broken(replace(given, participations=limited), *both) == {"maximum"}


def test_what_has_to_come_before_comes_before() -> None:
    pair = (uid(3001), uid(3002))
    given = problem([A, B, C], [AB, request(2, 1, 3)], precedences=(pair,))
    assert broken(given, placed(1, 1), placed(2, 0)) == {"precedence"}
    assert broken(given, placed(1, 0), placed(2, 1)) == set()
    assert broken(given, placed(2, 0)) == set()


@pytest.mark.parametrize(("night", "rules"), [(False, {"night"}), (True, set())])
def test_nobody_meets_at_night_without_having_agreed(night: bool, rules: set[str]) -> None:
    # 01:00 UTC is 04:00 in Moscow until 02:00 UTC.
    remote = person(2, venue_id=None, zone="Europe/Moscow", night=night)
    given = problem([A, remote], [AB], tables=(LINK_TABLE,))
    assert broken(given, placed(1, 1, 9)) == rules
    assert broken(given, placed(1, 2, 9)) == set()


def test_a_violation_says_what_and_whose() -> None:
    given = problem([A, B, C], [AB, request(2, 1, 3)])
    told = list(violations(given, timetable(placed(1, 0, 1), placed(2, 0, 2))))
    assert told[0].requests == (uid(3001), uid(3002))
    assert str(uid(2001)) in str(told[0])
