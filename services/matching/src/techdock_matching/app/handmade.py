"""Timetables made by hand, in a spreadsheet: read, judged by the same rules, kept as drafts.

| column | what stands in it |
|---|---|
| request | id of an accepted request; once in the file |
| start | when it begins: 2026-09-14 10:30, by the clock of the venue, or with its distance to UTC |
| table | label of the table; empty: by link |
| venue | id of the venue, where start and table leave it open |
| interpreter | id of the interpreter; empty: the first who is free, where one is needed |

Other columns are for the reader alone. Requests that the file does not name are without a place.
"""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from techdock_shared.clock import Clock
from techdock_shared.errors import FieldError, Invalid
from techdock_shared.http.principal import Principal
from techdock_shared.ids import uuid7
from techdock_shared.sheets.lines import Line, Sheet
from techdock_shared.sheets.reading import read

from techdock_matching.app import access, frame
from techdock_matching.app.frame import Frame
from techdock_matching.app.planning import StoredTimetable
from techdock_matching.app.publishing import BreaksRules
from techdock_matching.app.repositories import Begin
from techdock_matching.app.solving import figures, unplaced_in
from techdock_matching.domain.timetable.board import Board
from techdock_matching.domain.timetable.chances import Chance
from techdock_matching.domain.timetable.costs import evaluate
from techdock_matching.domain.timetable.judge import violations
from techdock_matching.domain.timetable.problem import Placement, Timetable

COLUMNS = ("request", "start", "table", "venue", "interpreter")
NEEDED = ("request", "start")
MOST_ROWS = 50_000
MOST_SHOWN = 100


class InvalidRows(Invalid):
    """Rows of the file cannot be read; nothing of it is taken."""

    code = "invalid_rows"


@dataclass(frozen=True, slots=True)
class _Wrong(Exception):  # noqa: N818 - it becomes a line of the report
    column: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class _Read:
    """A row that could be read."""

    row: int
    placement: Placement


async def judged(
    docking_event_id: UUID, content: bytes, begin: Begin, *, who: Principal, clock: Clock
) -> StoredTimetable:
    """Return the draft that a file makes, if it keeps the rules; it is not stored yet.

    The file is read only for somebody who may hand it in.

    Raises:
        NotFound: The docking event does not exist for the caller.
        Forbidden: The caller does not organize it.
        Invalid: It is no table, a column is missing, or there are no rows.
        InvalidRows: Names each cell that cannot be read, what was expected and what was found.
        BreaksRules: Names each rule that is broken, and the rows that break it.
    """
    async with begin() as transaction:
        docking_event = await transaction.lookups.docking_event(docking_event_id)
        access.organize(who, docking_event)
        now = await frame.derive(transaction, docking_event)
    return await asyncio.to_thread(_judged, now, content, clock.now())


async def keep(draft: StoredTimetable, begin: Begin) -> StoredTimetable:
    """Store the draft under the next number."""
    async with begin() as transaction:
        number = await transaction.timetables.next_number(draft.docking_event_id)
        return await transaction.timetables.save(replace(draft, number=number))


def _judged(now: Frame, content: bytes, at: datetime) -> StoredTimetable:
    rows = _rows(now, read(content))
    timetable = Timetable(tuple(sorted((one.placement for one in rows), key=_by_request)))
    row_of = {one.placement.request_id: one.row for one in rows}
    found = list(violations(now.problem, timetable))
    if found:
        errors = tuple(
            FieldError(
                ", ".join(f"row {row_of[it]}" for it in one.requests if it in row_of) or "file",
                f"rule {one.rule} kept",
                one.what,
            )
            for one in found[:MOST_SHOWN]
        )
        raise BreaksRules(f"the timetable breaks {len(found)} rule(s)", errors)
    cost = evaluate(now.problem, timetable, Timetable(now.held))
    return StoredTimetable(
        id=uuid7(),
        tenant_id=now.docking_event.tenant_id,
        docking_event_id=now.docking_event.id,
        number=0,
        placements=timetable.placements,
        unplaced=unplaced_in(now.problem, timetable),
        figures=figures(now, timetable, cost, proven=False),
        created_at=at,
    )


def _by_request(placement: Placement) -> UUID:
    return placement.request_id


def _rows(now: Frame, sheet: Sheet) -> list[_Read]:
    missing = [name for name in NEEDED if name not in sheet.columns]
    if missing:
        raise Invalid(f"the file needs the column {missing[0]}; it has {', '.join(sheet.columns)}")
    reader = _Reader(now)
    rows: list[_Read] = []
    errors: list[FieldError] = []
    for count, line in enumerate(sheet.lines, 1):
        if count > MOST_ROWS:
            raise Invalid(f"a timetable has at most {MOST_ROWS} rows")
        try:
            rows.append(_Read(line.number, reader.placement(line)))
        except _Wrong as wrong:
            where = f"row {line.number}, column {wrong.column}"
            errors.append(FieldError(where, wrong.expected, wrong.found[:80]))
    if errors:
        raise InvalidRows(f"{len(errors)} row(s) cannot be read", tuple(errors[:MOST_SHOWN]))
    if not rows:
        raise Invalid("the file has columns and no rows")
    return rows


class _Reader:
    """Reads one row after the other; interpreters that it finds are taken for the rows after."""

    def __init__(self, now: Frame) -> None:
        self._now = now
        self._board = Board(now.problem, Timetable())
        self._row_of: dict[UUID, int] = {}
        self._starts: dict[tuple[UUID, datetime], tuple[UUID, int]] = {}
        for session in now.problem.sessions:
            for number, slot in enumerate(now.problem.slots[session.id]):
                self._starts.setdefault((session.venue_id, slot.start), (session.id, number))
        self._tables: dict[str, dict[UUID, UUID]] = {}
        for venue in now.docking_event.venues:
            for desk in venue.tables:
                self._tables.setdefault(desk.label, {})[venue.venue_id] = desk.table_id

    def placement(self, line: Line) -> Placement:
        """Return the placement of a row; raises _Wrong."""
        if line.broken:
            raise _Wrong("request", "a row that can be read", line.broken)
        problem, cells = self._now.problem, line.cells
        request = problem.request.get(_id(cells, "request"))
        if request is None:
            raise _Wrong("request", "an accepted request of this event", cells.get("request", ""))
        if request.id in self._row_of:
            before = f"again, after row {self._row_of[request.id]}"
            raise _Wrong("request", "each request once", before)
        venue_id, session_id, first = self._slot(cells)
        table_id = None
        if not problem.venue[venue_id].online:
            table_id = self._tables.get(cells.get("table", ""), {}).get(venue_id)
            if table_id is None:
                labels = sorted(label for label, at in self._tables.items() if venue_id in at)
                raise _Wrong("table", f"one of {', '.join(labels[:20])}", cells.get("table", ""))
        slots = problem.slots[session_id]
        if first + request.slots > len(slots):
            told = f"{request.slots} slots in one session from then"
            raise _Wrong("start", told, f"{len(slots) - first} are left")
        placement = Placement(
            request.id, session_id, first, request.slots, venue_id, table_id,
        )  # fmt: skip
        if cells.get("interpreter"):
            helper: UUID | None = _id(cells, "interpreter")
            if helper not in problem.interpreter:
                raise _Wrong("interpreter", "an interpreter of this event", cells["interpreter"])
        else:
            span = problem.span(placement)
            chance = Chance(session_id, venue_id, first, span)
            helper = self._board.free_interpreter(request, chance)
        placement = replace(placement, interpreter_id=helper)
        self._row_of[request.id] = line.number
        self._board.place(placement)
        return placement

    def _slot(self, cells: Mapping[str, str]) -> tuple[UUID, UUID, int]:
        """Return venue, session and number of the slot that a row names; raises _Wrong."""
        start = _instant(cells)
        venues = list(self._venues(cells))
        found = [
            (venue_id, *self._starts[venue_id, at])
            for venue_id, at in ((v, self._local(start, v)) for v in venues)
            if (venue_id, at) in self._starts
        ]
        if not found:
            raise _Wrong("start", "the beginning of a slot at the venue", cells.get("start", ""))
        if len(found) > 1:
            several = " or ".join(str(venue_id) for venue_id, _, _ in found)
            raise _Wrong("venue", several, cells.get("venue", ""))
        return found[0]

    def _venues(self, cells: Mapping[str, str]) -> Iterator[UUID]:
        problem = self._now.problem
        if cells.get("venue"):
            named = _id(cells, "venue")
            if named not in problem.venue:
                raise _Wrong("venue", "a venue of this docking event", cells["venue"])
            yield named
            return
        label = cells.get("table", "")
        for venue in problem.venues:
            if venue.online != bool(label) and (
                venue.online or venue.id in self._tables.get(label, {})
            ):
                yield venue.id

    def _local(self, start: datetime, venue_id: UUID) -> datetime:
        """Return an instant; a start without a zone is by the clock of the venue."""
        if start.tzinfo is not None:
            return start.astimezone(UTC)
        zone = ZoneInfo(self._now.problem.venue[venue_id].zone)
        return start.replace(tzinfo=zone).astimezone(UTC)


def _id(cells: Mapping[str, str], column: str) -> UUID:
    try:
        return UUID(cells.get(column, ""))
    except ValueError as error:
        raise _Wrong(column, "an id", cells.get(column, "")) from error


def _instant(cells: Mapping[str, str]) -> datetime:
    try:
        return datetime.fromisoformat(cells.get("start", ""))
    except ValueError as error:
        told = "a day and time such as 2026-09-14 10:30"
        raise _Wrong("start", told, cells.get("start", "")) from error
