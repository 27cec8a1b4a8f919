"""Tables by kind: those of one kind stand for one another, so that they need only be counted."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from uuid import UUID

import numpy as np

from techdock_matching.adapters.search import when
from techdock_matching.adapters.search.compiled import Array
from techdock_matching.adapters.search.when import Stretch
from techdock_matching.domain.spans import TICK_MINUTES, Span
from techdock_matching.domain.timetable.problem import VIDEO_LINK, Problem, Table

_TICK_S = 60 * TICK_MINUTES

Homes = frozenset[UUID | None]
Owners = frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Kind:
    """What tables of a kind have in common.

    Attributes:
        own: The table that is a kind of its own, because a meeting at it stays.
    """

    venue: int
    owner_id: UUID | None
    link: bool
    busy: tuple[Span, ...]
    own: UUID | None


class Kinds:
    """The tables of a problem, and their kinds, by number.

    Args:
        alone: Each table is a kind of its own.
    """

    def __init__(
        self, problem: Problem, stretches: Sequence[Stretch], *, alone: bool = False
    ) -> None:
        self._problem = problem
        self.tables: list[Table] = []
        kinds: dict[Kind, int] = {}
        of_tables: list[int] = []
        # Where meetings may overlap in part, a table that is fixed is a kind of its own, so that
        # the others can be given out in the order of their starts.
        apart = {p.table_id for p in problem.fixed} if _overlap_in_part(stretches) else set()
        for number, venue in enumerate(problem.venues):
            for table in venue.tables:
                own = table.id if alone or table.id in apart else None
                link = VIDEO_LINK in table.equipment
                kind = Kind(number, table.owner_id, link, table.busy, own)
                of_tables.append(kinds.setdefault(kind, len(kinds)))
                self.tables.append(table)
        self.kinds = list(kinds)
        self.of_table = np.array(of_tables, np.int64)
        self.number = {table.id: number for number, table in enumerate(self.tables)}

    def listed(self) -> tuple[Array, Array]:
        """Return where the tables of each kind begin, and all tables by kind."""
        counts = np.bincount(self.of_table, minlength=len(self.kinds))
        begins = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
        return begins, np.argsort(self.of_table, kind="stable")

    def room(self, borders: Array) -> Array:
        """Return how many tables of each kind can be used in each atom.

        Args:
            borders: The ticks at which atoms begin, and the one at which the last ends.
        """
        room = np.zeros((len(self.kinds), len(borders)), np.int64)
        room += np.bincount(self.of_table, minlength=len(self.kinds))[:, None]
        begins = _TICK_S * borders.astype(np.float64)
        ends = np.append(begins[1:], begins[-1:] + _TICK_S)
        for number, kind in enumerate(self.kinds):
            for start, end in when.bounds(kind.busy):
                room[number, (start < ends) & (begins < end)] = 0
        return room

    def room_of_venues(self, room: Array) -> Array:
        """Return the same for all kinds of each venue together."""
        venues = np.zeros((len(self._problem.venues), room.shape[1]), np.int64)
        for number, kind in enumerate(self.kinds):
            venues[kind.venue] += room[number]
        return venues

    def places(
        self, homes: Collection[UUID | None], classes: Mapping[tuple[Homes, Owners], int]
    ) -> tuple[Array, Array, Array]:
        """Return which kinds suit requests, by where their persons are and whose booths they have.

        Returns:
            For each class and venue the parts of the list of kinds, see `arrays.py`; that list;
            and whether the class can be met there: without a link more, and with one.
        """
        venues = self._problem.venues
        parts = np.zeros((max(1, len(classes)), len(venues), 4), np.int64)
        meets = np.zeros((max(1, len(classes)), len(venues), 2), bool)
        listed: list[int] = []
        where = {
            (home, n): when.location(self._problem, home, venue)
            for home in homes
            for n, venue in enumerate(venues)
        }
        by_venue: list[list[tuple[bool, bool, int]]] = [[] for _ in venues]
        for number, kind in enumerate(self.kinds):
            by_venue[kind.venue].append((kind.owner_id is None, kind.link, number))
        for (there, owners), number in classes.items():
            for n, venue in enumerate(venues):
                if venue.online:
                    meets[number, n] = len(there) > 1 or None in there
                    continue
                here = [where[home, n] == venue.id for home in there]
                if not any(here):
                    continue
                suiting = sorted(
                    one for one in by_venue[n] if one[0] or self.kinds[one[2]].owner_id in owners
                )
                linked = [kind for _, link, kind in suiting if link]
                plain = [kind for _, _, kind in suiting] if all(here) else linked
                begin, middle = len(listed), len(listed) + len(plain)
                listed += plain + linked
                parts[number, n] = (begin, middle, middle, len(listed))
                meets[number, n] = (bool(plain), bool(linked))
        return parts, np.array(listed, np.int64), meets


def _overlap_in_part(stretches: Sequence[Stretch]) -> bool:
    """Whether two stretches at a venue overlap and are not at the same time."""
    times: dict[int, set[Span]] = {}
    for stretch in stretches:
        times.setdefault(stretch.venue, set()).add(stretch.span)
    return any(
        before.end > after.start
        for some in times.values()
        for before, after in pairwise(sorted(some))
    )
