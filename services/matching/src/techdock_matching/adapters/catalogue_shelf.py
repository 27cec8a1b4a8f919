"""What the catalogue keeps of each profile: rows, postings of words and concepts, facets.

Arrays that grow; numpy looks at them where they lie. A change is visible at once: a new row is
appended to the postings, a row that goes is marked dead, and the dead are swept out when they are
a quarter of all. Nothing depends on the order in which profiles came, except numbers of rows and
terms, which nobody sees.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import UUID

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

PASSAGE = -1
CONCEPTS = -2
LANGUAGES = -10
"""In a sequence: between two passages; before its concepts; the first language is this number,
the next one less, and so on."""

_LEAST_DEAD = 1_000
_HALF = (1 << 64) - 1


class Shelf:
    """The profiles, by row."""

    def __init__(self) -> None:
        """Make an empty one."""
        self.terms: dict[str, int] = {}
        self.keys: list[str] = []
        self._postings: list[array[int]] = []
        self._impacts: list[array[int]] = []
        self.facets: dict[str, dict[str, array[int]]] = {}
        self._row_of: dict[UUID, int] = {}
        self._ids: list[UUID] = []
        self._high: array[int] = array("Q")
        self._low: array[int] = array("Q")
        self._alive: array[int] = array("B")
        self._sequences: array[int] = array("i")
        self._ends: array[int] = array("q", [0])

    def __len__(self) -> int:
        """How many profiles there are."""
        return len(self._row_of)

    @property
    def size(self) -> int:
        """How many rows there are, dead ones included."""
        return len(self._ids)

    @property
    def alive(self) -> Mask:
        """Which rows count."""
        return np.frombuffer(self._alive, np.bool_)

    def row(self, id: UUID) -> int | None:
        """Return the row of a profile."""
        return self._row_of.get(id)

    def id(self, row: int) -> UUID:
        """Return whose row it is."""
        return self._ids[row]

    def term(self, key: str) -> int:
        """Return the number of a word or concept; a new one gets the next."""
        found = self.terms.get(key)
        if found is None:
            found = self.terms[key] = len(self.keys)
            self.keys.append(key)
            self._postings.append(array("i"))
            self._impacts.append(array("B"))
        return found

    def postings(self, term: int) -> tuple[Rows, npt.NDArray[np.uint8]]:
        """Return the rows that have a term, dead ones too, and its impact there in hundredths."""
        rows = np.frombuffer(self._postings[term], np.int32)
        return rows, np.frombuffer(self._impacts[term], np.uint8)

    def count(self, term: int) -> int:
        """Return how many living profiles have a term."""
        return int(np.count_nonzero(self.alive[self.postings(term)[0]]))

    def sequence(self, row: int) -> Sequence[int]:
        """Return the words of a row in their order, and its concepts; see the constants."""
        return self._sequences[self._ends[row] : self._ends[row + 1]]

    def add(
        self,
        id: UUID,
        impacts: Mapping[int, int],
        sequence: Iterable[int],
        facets: Iterable[tuple[str, str]],
    ) -> None:
        """Put a profile on the shelf; one with its id makes room."""
        self.remove(id)
        row = len(self._ids)
        self._row_of[id] = row
        self._ids.append(id)
        self._high.append(id.int >> 64)
        self._low.append(id.int & _HALF)
        self._alive.append(1)
        for term, impact in impacts.items():
            self._postings[term].append(row)
            self._impacts[term].append(impact)
        self._sequences.extend(sequence)
        self._ends.append(len(self._sequences))
        for facet, value in facets:
            self.facets.setdefault(facet, {}).setdefault(value, array("i")).append(row)

    def remove(self, id: UUID) -> None:
        """Take a profile away; an unknown one is no error."""
        row = self._row_of.pop(id, None)
        if row is None:
            return
        self._alive[row] = 0
        dead = len(self._ids) - len(self._row_of)
        if dead > _LEAST_DEAD and dead * 4 > len(self._ids):
            self._sweep()

    def having(self, facet: str, values: Iterable[str]) -> Mask:
        """Return which rows have one of the values."""
        mask = np.zeros(self.size, np.bool_)
        for value in values:
            found = self.facets.get(facet, {}).get(value)
            if found is not None:
                mask[np.frombuffer(found, np.int32)] = True
        return mask

    def counts(self, facet: str, mask: Mask) -> Iterator[tuple[str, int]]:
        """Yield how many rows of a mask each value has, where there are any."""
        for value, found in self.facets.get(facet, {}).items():
            if count := int(np.count_nonzero(mask[np.frombuffer(found, np.int32)])):
                yield value, count

    def best(self, mask: Mask, scores: npt.NDArray[np.int64], wanted: int) -> list[int]:
        """Return the rows of a mask by score, ties by id; without scores the newest first."""
        rows = np.flatnonzero(mask)
        if len(rows) > wanted:
            least = np.partition(scores[rows], len(rows) - wanted)[len(rows) - wanted]
            rows = rows[scores[rows] >= least]
        high = np.frombuffer(self._high, np.uint64)[rows]
        low = np.frombuffer(self._low, np.uint64)[rows]
        order = np.lexsort((low, high, -scores[rows]))
        return [int(row) for row in rows[order[:wanted]]]

    def beside(self, terms: Sequence[int]) -> Mask:
        """Return which rows have words side by side, in this order."""
        every = np.frombuffer(self._sequences, np.int32)
        mask = np.zeros(self.size, np.bool_)
        starts = len(every) - len(terms) + 1
        if starts <= 0 or not terms:
            return mask
        fits = every[:starts] == terms[0]
        for place, term in enumerate(terms[1:], 1):
            fits &= every[place : place + starts] == term
        ends = np.frombuffer(self._ends, np.int64)
        mask[np.searchsorted(ends, np.flatnonzero(fits), side="right") - 1] = True
        return mask

    def _sweep(self) -> None:
        """Forget the dead rows."""
        alive = self.alive.copy()
        moved = np.cumsum(alive, dtype=np.int32) - 1
        kept = [int(row) for row in np.flatnonzero(alive)]
        for term, rows in enumerate(self._postings):
            before = np.frombuffer(rows, np.int32)
            stays = alive[before]
            impacts = np.frombuffer(self._impacts[term], np.uint8)[stays]
            self._postings[term] = array("i", moved[before[stays]].tobytes())
            self._impacts[term] = array("B", impacts.tobytes())
        for values in self.facets.values():
            for value, rows in values.items():
                before = np.frombuffer(rows, np.int32)
                values[value] = array("i", moved[before[alive[before]]].tobytes())
        sequences: array[int] = array("i")
        ends: array[int] = array("q", [0])
        for row in kept:
            sequences.extend(self._sequences[self._ends[row] : self._ends[row + 1]])
            ends.append(len(sequences))
        self._sequences, self._ends = sequences, ends
        self._high = array("Q", [self._high[row] for row in kept])
        self._low = array("Q", [self._low[row] for row in kept])
        self._ids = [self._ids[row] for row in kept]
        self._row_of = {each: row for row, each in enumerate(self._ids)}
        self._alive = array("B", bytes([1]) * len(kept))
