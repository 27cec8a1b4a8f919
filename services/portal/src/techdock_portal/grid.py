"""A timetable as grids: for each day and venue, slots down and tables across."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime

from techdock_portal import agenda
from techdock_portal.client import Json
from techdock_portal.times import Clocks, instant, zone_of


@dataclass(frozen=True, slots=True)
class Slot:
    """One row: when it begins, by the venue's clock and by the others'.

    Attributes:
        at: Session and number of the slot; empty in a timetable that is not changed any more.
    """

    start: datetime
    hours: str
    elsewhere: tuple[str, ...]
    cells: tuple[tuple[Json, ...], ...]
    at: tuple[str, int] | tuple[()] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """The grid of one day at one venue.

    Attributes:
        place: City and distance to UTC.
        tables: Labels of the columns; empty for meetings by link alone.
        table_ids: Of the same; an empty one for meetings by link.
    """

    day: date
    city: str
    place: str
    tables: tuple[str, ...]
    slots: tuple[Slot, ...]
    table_ids: tuple[str, ...] = ()


def sheets(
    docking_event: Json, meetings: list[Json], clocks: Clocks, frame: Json | None = None
) -> list[Sheet]:
    """Return one grid for each day and venue that has a meeting; the main venue first.

    Args:
        frame: Also shows the slots and tables that are free; None: only those in use.
    """
    order = {str(v["id"]): v.get("kind") != "main" for v in docking_event.get("venues") or ()}
    grouped: dict[tuple[date, bool, str], list[tuple[datetime, Json]]] = defaultdict(list)
    for meeting in meetings:
        start = instant(meeting.get("start"))
        if start is None:
            continue
        venue_id = str(meeting.get("venue_id"))
        zone = zone_of(agenda.venue_of(docking_event, venue_id).get("zone")) or UTC
        day = start.astimezone(zone).date()
        grouped[day, order.get(venue_id, True), venue_id].append((start, meeting))
    free: dict[tuple[date, bool, str], dict[datetime, tuple[str, int]]] = defaultdict(dict)
    for slot in (frame or {}).get("slots") or ():
        start = instant(slot.get("start"))
        if start is not None:
            venue_id = str(slot["venue_id"])
            day = start.astimezone(zone_of(slot.get("zone")) or UTC).date()
            at = str(slot["session_id"]), int(slot["number"])
            free[day, order.get(venue_id, True), venue_id].setdefault(start, at)
    return [
        _sheet(docking_event, key, grouped.get(key, []), clocks, free.get(key, {}))
        for key in sorted({*grouped, *free})
    ]


def _sheet(
    docking_event: Json,
    key: tuple[date, bool, str],
    meetings: list[tuple[datetime, Json]],
    clocks: Clocks,
    free: dict[datetime, tuple[str, int]],
) -> Sheet:
    day, _, venue_id = key
    venue = agenda.venue_of(docking_event, venue_id)
    city = agenda.city_of(venue, clocks.language.tag)
    used = {str(m.get("table_id") or "") for _, m in meetings}
    tables = {
        str(t["id"]): str(t["label"])
        for t in venue.get("tables") or ()
        if free or str(t["id"]) in used
    }
    if used - set(tables) or not tables:
        tables[""] = ""
    by_cell: dict[tuple[datetime, str], list[Json]] = defaultdict(list)
    for start, meeting in meetings:
        table = str(meeting.get("table_id") or "")
        by_cell[start, table if table in tables else ""].append(meeting)
    slots = [
        Slot(
            start,
            clocks.hours(start, None, venue.get("zone")),
            _elsewhere(docking_event, venue, start, clocks),
            tuple(tuple(by_cell.get((start, table), ())) for table in tables),
            free.get(start, ()),
        )
        for start in sorted({*free, *(start for start, _ in meetings)})
    ]
    place = clocks.place(venue.get("zone"), city, slots[0].start)
    return Sheet(day, city, place, tuple(tables.values()), tuple(slots), tuple(tables))


def _elsewhere(docking_event: Json, here: Json, start: datetime, clocks: Clocks) -> tuple[str, ...]:
    """Return what the clocks of the other venues show then."""
    told: dict[str, str] = {}
    for venue in docking_event.get("venues") or ():
        zone = venue.get("zone")
        if venue.get("kind") != "online" and zone and zone != here.get("zone"):
            city = agenda.city_of(venue, clocks.language.tag)
            told.setdefault(zone, f"{city} {clocks.hours(start, None, zone)}")
    return tuple(told.values())


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
