"""Timetable problems for tests: a readable small one, and random ones of any size."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from techdock_matching.domain.spans import Span
from techdock_matching.domain.timetable.problem import (
    VIDEO_LINK,
    Interpreter,
    Participation,
    Person,
    Placement,
    Problem,
    Request,
    Session,
    Table,
    Timetable,
    Venue,
)

NINE = datetime(2027, 4, 21, 1, 0, tzinfo=UTC)
"""09:00 in Lanzhou."""

ZONES = {"main": "Asia/Shanghai", "sub": "Asia/Almaty", "online": "UTC", "far": "America/Lima"}


def uid(number: int) -> UUID:
    return UUID(int=number)


def at(minutes: int) -> datetime:
    """Return an instant so many minutes after the first slot begins."""
    return NINE + timedelta(minutes=minutes)


def span(start: int, end: int) -> Span:
    return Span(at(start), at(end))


MAIN, SUB, ONLINE = uid(1), uid(2), uid(3)
MORNING, SUB_MORNING, LINE = uid(11), uid(12), uid(13)


LINK_TABLE = Table(uid(109), frozenset({VIDEO_LINK}))


def table(number: int, *equipment: str, owner: UUID | None = None) -> Table:
    return Table(uid(100 + number), frozenset(equipment), owner)


def person(number: int, *languages: str, **facts: Any) -> Person:
    """Return the only person of participation `1000 + number`, on site at the main venue."""
    given: dict[str, Any] = {"venue_id": MAIN, "zone": ZONES["main"], **facts}
    return Person(
        uid(2000 + number),
        given.pop("participation_id", uid(1000 + number)),
        frozenset(languages or ("en",)),
        **given,
    )


def request(number: int, one: int, other: int, **facts: Any) -> Request:
    """Return a request between the persons of two numbers."""
    return Request(
        uid(3000 + number),
        (uid(1000 + one), uid(1000 + other)),
        (uid(2000 + one), uid(2000 + other)),
        **facts,
    )


def interpreter(number: int, *languages: str, **facts: Any) -> Interpreter:
    return Interpreter(uid(4000 + number), frozenset(languages), **{"venue_id": MAIN, **facts})


def problem(
    persons: Sequence[Person],
    requests: Sequence[Request],
    tables: Sequence[Table] = (table(1), table(2)),
    slots: int = 4,
    **facts: Any,
) -> Problem:
    """Return a problem of one morning at the main venue, slots of 30 minutes."""
    given: dict[str, Any] = {
        "sessions": (Session(MORNING, MAIN, NINE, at(30 * slots)),),
        "venues": (Venue(MAIN, ZONES["main"], tuple(tables)),),
        "participations": tuple(
            Participation(party, uid(4000 + party.int))
            for party in sorted({person.participation_id for person in persons})
        ),
        **facts,
    }
    return Problem(persons=tuple(persons), requests=tuple(requests), **given)


def placed(number: int, slot: int, seat: int | None = 1, **facts: Any) -> Placement:
    """Return the placement of a request in the morning at a table."""
    table_id = None if seat is None else uid(100 + seat)
    given: dict[str, Any] = {"session_id": MORNING, "slots": 1, "venue_id": MAIN, **facts}
    return Placement(uid(3000 + number), first_slot=slot, table_id=table_id, **given)


def timetable(*placements: Placement) -> Timetable:
    return Timetable(placements)


def random_problem(
    seed: int,
    persons: int = 12,
    requests: int = 16,
    slots: int = 6,
    tables: int = 3,
    *,
    odd: bool = True,
) -> Problem:
    """Return a problem with venues, remote persons, interpreters and, if odd, odd wishes too."""
    chance = random.Random(seed)
    venues = (
        Venue(MAIN, ZONES["main"], _tables(100, tables, odd)),
        Venue(SUB, ZONES["sub"], _tables(500, max(1, tables // 2), odd)),
        Venue(ONLINE, ZONES["online"], online=True),
    )
    pause = chance.choice([0, 5]) if odd else 0
    sessions = tuple(
        Session(held, venue, NINE, at((30 + pause) * slots), 30, pause)
        for held, venue in ((MORNING, MAIN), (SUB_MORNING, SUB), (LINE, ONLINE))
    )
    if odd:
        sessions += (Session(uid(14), MAIN, at(300), at(420), 20, 5),)
    people = tuple(_person(chance, number, slots, odd) for number in range(persons))
    parties = sorted({one.participation_id for one in people})
    asked = tuple(_request(chance, number, people, odd) for number in range(requests))
    return Problem(
        sessions=sessions,
        venues=venues,
        persons=people,
        participations=tuple(
            Participation(
                party,
                uid(5000 + n),
                least=chance.choice([0, 1, 2]),
                most=chance.choice([None, 4]) if odd else None,
            )
            for n, party in enumerate(parties)
        ),
        requests=asked,
        interpreters=tuple(
            Interpreter(
                uid(4000 + n),
                frozenset(chance.sample(["en", "ru", "zh", "es"], 2)),
                chance.choice([MAIN, MAIN, SUB, None]),
                busy=(span(0, 30),) if odd and chance.random() < 0.3 else (),
            )
            for n in range(max(2, persons // 15))
        ),
        precedences=((asked[0].id, asked[1].id),) if odd and requests > 1 else (),
        travel_minutes={(MAIN, SUB): 40, (SUB, MAIN): 40} if odd and seed % 2 else {},
        buffer_minutes=10 if odd and seed % 2 else 0,
    )


def _tables(first: int, count: int, odd: bool) -> tuple[Table, ...]:
    return tuple(
        Table(
            uid(first + n),
            frozenset({VIDEO_LINK}) if n % 3 == 0 else frozenset(),
            uid(5000) if odd and n == 1 else None,
            busy=(span(30, 60),) if odd and n == 2 else (),
        )
        for n in range(count)
    )


def _person(chance: random.Random, number: int, slots: int, odd: bool) -> Person:
    place = chance.choice([MAIN, MAIN, MAIN, MAIN, SUB, None])
    zone = {MAIN: ZONES["main"], SUB: ZONES["sub"]}.get(place, chance.choice(list(ZONES.values())))
    if not odd and place is None:
        zone = "Europe/Moscow"
    first = 30 * chance.randint(0, slots // 2)
    languages = set(chance.sample(["en", "ru", "zh", "es"], chance.choice([1, 1, 2])))
    if not odd and chance.random() < 0.8:
        languages.add("en")
    return Person(
        uid(2000 + number),
        uid(1000 + number // 2),
        frozenset(languages),
        zone,
        place,
        hours=(span(first, 24 * 60),) if odd and chance.random() < 0.3 else (),
        busy=(span(30, 60),) if odd and chance.random() < 0.2 else (),
        night=chance.random() < 0.3,
        most=chance.choice([None, None, 2, 5]) if odd else None,
    )


def _request(chance: random.Random, number: int, people: Sequence[Person], odd: bool) -> Request:
    one = chance.choice(people)
    others = [p for p in people if p.participation_id != one.participation_id]
    sitting = [one, chance.choice(others)]
    if odd and chance.random() < 0.2:
        third = chance.choice(people)
        sitting += [] if third in sitting else [third]
    return Request(
        uid(3000 + number),
        tuple(sorted({p.participation_id for p in sitting})),
        tuple(p.id for p in sitting),
        slots=2 if odd and chance.random() < 0.15 else 1,
        weight=chance.choice([1, 1, 2]),
        sessions=frozenset({MORNING}) if odd and chance.random() < 0.1 else frozenset(),
        accepted=not odd or chance.random() < 0.9,
    )
