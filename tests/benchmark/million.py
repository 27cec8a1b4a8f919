"""The index at 100,000 and 1,000,000 profiles of 120 words: building, searching, memory.

    python tests/benchmark/million.py [--data DIR] [--profiles N] [--embedded 1000] [--sparse] [--read N]

Profiles are made of the public needs and offers: 80 words that stand together in one text and 40 of
another, so that words, and neighbours, are as frequent as in real texts; one in five is a need.
With --read only so many are made and read, and said again by the others: quick, but then nothing is
told of how fast texts are read.
Some real texts are embedded, and each profile has the vector of one of them plus noise. With
--sparse there are no vectors. Prints one JSON line.
"""

import argparse
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import psutil
from support import needs_offers
from support.measuring import goal, peak_mb, tell
from techdock_matching.adapters.encoders import SentenceEncoder
from techdock_matching.adapters.glossary import lexicon
from techdock_matching.adapters.index import InProcessIndex
from techdock_matching.adapters.index_space import Sizes
from techdock_matching.app.ports import Filter
from techdock_matching.domain.ranking.meaning import Meaning, meaning, pieces
from techdock_matching.domain.ranking.profile import Kind, Profile, Text
from techdock_matching.domain.ranking.terms import Counts, Terms

TODAY = date(2027, 1, 1)
COUNTRIES = ("KZ", "UZ", "CN", "RU", "EG", "IN", "BR", "DE")
WORDS, OTHERS, LEAST = 120, 40, 60
PORTION, LISTED = 500, 50
QUERIES, ADDED, COMPARED = 300, 200, 40
NOISE = 0.4
"""Of the length of a vector; two vectors made of one then have a cosine of about .86."""


class Made:
    """Profiles by number, each made anew whenever it is asked for."""

    def __init__(
        self, known: Sequence[Profile], vectors: Sequence[Meaning], seed: int, read: int
    ) -> None:
        texts = [one.texts["description"].versions["en"].split() for one in known]
        self._texts = [words for words in texts if len(words) >= LEAST]
        self._vectors = vectors
        self._seed = seed
        self._read = read
        self._said: dict[int, str] = {}

    def profile(self, number: int) -> Profile:
        chance = random.Random(self._seed + number)
        text = self._said.get(number % self._read)
        if text is None:
            text = self._text(number % self._read)
            if self._read < 10**6:
                self._said[number % self._read] = text
        own = UUID(int=(9 << 64) + number)
        return Profile(
            own,
            Kind.NEED if number % 5 == 0 else Kind.OFFER,
            organization_id=own,
            group_id=own,
            country=chance.choice(COUNTRIES),
            valid_until=needs_offers.VALID_UNTIL,
            docking_events=frozenset({needs_offers.EVENT}),
            trl=chance.randint(1, 9),
            technology_field=chance.randint(1, 35),
            texts={"description": Text("en", {"en": text})},
        )

    def meaning(self, number: int) -> Meaning:
        noise = np.random.default_rng(self._seed + number)
        one = self._vectors[noise.integers(len(self._vectors))]
        codes = one.codes.astype(np.float32)
        off = noise.standard_normal(len(codes), np.float32)
        codes += off * (NOISE * np.linalg.norm(codes) / np.linalg.norm(off))
        return Meaning(np.clip(np.rint(codes), -127, 127).astype(np.int8), "en", WORDS)

    def _text(self, number: int) -> str:
        chance = random.Random(self._seed + number)
        return " ".join((*self._some(chance, WORDS - OTHERS), *self._some(chance, OTHERS)))

    def _some(self, chance: random.Random, count: int) -> list[str]:
        words = chance.choice(self._texts)
        at = chance.randrange(max(1, len(words) - count))
        return words[at : at + count]


class Remembering(Terms):
    """Reads each text once."""

    def __init__(self, terms: Terms) -> None:
        super().__init__(terms.lexicon)
        self._kept: dict[str, dict[str, Counts]] = {}

    def of(self, profile: Profile) -> dict[str, Counts]:
        text = profile.texts["description"].versions["en"]
        if text not in self._kept:
            self._kept[text] = super().of(profile)
        return self._kept[text]


def embedded(known: Sequence[Profile], count: int) -> list[Meaning]:
    encoder, found = SentenceEncoder(), []
    for one in random.Random(3).sample(list(known), count):
        words = one.texts["description"].versions["en"].split()[:WORDS]
        read = pieces([" ".join(words)], "en")
        if read is not None:
            found.append(Meaning(meaning(read, encoder), read.language, read.words))
    return found


def percentiles(seconds: Sequence[float]) -> tuple[float, float]:
    """Return p50 and p99 in milliseconds."""
    half, most = np.percentile(np.array(seconds) * 1000, [50, 99])
    return float(half), float(most)


def build(index: InProcessIndex, made: Made, wanted: int, *, meant: bool) -> dict[str, float]:
    """Add all, and return the seconds that each part took; making profiles does not count."""
    took = {"add": 0.0, "vectors": 0.0, "refresh": 0.0}
    for first in range(0, wanted, PORTION):
        numbers = range(first, min(first + PORTION, wanted))
        some = [made.profile(number) for number in numbers]
        begun = time.perf_counter()
        index.add(some)
        took["add"] += time.perf_counter() - begun
        if meant:
            vectors = {one.id: made.meaning(n) for one, n in zip(some, numbers, strict=True)}
            begun = time.perf_counter()
            index.add_meanings(vectors)
            took["vectors"] += time.perf_counter() - begun
    begun = time.perf_counter()
    index.refresh()
    took["refresh"] = time.perf_counter() - begun
    return took


def searched(index: InProcessIndex, asked: Sequence[Profile], filter: Filter) -> Iterator[float]:
    for one in asked:
        begun = time.perf_counter()
        index.search(one, filter, LISTED)
        yield time.perf_counter() - begun


def agreeing(index: InProcessIndex, asked: Sequence[Profile], filter: Filter, top: int) -> float:
    """Return which share of the best is found where candidates are chosen before."""
    held = index._held  # noqa: SLF001 - compared with itself, working in the other way
    kept = held.sizes
    found = [{c.profile_id for c in index.search(one, filter, top)} for one in asked]
    held.sizes = Sizes(exact=10**9)
    right = [{c.profile_id for c in index.search(one, filter, top)} for one in asked]
    held.sizes = kept
    return sum(len(a & b) for a, b in zip(found, right, strict=True)) / max(1, sum(map(len, right)))


def main() -> None:
    asking = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asking.add_argument("--data", type=Path, help=f"else {needs_offers.VARIABLE}")
    asking.add_argument("--profiles", type=int, default=1_000_000)
    asking.add_argument("--embedded", type=int, default=1_000, help="real texts that are embedded")
    asking.add_argument("--sparse", action="store_true", help="without vectors")
    asking.add_argument("--read", type=int, help="so many texts, said again by the others")
    asked = asking.parse_args()
    place = needs_offers.folder(asked.data)
    if place is None:
        sys.exit(f"skipped: million needs --data DIR or {needs_offers.VARIABLE}")
    meant = not asked.sparse
    known = [one for side in needs_offers.profiles(place) for one in side.values()]
    vectors = embedded(known, asked.embedded) if meant else []
    made = Made(known, vectors, 7, asked.read or 10**9)
    index = InProcessIndex(lexicon(), SentenceEncoder() if meant else None)
    if asked.read:
        index._terms = Remembering(index._terms)  # noqa: SLF001 - what is not measured
    process = psutil.Process()
    before = process.memory_info().rss / 2**20
    took = build(index, made, asked.profiles, meant=meant)
    peak = peak_mb(process.pid)
    taken = process.memory_info().rss / 2**20
    wanted = Filter(TODAY, needs_offers.EVENT)
    chance = random.Random(5)
    some = [made.profile(chance.randrange(asked.profiles)) for _ in range(QUERIES)]
    list(searched(index, some[:10], wanted))
    seconds = list(searched(index, some, wanted))
    from_needs = [s for s, one in zip(seconds, some, strict=True) if one.kind is Kind.NEED]
    agreed = agreeing(index, some[:COMPARED], wanted, 20)
    added = []
    for number in range(asked.profiles, asked.profiles + ADDED):
        fresh = made.profile(number)
        vector = {fresh.id: made.meaning(number)} if meant else {}
        begun = time.perf_counter()
        index.add([fresh])
        index.add_meanings(vector)
        added.append(time.perf_counter() - begun)
    other = UUID(int=1)
    one = made.profile(1)
    again = replace(one, id=other, organization_id=other, group_id=other, kind=Kind.NEED)
    seen = [c.profile_id for c in index.search(again, wanted, LISTED)]
    assert one.id in seen, "a profile does not find itself on the other side"
    rate = asked.profiles / (took["add"] + took["refresh"])
    half, most = percentiles(seconds)
    visible = percentiles(added)[0]
    name = f"{asked.profiles:,} profiles, {'with vectors' if meant else 'words alone'}"
    built = goal(f"built without embedding, {name}", rate, 10_000, "profiles/s", least=True)
    tell(
        "million",
        [
            goal(f"search p50, {name}", half, 30.0, "ms"),
            goal(f"search p99, {name}", most, 90.0, "ms"),
            goal(f"an added profile is visible, {name}", visible, 10.0, "ms"),
            goal(f"memory of the index, {name}", (taken - before) / 1024, 4.0, "GB"),
            *([] if asked.read else [built]),
        ],
        profiles=asked.profiles,
        vectors=len(vectors),
        texts=asked.read or asked.profiles,
        seconds={part: round(spent, 1) for part, spent in took.items()},
        from_needs_ms=[round(one, 1) for one in percentiles(from_needs)],
        added_ms=[round(one, 2) for one in percentiles(added)],
        of_the_20_best_found=round(agreed, 3),
        index_mb=round(taken - before),
        peak_mb=round(peak),
    )


if __name__ == "__main__":
    main()
