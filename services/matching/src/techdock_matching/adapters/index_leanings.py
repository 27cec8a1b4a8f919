"""How willing organizations are to meet, as the index counts it."""

from collections.abc import Mapping
from uuid import UUID

import numpy as np
import numpy.typing as npt

from techdock_matching.adapters.index_facts import Numbers
from techdock_matching.adapters.index_lists import OUT, Scores
from techdock_matching.app.ports import Filter
from techdock_matching.domain.ranking import acceptance

Organizations = npt.NDArray[np.int64]
"""By the number that the facts have for them."""


class Leanings:
    """The leanings of organizations, by docking event."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers
        self._values: dict[UUID, npt.NDArray[np.int64]] = {}

    def note(self, docking_event_id: UUID, leanings: Mapping[UUID, int]) -> None:
        """Take in those of a docking event, instead of what was known."""
        self._values.pop(docking_event_id, None)
        if not leanings:
            return
        known = {self._numbers.of("organization", one): value for one, value in leanings.items()}
        values = np.zeros(max(known) + 2, np.int64)  # The last stands for whoever comes later.
        values[list(known)] = list(known.values())
        self._values[docking_event_id] = values

    def count(
        self, scores: Scores, filter: Filter, mine: Organizations, theirs: Organizations
    ) -> None:
        """Add to the scores of some profiles (rows) with others (columns) what both sides lean."""
        event = filter.docking_event_id
        values = None if event is None else self._values.get(event)
        if values is None or not filter.weights.acceptance:
            return
        last = len(values) - 1
        sides = (values[np.minimum(side, last)] for side in (mine, theirs))
        a, b = sides
        both = acceptance.thousandths(a[:, None], b[None, :], filter.weights)
        np.add(scores, both.astype(np.int32), out=scores, where=scores != OUT)
