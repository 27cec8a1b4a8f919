"""What is counted, as of which day, and what is never mixed."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from techdock_reporting.domain import facts as f
from techdock_reporting.domain.counting import count
from techdock_reporting.domain.facts import Fact

EVENT = UUID(int=1)
MONDAY, TUESDAY, WEDNESDAY = date(2027, 5, 17), date(2027, 5, 18), date(2027, 5, 19)


def fact(kind: str, thing: str, on: date = MONDAY, /, **attributes: object) -> Fact:
    return Fact(kind, thing, on, EVENT, attributes=attributes)


FRAME = fact(f.FRAME, str(EVENT), date.min, country="CN")


def present(person: str, country: str, checkin: str, on: date = MONDAY) -> Fact:
    return fact(f.PRESENT, checkin, on, person=person, country=country)


def test_a_person_checked_in_twice_is_one_head() -> None:
    counted = count([FRAME, present("ann", "KZ", "a"), present("ann", "KZ", "b", TUESDAY)])
    assert counted.value("HEADCOUNT") == 1
    assert counted.lists["HEADCOUNT"] == ("ann",)


def test_foreign_is_measured_against_the_main_venue_and_countries_include_the_host() -> None:
    counted = count([present("ann", "KZ", "a"), FRAME, present("li", "CN", "b")])
    assert counted.value("FOREIGN") == 1
    assert counted.lists["COUNTRIES"] == ("CN", "KZ")


def test_booked_and_held_are_never_mixed() -> None:
    facts = [fact(f.BOOKED, "m1"), fact(f.BOOKED, "m2"), fact(f.HELD, "m1", TUESDAY)]
    facts.append(fact(f.NO_SHOW, "m2", TUESDAY))
    counted = count(facts)
    assert (counted.value("MEETINGS_BOOKED"), counted.value("MEETINGS_HELD")) == (2, 1)


def test_as_of_leaves_out_what_happened_later() -> None:
    facts = [fact(f.BOOKED, "m1"), fact(f.HELD, "m1", WEDNESDAY)]
    assert count(facts, TUESDAY).value("MEETINGS_HELD") == 0
    assert count(facts, WEDNESDAY).value("MEETINGS_HELD") == 1


def test_what_ended_still_counts_as_of_a_day_before() -> None:
    need = fact(f.PROFILE, "n@e", kind="need", counts_as="n")
    withdrawn = replace(need, ended_on=WEDNESDAY)
    assert count([need, withdrawn], TUESDAY).value("NEEDS") == 1
    assert count([need, withdrawn], WEDNESDAY).value("NEEDS") == 0
    assert count([need, withdrawn]).value("NEEDS") == 0


def test_a_cancelled_docking_event_was_not_held() -> None:
    facts = [fact(f.EVENT_HELD, str(EVENT)), fact(f.EVENT_CANCELLED, str(EVENT))]
    assert count(facts[:1]).value("EVENTS_HELD") == 1
    assert count(facts).value("EVENTS_HELD") == 0


def stage(kind: str, project: str, stage: str, on: date = MONDAY) -> Fact:
    return fact(kind, f"{project}/{stage}", on, project=project, stage=stage)


def test_the_ladder_counts_a_project_on_every_rung_below_its_own() -> None:
    counted = count(
        [
            stage(f.DECLARED, "p", "intention"),
            stage(f.CONFIRMED, "p", "intention"),
            stage(f.DECLARED, "p", "contract", TUESDAY),
            stage(f.CONFIRMED, "p", "contract", TUESDAY),
            stage(f.CONFIRMED, "q", "intention"),
        ]
    )
    assert counted.reached == {
        "intention": 2,
        "agreement": 1,
        "contract": 1,
        "landed": 0,
        "verified": 0,
    }
    assert counted.now["contract"] == 1
    assert counted.now["intention"] == 1
    assert sum(counted.now.values()) == 2


def test_one_sides_word_is_unconfirmed_and_not_reached() -> None:
    counted = count([stage(f.CONFIRMED, "p", "intention"), stage(f.DECLARED, "p", "landed")])
    assert counted.reached["landed"] == 0
    assert counted.value("LANDED") == 0
    assert counted.unconfirmed["landed"] == 1
    assert counted.now["intention"] == 1
