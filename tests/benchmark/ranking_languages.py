"""Does a need find the offer that answers it in another language?

    python tests/benchmark/ranking_languages.py [FOLDER]

The needs, offers and near misses of tests/benchmark/check_set, written for this project in six
languages, beside the public English offers of FOLDER (else of TECHDOCK_BENCHMARK_DATA). An English
need looks for its one right offer among the offers and near misses in another language and the
public offers; a need in another language looks among the same in English. Two sets: in the plainer
one a need and its offer share their main terms, in the hard one the near misses share them. `en among all`
is an English need that looks for its English offer among all languages, offer and near misses of its topic
in others left out: what is gained across languages must not push that away. Prints
one JSON line for each method and set: nDCG@10 and R@10 by direction, and the time of one search.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from support import needs_offers
from support.measuring import tell
from techdock_matching.adapters.encoders import SentenceEncoder
from techdock_matching.adapters.glossary import lexicon
from techdock_matching.adapters.index import InProcessIndex
from techdock_matching.app.ports import Filter
from techdock_matching.domain.ranking.lexicon import Lexicon
from techdock_matching.domain.ranking.meaning import Meaning, meaning, pieces_of
from techdock_matching.domain.ranking.profile import Kind, Profile, Text
from techdock_matching.domain.ranking.weights import Weights

CHECK_SET = Path(__file__).parent / "check_set"
LANGUAGES = ("en", "zh", "ru", "ar", "es", "fr")
ALL = "all"
TODAY = date(2027, 1, 1)
SHOWN = 10
PORTION = 500
SETS = ("plain", "hard")
EVERYTHING = Weights(possible=-(10**6))

Row = dict[str, str]


def event(language: str) -> UUID:
    """Return the docking event in which the offers of a language stand beside the public ones."""
    return uuid5(NAMESPACE_URL, f"pool:{language}")


def rows(which: str) -> Iterator[Row]:
    for file in sorted(CHECK_SET.glob("*.jsonl")):
        if file.name.startswith("plain_") == (which == "plain"):
            yield from map(json.loads, file.read_text(encoding="utf-8").splitlines())


def profile(row: Row) -> Profile:
    ident = uuid5(NAMESPACE_URL, row["id"])
    pools = (*LANGUAGES, ALL) if row["role"] == "need" else (row["language"], ALL)
    return Profile(
        ident,
        Kind.NEED if row["role"] == "need" else Kind.OFFER,
        organization_id=ident,
        group_id=ident,
        country="US",
        valid_until=needs_offers.VALID_UNTIL,
        docking_events=frozenset(map(event, pools)),
        texts={
            name: Text(row["language"], {row["language"]: row[field]})
            for name, field in (("title", "title"), ("description", "text"))
        },
    )


def embedded(profiles: Sequence[Profile]) -> dict[UUID, Meaning]:
    portions = [profiles[start : start + PORTION] for start in range(0, len(profiles), PORTION)]
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        return {one: meant for some in pool.map(meanings_of, portions) for one, meant in some}


def meanings_of(profiles: Sequence[Profile]) -> list[tuple[UUID, Meaning]]:
    encoder = SentenceEncoder()
    found = []
    for one in profiles:
        if (read := pieces_of(one)) is not None:
            meant = Meaning(meaning(read, encoder), read.language, read.words)
            found.append((one.id, meant))
    return found


def place_of(
    index: InProcessIndex,
    need: Profile,
    pool: str,
    right: UUID,
    others: frozenset[UUID] = frozenset(),
) -> int | None:
    """Return the place of the right offer among the first ten, from 1; others are left out."""
    asked = Filter(TODAY, event(pool), excluded=others, weights=EVERYTHING)
    found = index.search(need, asked, SHOWN)
    ids = [candidate.profile_id for candidate in found]
    return ids.index(right) + 1 if right in ids else None


def figures(places: Sequence[int | None]) -> tuple[float, float]:
    """Return nDCG@10 and R@10 of searches for one right answer each."""
    gains = [0.0 if place is None else 1 / np.log2(place + 1) for place in places]
    found = [place is not None for place in places]
    return round(float(np.mean(gains)), 4), round(float(np.mean(found)), 4)


def measure(
    method: str,
    which: str,
    known: Lexicon | None,
    public: Sequence[Profile],
    meanings: Mapping[UUID, Meaning] | None = None,
) -> None:
    every = list(rows(which))
    of = {
        (r["topic"], r["role"], r["language"]): profile(r)
        for r in every
        if r["role"] != "near_miss"
    }
    index = InProcessIndex(known, None if meanings is None else SentenceEncoder())
    index.add([*map(profile, every), *public])
    if meanings is not None:
        index.add_meanings(meanings)
    index.refresh()
    topics = sorted({row["topic"] for row in every})
    directions = [("en", language) for language in LANGUAGES] + [
        (language, "en") for language in LANGUAGES[1:]
    ]
    ndcg, recall, searches, begun = {}, {}, 0, time.perf_counter()
    for asking, pool in directions:
        places = [
            place_of(index, of[t, "need", asking], pool, of[t, "offer", pool].id) for t in topics
        ]
        searches += len(places)
        ndcg[f"{asking} -> {pool}"], recall[f"{asking} -> {pool}"] = figures(places)
    alone = []
    for topic in topics:
        others = frozenset(
            uuid5(NAMESPACE_URL, r["id"])
            for r in every
            if r["topic"] == topic and r["role"] != "need" and r["language"] != "en"
        )
        need, right = of[topic, "need", "en"], of[topic, "offer", "en"].id
        alone.append(place_of(index, need, ALL, right, others))
    searches += len(alone)
    ndcg["en among all"], recall["en among all"] = figures(alone)
    ms = round(1000 * (time.perf_counter() - begun) / searches, 1)
    told = {"ndcg_10": ndcg, "recall_10": recall, "ms_per_search": ms}
    tell("ranking_languages", [], method=method, set=which, topics=len(topics), **told)


def main() -> None:
    asking = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asking.add_argument("folder", nargs="?", type=Path)
    place = needs_offers.folder(asking.parse_args().folder)
    if place is None:
        sys.exit(
            f"skipped: no needs and offers here; name their folder or set {needs_offers.VARIABLE}"
        )
    _, offers = needs_offers.profiles(place)
    pools = frozenset(map(event, (*LANGUAGES, ALL)))
    public = [replace(one, docking_events=pools) for one in offers.values()]
    checked = [profile(row) for which in SETS for row in rows(which)]
    meanings = embedded([*checked, *public])
    known = lexicon()
    for which in SETS:
        measure("words", which, None, public)
        measure("words and concepts", which, known, public)
        measure("words and meaning", which, None, public, meanings)
        measure("words, concepts and meaning", which, known, public, meanings)


if __name__ == "__main__":
    main()
