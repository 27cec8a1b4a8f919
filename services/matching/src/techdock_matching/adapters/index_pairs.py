"""What each space adds to the score of single pairs: for reasons, where `search` is for places."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from techdock_matching.adapters.index_counts import Rows
from techdock_matching.adapters.index_segment import Segment, Vectors
from techdock_matching.adapters.index_space import IndexSpace
from techdock_matching.domain.ranking import vectors as v
from techdock_matching.domain.ranking.profile import Kind
from techdock_matching.domain.ranking.terms import Counts, Space
from techdock_matching.domain.ranking.vectors import Backdrop


class Counted(NamedTuple):
    """A profile as it is compared.

    Attributes:
        row: Where it stands in the index; -1: nowhere, or what it says there is of an earlier day.
    """

    row: int
    counts: Mapping[Space, Counts]


def arms(
    spaces: Mapping[Space, IndexSpace], kind: Kind, mine: Counted, others: Sequence[Counted]
) -> list[dict[Space, float]]:
    """Return the two-sided score of one profile with each of the others, in every shared space.

    Args:
        kind: The side of mine.
    """
    found: list[dict[Space, float]] = [{} for _ in others]
    for name, counts in mine.counts.items():
        space = spaces.get(name)
        sharing = [at for at, other in enumerate(others) if name in other.counts]
        if space is None or not sharing:
            continue
        vector = space.weighed([counts])
        theirs = space.weighed(others[at].counts[name] for at in sharing)
        rows = np.array([others[at].row for at in sharing], np.int32)
        own = np.array([mine.row], np.int32)
        products = Segment(np.arange(len(sharing), dtype=np.int32), theirs).products(vector)
        a = _backdrop(space, kind, vector, own)
        b = _backdrop(space, kind.other, theirs, rows)
        scores = v.two_sided(name, kind, v.cosines(products), a, b)[0].tolist()
        for at, score in zip(sharing, scores, strict=True):
            found[at][name] = score
    return found


def _backdrop(space: IndexSpace, kind: Kind, vectors: Vectors, rows: Rows) -> Backdrop:
    """Return what is kept of rows; what stands nowhere is compared with the sample."""
    if (rows < 0).any():
        return space.backdrop(kind, vectors, rows)
    return space.sides[kind].backdrop(rows, len(space.sides[kind.other].sample))
