"""How good is the ranking, on the public needs and offers (titles withheld)?

    python tests/benchmark/ranking_quality.py [FOLDER]

FOLDER holds needs.jsonl.gz, offers.jsonl.gz and pairs.tsv; without it TECHDOCK_BENCHMARK_DATA is
asked. Prints one JSON line for each method and direction: nDCG@10, R@10, R@50 and MRR over the known pairs,
and how evenly the other side is shown in lists of ten. A last line for each direction compares the engine
with the usual: TF-IDF of words and pairs and the same encoder, both two-sided; the mean difference of
nDCG@10, and its interval of 95 % by a paired bootstrap. Embedding takes some ten minutes.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from uuid import UUID

import numpy as np
from scipy.sparse import csr_array, diags_array

sys.path.insert(0, str(Path(__file__).parents[1]))

from ranking_languages import embedded
from support import needs_offers
from techdock_matching.adapters.encoders import SentenceEncoder
from techdock_matching.adapters.glossary import lexicon
from techdock_matching.adapters.index import InProcessIndex
from techdock_matching.app.ports import Filter
from techdock_matching.domain.ranking import quality
from techdock_matching.domain.ranking.meaning import Meaning
from techdock_matching.domain.ranking.profile import Kind, Profile
from techdock_matching.domain.ranking.terms import Terms
from techdock_matching.domain.ranking.vectors import rarity
from techdock_matching.domain.ranking.weights import Weights

TODAY = date(2027, 1, 1)
LENGTH = 50
BESIDE = 0.7
"""Weight of the encoder beside TF-IDF, both two-sided; the best when that was tried."""

ROUNDS = 10_000

Ranked = Mapping[UUID, Sequence[UUID]]
Sides = Mapping[Kind, Sequence[Profile]]
Meanings = Mapping[UUID, Meaning]


def tf_idf(sides: Sides) -> np.ndarray:
    """Return cosines of needs and offers: words and pairs of words, (1 + log c) idf."""
    terms = Terms()
    counted = {kind: [terms.of(one)["en"] for one in some] for kind, some in sides.items()}
    every = [one for kind in Kind for one in counted[kind]]
    columns, frequency = np.unique(
        np.concatenate([one.columns for one in every]), return_counts=True
    )
    rare = rarity(len(every), frequency, columns)
    matrices = []
    for kind in (Kind.NEED, Kind.OFFER):
        at = np.searchsorted(columns, np.concatenate([one.columns for one in counted[kind]]))
        often = np.concatenate([one.counts for one in counted[kind]]).astype(np.float64)
        starts = np.cumsum([0, *(len(one.columns) for one in counted[kind])])
        weights = (1 + np.log(often)) * rare[at]
        matrix = csr_array((weights, at, starts), shape=(len(counted[kind]), len(columns)))
        lengths = np.sqrt((matrix * matrix).sum(axis=1))
        matrices.append((diags_array(1 / np.maximum(lengths, 1e-9)) @ matrix).astype(np.float32))
    dense: np.ndarray = (matrices[0] @ matrices[1].T).toarray()
    return dense


def likeness(sides: Sides, meanings: Meanings) -> np.ndarray:
    """Return cosines of what an encoder makes of needs and offers; 0 for what it cannot read."""
    vectors = []
    for kind in (Kind.NEED, Kind.OFFER):
        codes = [meanings[one.id].codes if one.id in meanings else None for one in sides[kind]]
        width = next(len(one) for one in codes if one is not None)
        every = np.array([np.zeros(width) if one is None else one for one in codes], np.float32)
        lengths = np.linalg.norm(every, axis=1, keepdims=True)
        vectors.append(every / np.maximum(lengths, 1e-9))
    return np.asarray(vectors[0] @ vectors[1].T)


def two_sided(cosines: np.ndarray) -> np.ndarray:
    """Return how far cosines stand out from their row and from their column, summed."""
    found: np.ndarray = (cosines - cosines.mean(axis=1, keepdims=True)) / np.maximum(
        cosines.std(axis=1, keepdims=True), 1e-9
    )
    found += (cosines - cosines.mean(axis=0)) / np.maximum(cosines.std(axis=0), 1e-9)
    return found


def best(sides: Sides, scores: np.ndarray) -> Ranked:
    ranked: dict[UUID, Sequence[UUID]] = {}
    for kind, lines in ((Kind.NEED, scores), (Kind.OFFER, scores.T)):
        others = sides[kind.other]
        for one, line in zip(sides[kind], lines, strict=True):
            top = np.argpartition(-line, LENGTH)[:LENGTH]
            ranked[one.id] = [others[i].id for i in top[np.argsort(-line[top], kind="stable")]]
    return ranked


def engine(sides: Sides, meanings: Meanings | None) -> Ranked:
    """Rank as the service does, without cap and fit."""
    index = InProcessIndex(lexicon(), None if meanings is None else SentenceEncoder())
    index.add([*sides[Kind.NEED], *sides[Kind.OFFER]])
    index.add_meanings(meanings or {})
    index.refresh()
    lists = index.lists(Filter(TODAY, weights=Weights(possible=-(10**6))), LENGTH)
    return {one: [candidate.profile_id for candidate in lists[one]] for one in lists}


def interval(one: Ranked, other: Ranked, wanted: Mapping[UUID, set[UUID]]) -> dict[str, object]:
    """Return by how much nDCG@10 differs, and where 95 % of paired bootstrap means lie."""
    gains = np.array(
        [
            quality.ndcg(one.get(each, ()), right) - quality.ndcg(other.get(each, ()), right)
            for each, right in wanted.items()
        ]
    )
    drawn = np.random.default_rng(0).integers(0, len(gains), (ROUNDS, len(gains)))
    means = gains[drawn].mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return {
        "lists": len(gains),
        "difference": round(float(gains.mean()), 4),
        "from": round(float(low), 4),
        "to": round(float(high), 4),
        "share_of_means_above_0": round(float((means > 0).mean()), 4),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
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
    measure(sides, wanted, embedded([*needs.values(), *offers.values()]))


def measure(
    sides: Sides, wanted: Mapping[Kind, Mapping[UUID, set[UUID]]], meanings: Meanings
) -> None:
    cosines = tf_idf(sides)
    words = two_sided(cosines)
    usual = words + BESIDE * two_sided(likeness(sides, meanings))
    methods = {
        "TF-IDF, cosine": best(sides, cosines),
        "TF-IDF, two-sided": best(sides, words),
        "TF-IDF and encoder, two-sided": best(sides, usual),
        "engine, words": engine(sides, None),
        "engine": engine(sides, meanings),
    }
    for method, ranked in methods.items():
        for kind in Kind:
            told = quality.figures(ranked, wanted[kind])
            lists = (ranked.get(one.id, ()) for one in sides[kind])
            told |= quality.exposure(lists, [one.id for one in sides[kind.other]])
            rounded = {name: round(value, 4) for name, value in told.items()}
            print(json.dumps({"method": method, "from": kind, **rounded}), flush=True)
    for kind in Kind:
        told = interval(methods["engine"], methods["TF-IDF and encoder, two-sided"], wanted[kind])
        told = {"engine against": "TF-IDF and encoder, two-sided", "of": kind, **told}
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
