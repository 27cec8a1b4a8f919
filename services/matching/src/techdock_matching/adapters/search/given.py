"""The arrays of a problem."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np

from techdock_matching.adapters.search import when
from techdock_matching.adapters.search.arrays import FIXED, HELD, HOUR, NONE, WEIGHT, Given
from techdock_matching.adapters.search.compiled import Array
from techdock_matching.domain.spans import tick
from techdock_matching.domain.timetable import chances as c
from techdock_matching.domain.timetable.problem import Timetable

if TYPE_CHECKING:
    from techdock_matching.adapters.search.model import Model

_NO_LIMIT = 1 << 30


def given(model: "Model", held: Timetable | None) -> Given:
    """Return the problem of a model as arrays."""
    problem = model.problem
    times = when.bounds([stretch.span for stretch in model.stretches])
    stretch, borders = _stretches(model)
    parts, kinds, meets = model.kinds.places(model.homes, model.places)
    interpreting = when.free_times(problem.interpreters, times)
    helpers, words_open = _helpers(model, interpreting)
    sitting_of, sitting = _listed(model.sitting)
    asked: list[list[int]] = [[] for _ in model.people]
    for m, some in enumerate(model.sitting):
        for p in some:
            asked[p].append(m)
    parties = {party.id: n for n, party in enumerate(problem.participations)}
    room = model.kinds.room(borders)
    apart = [when.apart(problem, home, model.stretches, times) for home in model.homes]
    overlap = apart[model.homes[None]]
    venue_of = stretch[:, 1]
    beside = overlap & (venue_of[:, None] == venue_of[None, :])
    return Given(
        stretch=stretch,
        cells=_cells(model),
        apart=when.packed(np.stack(apart)),
        **_pair("beside", [np.flatnonzero(row).tolist() for row in beside]),
        request=_requests(model, held),
        open=_open(model, times, meets, words_open),
        sitting_of=sitting_of,
        sitting=sitting,
        **_pair("sides", [[parties[side] for side in r.parties] for r in model.requests]),
        **_orders(model),
        person=_people(model, asked),
        **_pair("asked", asked),
        party_most=np.array([_most(party.most) for party in problem.participations], np.int64),
        off=_hours(model),
        place=parts,
        kinds=kinds,
        room=room,
        venue_room=model.kinds.room_of_venues(room),
        online=np.array([venue.online for venue in problem.venues], np.int64),
        **_pair("helpers", helpers),
        spoken=np.array([bool(gaps) for gaps in model.words], np.int64),
        interpreter=_interpreters(model),
        free=when.packed(interpreting),
    )


def _stretches(model: "Model") -> tuple[Array, Array]:
    """Return the stretches, and the ticks at which atoms begin."""
    starts = [tick(one.span.start) for one in model.stretches]
    ends = [tick(one.span.end) for one in model.stretches]
    borders = np.unique(np.array([*starts, *ends], np.int64))
    rows = np.zeros((len(model.stretches), 8), np.int64)
    if model.stretches:
        rows[:, :4] = [(s.session, s.venue, s.first, s.length) for s in model.stretches]
        rows[:, 4] = np.searchsorted(borders, starts)
        rows[:, 5] = np.searchsorted(borders, ends)
        rows[:, 6] = starts
        rows[:, 7] = ends
    return rows, borders


def _cells(model: "Model") -> Array:
    slots = max((len(slots) for slots in model.problem.slots.values()), default=1)
    rows = np.zeros((len(model.stretches), max(1, slots)), bool)
    for n, one in enumerate(model.stretches):
        rows[n, one.first : one.first + one.length] = True
    return when.packed(rows)


def _requests(model: "Model", held: Timetable | None) -> Array:
    rows = np.zeros((len(model.requests), 6), np.int64)
    rows[:, :3] = model.classes
    rows[:, WEIGHT] = [request.weight for request in model.requests]
    rows[[model.number[p.request_id] for p in model.problem.fixed], FIXED] = 1
    rows[:, HELD] = NONE
    for placement in () if held is None else held.placements:
        if placement.request_id in model.number:
            rows[model.number[placement.request_id], HELD] = model.at(placement)
    return rows


def _open(model: "Model", times: Array, meets: Array, words_open: Array) -> Array:
    """Return in which stretches each request may be, as far as that does not depend on others."""
    sitting_of, sitting = _listed(model.sitting)
    count = len(model.stretches)
    opened = np.zeros((len(model.requests), max(1, -(-count // 64))), np.uint64)
    if not len(sitting) or not count:
        return opened
    free = when.free_times(model.problem.persons, times)
    nights = when.nights(model.zones, [stretch.span for stretch in model.stretches])
    for number, person in enumerate(model.problem.persons):
        if not person.night:
            free[number] &= ~nights[person.zone]
    rows = np.zeros((len(model.people), opened.shape[1]), np.uint64)
    rows[: len(free)] = when.packed(free)
    begins = np.minimum(sitting_of[:-1], len(sitting) - 1)
    opened = np.bitwise_and.reduceat(rows[sitting], begins, axis=0)
    places, _, words = model.classes.T
    venue_of = [stretch.venue for stretch in model.stretches]
    for helped in (False, True):
        met = meets[:, :, 0] | (meets[:, :, 1] & helped)
        some = words > 0 if helped else words == 0
        opened[some] &= when.packed(met[:, venue_of])[places[some]]
    opened &= when.packed(words_open)[words]
    masks: dict[tuple[int, frozenset[UUID]], Array] = {}
    for m, request in enumerate(model.requests):
        key = (request.slots, request.sessions)
        if key not in masks:
            allowed = {model.sessions.get(one) for one in request.sessions}
            masks[key] = when.packed(
                np.array(
                    [
                        s.length == request.slots and (not allowed or s.session in allowed)
                        for s in model.stretches
                    ],
                    bool,
                )
            )
        opened[m] &= masks[key]
    return opened


def _helpers(model: "Model", interpreting: Array) -> tuple[list[list[int]], Array]:
    """Return the interpreters for each class of languages, and when one of them could work."""
    interpreters = model.problem.interpreters
    order = sorted(range(len(interpreters)), key=lambda n: interpreters[n].id)
    found = [
        [n for n in order if gaps and c.covers(interpreters[n].languages, gaps)]
        for gaps in model.words
    ]
    opened = np.ones((len(found), len(model.stretches)), bool)
    for number, (gaps, some) in enumerate(zip(model.words, found, strict=True)):
        if gaps:
            opened[number] = interpreting[some].any(axis=0)
    return found, opened


def _interpreters(model: "Model") -> Array:
    venues = {venue.id: number for number, venue in enumerate(model.problem.venues)}
    rows = [
        (model.people[one.id], -1 if one.venue_id is None else venues.get(one.venue_id, -1))
        for one in model.problem.interpreters
    ]
    return np.array(rows, np.int64).reshape(-1, 2)


def _people(model: "Model", asked: Sequence[Sequence[int]]) -> Array:
    rows = np.zeros((len(model.people), 3), np.int64)
    rows[:] = (model.homes[None], _NO_LIMIT, 0)
    least = {party.id: party.least for party in model.problem.participations}
    for person in model.problem.persons:
        number = model.people[person.id]
        wish = min(least[person.participation_id], len(asked[number]))
        rows[number] = (model.homes[person.venue_id], _most(person.most), wish)
    return rows


def _most(most: int | None) -> int:
    return _NO_LIMIT if most is None else most


def _orders(model: "Model") -> dict[str, Array]:
    """Return which requests have to be before and after each one."""
    before: list[list[int]] = [[] for _ in model.requests]
    after: list[list[int]] = [[] for _ in model.requests]
    for pair in model.problem.precedences:
        first, second = (model.number.get(one, -1) for one in pair)
        if first >= 0 and second >= 0:
            before[second].append(first)
            after[first].append(second)
    return {**_pair("before", before), **_pair("after", after)}


def _hours(model: "Model") -> Array:
    off = when.hours_off(model.zones, [stretch.span for stretch in model.stretches])
    rows = np.zeros((max(1, len(model.hours)), len(model.stretches)), np.int64)
    for zones, number in model.hours.items():
        for zone in zones:
            rows[number] = np.maximum(rows[number], HOUR * off[zone] ** 2)
    return rows


def _listed(lists: Sequence[Sequence[int]]) -> tuple[Array, Array]:
    """Return where each of some lists begins, and all one after the other."""
    begins = np.zeros(len(lists) + 1, np.int64)
    np.cumsum([len(some) for some in lists], out=begins[1:])
    return begins, np.array([one for some in lists for one in some], np.int64)


def _pair(name: str, lists: Sequence[Sequence[int]]) -> dict[str, Array]:
    begins, flat = _listed(lists)
    return {f"{name}_of": begins, name: flat}
