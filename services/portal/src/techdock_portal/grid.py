"""A timetable as a grid: slots down, tables across."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime

from techdock_portal import agenda
from techdock_portal.client import Json
from techdock_portal.times import Clocks, instant, zone_of


@dataclass(frozen=True, slots=True)
class Table:
    """One column: a table, or the place for meetings without one."""

    id: str
    label: str
    city: str
    zone: str


@dataclass(frozen=True, slots=True)
class Slot:
    """One row: when it begins, by the main venue's clock and the others'."""

    start: datetime
    hours: str
    elsewhere: tuple[str, ...]
    cells: tuple[tuple[Json, ...], ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The grid of one day."""

    day: date
    place: str
    tables: tuple[Table, ...]
    slots: tuple[Slot, ...]


def sheets(docking_event: Json, meetings: list[Json], clocks: Clocks) -> list[Sheet]:
    """Return one grid for each day that has a meeting."""
    main = agenda.main_venue(docking_event)
    zone = zone_of(main.get("zone")) or UTC
    by_day: dict[date, list[tuple[datetime, Json]]] = defaultdict(list)
    for meeting in meetings:
        start = instant(meeting.get("start"))
        if start is not None:
            by_day[start.astimezone(zone).date()].append((start, meeting))
    return [_sheet(docking_event, day, those, clocks) for day, those in sorted(by_day.items())]


def _sheet(
    docking_event: Json, day: date, meetings: list[tuple[datetime, Json]], clocks: Clocks
) -> Sheet:
    main = agenda.main_venue(docking_event)
    used = {str(m.get("table_id") or "") for _, m in meetings}
    tables = [table for table in _tables(docking_event, clocks) if table.id in used]
    if "" in used:
        tables.append(Table("", "", "", ""))
    by_cell: dict[tuple[datetime, str], list[Json]] = defaultdict(list)
    for start, meeting in meetings:
        by_cell[start, str(meeting.get("table_id") or "")].append(meeting)
    zones = dict.fromkeys(t.zone for t in tables if t.zone and t.zone != main.get("zone"))
    slots = []
    for start in sorted({start for start, _ in meetings}):
        elsewhere = tuple(
            f"{_cities(tables, zone)} {clocks.hours(start, None, zone)}" for zone in zones
        )
        cells = tuple(tuple(by_cell.get((start, table.id), ())) for table in tables)
        slots.append(Slot(start, clocks.hours(start, None, main.get("zone")), elsewhere, cells))
    noon = slots[0].start if slots else None
    place = clocks.place(main.get("zone"), agenda.city_of(main, clocks.language.tag), noon)
    return Sheet(day, place, tuple(tables), tuple(slots))


def _tables(docking_event: Json, clocks: Clocks) -> list[Table]:
    venues = sorted(docking_event.get("venues") or (), key=lambda v: v.get("kind") != "main")
    return [
        Table(str(table["id"]), str(table["label"]), agenda.city_of(venue, clocks.language.tag),
              str(venue.get("zone") or ""))
        for venue in venues
        for table in venue.get("tables") or ()
    ]  # fmt: skip


def _cities(tables: list[Table], zone: str) -> str:
    return next((table.city for table in tables if table.zone == zone), zone)


def parties_of(meeting: Json) -> list[str]:
    """Return the participations of a meeting."""
    return [str(party["participation_id"]) for party in meeting.get("parties") or ()]


def drawn(placements: list[Json], requests: list[Json], frame: Json) -> list[Json]:
    """Return the placements of a draft as meetings: with parties, and when they are.

    Args:
        placements: Name their request, session and first slot only.
        requests: Of the docking event.
        frame: With all slots of all sessions.
    """
    by_id = {str(request["id"]): request for request in requests}
    slots = {(str(s["session_id"]), s["number"]): s for s in frame.get("slots") or ()}
    meetings = []
    for each in placements:
        request = by_id.get(str(each["request_id"]), {})
        first = slots.get((str(each["session_id"]), each["first_slot"]), {})
        last = slots.get((str(each["session_id"]), each["first_slot"] + each["slots"] - 1), first)
        sides = [request.get(f"{side}_participation_id") for side in ("asking", "asked")]
        parties = [{"participation_id": side, "persons": []} for side in sides if side]
        when = {"start": first.get("start"), "end": last.get("end"), "zone": first.get("zone")}
        meetings.append({**each, **when, "parties": parties})
    return meetings
