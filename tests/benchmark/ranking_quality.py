"""How good is the ranking, on the public needs and offers (titles withheld)?

    python tests/benchmark/ranking_quality.py [FOLDER]

FOLDER holds needs.jsonl.gz, offers.jsonl.gz and pairs.tsv; without it TECHDOCK_BENCHMARK_DATA is
asked. Prints one JSON line for each method and direction: nDCG@10, R@10, R@50 and MRR over the known pairs,
and how evenly the other side is shown in lists of ten.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from uuid import UUID

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from support import needs_offers
from techdock_matching.adapters.index import InProcessIndex
from techdock_matching.adapters.index_facts import sampling_order
from techdock_matching.adapters.index_space import IndexSpace
from techdock_matching.app.ports import Filter
from techdock_matching.domain.ranking import quality
from techdock_matching.domain.ranking import vectors as v
from techdock_matching.domain.ranking.profile import Kind, Profile
from techdock_matching.domain.ranking.terms import Terms
from techdock_matching.domain.ranking.weights import Weights

TODAY = date(2027, 1, 1)
LENGTH = 50
BLOCK = 64

Ranked = Mapping[UUID, Sequence[UUID]]


def cosine_alone(needs: Sequence[Profile], offers: Sequence[Profile]) -> Ranked:
    """Rank by the cosine of the same vectors, without normalising it."""
    terms, space = Terms(), IndexSpace("en")
    sides = {Kind.NEED: needs, Kind.OFFER: offers}
    for kind, profiles in sides.items():
        space.add(kind, {row: terms.of(one)["en"] for row, one in enumerate(profiles)})
    samples = {
        kind: sorted(range(len(some)), key=lambda row, s=some: sampling_order(s[row].id))[
            : v.SAMPLE
        ]
        for kind, some in sides.items()
    }
    space.refresh(samples)
    ranked: dict[UUID, Sequence[UUID]] = {}
    for kind, profiles in sides.items():
        others = sides[kind.other]
        for first in range(0, len(profiles), BLOCK):
            rows = range(first, min(first + BLOCK, len(profiles)))
            vectors = space.weighed(space.sides[kind].counts[row] for row in rows)
            scores = np.zeros((len(rows), len(others)), np.int32)
            for segment in space.sides[kind.other].segments:
                scores[:, segment.rows] = segment.products(vectors)
            for row, line in zip(rows, scores, strict=True):
                top = np.argpartition(-line, LENGTH)[:LENGTH]
                top = top[np.argsort(-line[top], kind="stable")]
                ranked[profiles[row].id] = [others[i].id for i in top]
    return ranked


def two_sided(needs: Sequence[Profile], offers: Sequence[Profile]) -> Ranked:
    """Rank as the service does."""
    index = InProcessIndex()
    index.add([*needs, *offers])
    index.refresh()
    everything = Filter(TODAY, weights=Weights(possible=-(10**6)))
    lists = index.lists(everything, LENGTH)
    return {one: [candidate.profile_id for candidate in lists[one]] for one in lists}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    place = needs_offers.folder(parser.parse_args().folder)
    if place is None:
        sys.exit(
            f"skipped: no needs and offers here; name their folder or set {needs_offers.VARIABLE}"
        )
    needs, offers = needs_offers.profiles(place)
    wanted: dict[Kind, dict[UUID, set[UUID]]] = {kind: {} for kind in Kind}
    for need, offer in needs_offers.pairs(place):
        if need in needs and offer in offers:
            a, b = needs[need].id, offers[offer].id
            wanted[Kind.NEED].setdefault(a, set()).add(b)
            wanted[Kind.OFFER].setdefault(b, set()).add(a)
    sides = {Kind.NEED: list(needs.values()), Kind.OFFER: list(offers.values())}
    for method in (cosine_alone, two_sided):
        ranked = method(sides[Kind.NEED], sides[Kind.OFFER])
        for kind in Kind:
            told = quality.figures(ranked, wanted[kind])
            lists = (ranked.get(one.id, ()) for one in sides[kind])
            told |= quality.exposure(lists, [one.id for one in sides[kind.other]])
            rounded = {name: round(value, 4) for name, value in told.items()}
            print(json.dumps({"method": method.__name__, "from": kind, **rounded}), flush=True)


if __name__ == "__main__":
    main()
