"""Why a request has no place, and which single change would give it one; computed, not guessed.

| reason | params |
|---|---|
| maximum | who, most |
| cannot_meet | the persons are nowhere together, and no venue has a link |
| no_table | venues: none of their tables suits (a link, a booth of others) |
| no_interpreter | languages: nobody interprets between them |
| no_common_hours | persons |
| night | persons: who would meet between 00:00 and 05:00 |
| no_common_slot | persons: whose other meetings stand in the way; slots: how many were tried |
| precedence | requests |
| tables_full | venues, starts |
| interpreter_busy | languages, starts |
| place_free | the planner did not look long enough |

| change | params, beside start, end, venue |
|---|---|
| place | nothing else has to change |
| move_meeting | request, to_start, to_end, to_venue |
| add_table | equipment |
| add_interpreter | languages |
| free_person | person: free then, against the stated hours |
| agree_night | person |
| raise_maximum | who, to |
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias
from uuid import UUID

from techdock_matching.domain.timetable import chances as c
from techdock_matching.domain.timetable.board import Board, Obstacle
from techdock_matching.domain.timetable.chances import Chance
from techdock_matching.domain.timetable.changes import Proposal, proposals
from techdock_matching.domain.timetable.nearby import Nearby
from techdock_matching.domain.timetable.problem import Problem, Request, Timetable

Param: TypeAlias = str | int | tuple[str, ...]

MOST_TRIED = 24
"""Changes that the judge looks at for one request."""

MOST_STARTS = 12


@dataclass(frozen=True, slots=True)
class Told:
    """A reason or a change, as data.

    Attributes:
        params: Ids as text, instants in ISO 8601 with Z.
    """

    code: str
    params: Mapping[str, Param]


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A request without a place.

    Attributes:
        change: The single change that would place it, checked by the judge; none: none helps.
        proposal: The same as it can be applied; see `changes.py`.
    """

    request_id: UUID
    reason: Told
    change: Told | None
    proposal: Proposal | None


def explain(
    problem: Problem, timetable: Timetable, only: Collection[UUID] | None = None
) -> tuple[Unplaced, ...]:
    """Say for every accepted request without a place why, and what would help.

    Args:
        only: Of these requests alone.
    """
    board = Board(problem, timetable)
    judged = Nearby(problem, timetable)
    placed = timetable.by_request
    return tuple(
        _explained(board, judged, request)
        for request in problem.requests
        if request.accepted and request.id not in placed and (only is None or request.id in only)
    )


def _explained(board: Board, judged: Nearby, request: Request) -> Unplaced:
    tried = [(chance, board.obstacles(request, chance)) for chance in board.chances(request)]
    reason = _reason(board, request, tried)
    for number, proposal in enumerate(proposals(board, request, tried)):
        if number == MOST_TRIED:
            break
        if judged.holds(proposal):
            return Unplaced(request.id, reason, _change(proposal), proposal)
    return Unplaced(request.id, reason, None, None)


Tried: TypeAlias = list[tuple[Chance, list[Obstacle]]]


def _reason(board: Board, request: Request, tried: Tried) -> Told:
    full = board.full(request)
    if full is not None:
        return Told("maximum", {"who": str(full[0]), "most": full[1]})
    lacking = _lacking(board.problem, request, tried)
    if lacking is not None:
        return lacking
    left = [(chance, found) for chance, found in tried if not _has(found, ("place",))]
    for kinds in (("hours",), ("night",), ("busy", "travel"), ("precedence",)):
        kept = [(chance, found) for chance, found in left if not _has(found, kinds)]
        if not kept:
            return _told_of(kinds[0], left, kinds)
        left = kept
    languages = _languages(board.problem, request)
    starts = tuple(_instant(chance.span.start) for chance, _ in left[:MOST_STARTS])
    if all(_has(found, ("interpreter",)) for _, found in left):
        return Told("interpreter_busy", {"languages": languages, "starts": starts})
    if all(found for _, found in left):
        return Told("tables_full", {"venues": _venues(left), "starts": starts})
    return Told("place_free", {})


def _lacking(problem: Problem, request: Request, tried: Tried) -> Told | None:
    """Return what is lacking at every time: a venue, a table, an interpreter."""
    venues = [
        problem.venue[venue_id] for venue_id in sorted({chance.venue_id for chance, _ in tried})
    ]
    meeting = [venue for venue in venues if c.meets_at(problem, request, venue)]
    if not meeting:
        return Told("cannot_meet", {})
    gaps = c.language_gaps(problem, request)
    helped = [v for v in meeting if not gaps or c.interpreters_for(problem, gaps, v, link=True)]
    if not helped:
        return Told("no_interpreter", {"languages": _languages(problem, request)})
    for venue in helped:
        link = c.joins_by_link(problem, request, venue)
        if venue.online or c.tables_for(problem, request, venue, link=link):
            return None
    return Told("no_table", {"venues": tuple(str(venue.id) for venue in helped)})


def _told_of(kind: str, left: Tried, kinds: tuple[str, ...]) -> Told:
    if kind == "precedence":
        requests = {o.by for _, found in left for o in found if o.kind == kind and o.by}
        return Told("precedence", {"requests": tuple(sorted(map(str, requests)))})
    persons = _persons(left, kinds)
    code = {"hours": "no_common_hours", "night": "night", "busy": "no_common_slot"}[kind]
    more: dict[str, Param] = {"slots": len(left)} if kind == "busy" else {}
    return Told(code, {"persons": persons, **more})


def _change(proposal: Proposal) -> Told:
    span = proposal.chance.span
    where: dict[str, Param] = {
        "start": _instant(span.start),
        "end": _instant(span.end),
        "venue": str(proposal.chance.venue_id),
    }
    return Told(proposal.code, {**where, **proposal.told})


def _persons(left: Tried, kinds: tuple[str, ...]) -> tuple[str, ...]:
    named = {o.who for _, found in left for o in found if o.kind in kinds and o.who}
    return tuple(sorted(map(str, named)))


def _has(found: Iterable[Obstacle], kinds: tuple[str, ...]) -> bool:
    return any(obstacle.kind in kinds for obstacle in found)


def _venues(left: Tried) -> tuple[str, ...]:
    full = {chance.venue_id for chance, found in left if _has(found, ("tables",))}
    return tuple(sorted(map(str, full)))


def _languages(problem: Problem, request: Request) -> tuple[str, ...]:
    return tuple(sorted(_spoken(problem, request)))


def _spoken(problem: Problem, request: Request) -> Iterator[str]:
    for a, b in c.language_gaps(problem, request):
        yield "/".join(sorted(a)) + "-" + "/".join(sorted(b))


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
