"""An agenda in which each column is a city's own clock."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from techdock_portal.client import Json
from techdock_portal.texts import best
from techdock_portal.times import Clocks, instant, offset, zone_of

NIGHT_FROM, NIGHT_TO = 22, 6
MOST_COLUMNS = 6


@dataclass(frozen=True, slots=True)
class Column:
    """One clock: the cities that share it that day, and its distance to UTC."""

    cities: str
    offset: str
    zone: str
    own: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """When a session is by one clock."""

    hours: str
    night: bool
    here: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One session."""

    session: Json
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """The sessions of one day, counted at the main venue."""

    date: date
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


def main_venue(docking_event: Json) -> Json:
    """Return the main venue; an empty one as long as there is none."""
    venues: list[Json] = docking_event.get("venues") or []
    return next((v for v in venues if v.get("kind") == "main"), venues[0] if venues else {})


def venue_of(docking_event: Json, venue_id: object) -> Json:
    """Return a venue by its id; an empty one when it is gone."""
    venues: list[Json] = docking_event.get("venues") or []
    return next((v for v in venues if str(v.get("id")) == str(venue_id)), {})


def city_of(venue: Json, language: str) -> str:
    """Return the city of a venue, or its name when it stands in no city."""
    return str(best(venue.get("city"), language) or best(venue.get("names"), language))


def days(docking_event: Json, sessions: list[Json], clocks: Clocks) -> list[Day]:
    """Return the agenda by day, earliest first."""
    zone = zone_of(main_venue(docking_event).get("zone")) or UTC
    by_day: dict[date, list[Json]] = {}
    for session in sorted(sessions, key=lambda s: (s.get("start") or "", s.get("end") or "")):
        start = instant(session.get("start"))
        if start is not None:
            by_day.setdefault(start.astimezone(zone).date(), []).append(session)
    return [_day(docking_event, day, those, clocks) for day, those in sorted(by_day.items())]


def _day(docking_event: Json, day: date, sessions: list[Json], clocks: Clocks) -> Day:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    columns = _columns(docking_event, noon, clocks)
    rows = []
    for session in sessions:
        venue = venue_of(docking_event, session.get("venue_id"))
        start, end = instant(session["start"]), instant(session.get("end"))
        if start is not None:
            cells = tuple(_cell(start, end, column, venue, clocks) for column in columns)
            rows.append(Row(session, cells))
    return Day(day, columns, tuple(rows))


def _columns(docking_event: Json, at: datetime, clocks: Clocks) -> tuple[Column, ...]:
    venues: list[Json] = [
        venue
        for venue in docking_event.get("venues") or []
        if zone_of(venue.get("zone")) and venue.get("kind") != "online"
    ]
    venues.sort(key=lambda v: v.get("kind") != "main")
    grouped: dict[str, tuple[list[str], str]] = {}
    for venue in venues:
        zone = str(venue["zone"])
        cities, _ = grouped.setdefault(offset(at.astimezone(zone_of(zone))), ([], zone))
        city = city_of(venue, clocks.language.tag)
        if city and city not in cities:
            cities.append(city)
    columns = [
        Column(clocks.language.listed(cities) or clocks.city(zone), distance, zone)
        for distance, (cities, zone) in list(grouped.items())[:MOST_COLUMNS]
    ]
    own = zone_of(clocks.own)
    if own is not None and offset(at.astimezone(own)) not in grouped:
        mine = Column(
            clocks.city(clocks.own), offset(at.astimezone(own)), str(clocks.own), own=True
        )
        columns.append(mine)
    return tuple(columns)


def _cell(
    start: datetime, end: datetime | None, column: Column, venue: Json, clocks: Clocks
) -> Cell:
    zone = zone_of(column.zone) or UTC
    hour = start.astimezone(zone).hour
    night = hour >= NIGHT_FROM or hour < NIGHT_TO
    here = bool(venue.get("zone")) and offset(
        start.astimezone(zone_of(venue.get("zone")) or UTC)
    ) == offset(start.astimezone(zone))
    return Cell(clocks.hours(start, end, column.zone), night, here)
