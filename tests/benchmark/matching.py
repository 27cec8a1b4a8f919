"""How fast is the index at a hundred thousand profiles and beyond, with and without meaning?

    python tests/benchmark/matching.py [FOLDER] [--profiles N]

Profiles are 120 words from somewhere in the public texts of FOLDER (else of TECHDOCK_BENCHMARK_DATA),
half needs and half offers; vectors are those of 1,000 of them, with noise. Prints one JSON line: building
per second, a search, and one published profile until it stands in the lists of both sides (made
findable, its own list, the lists that it enters) and until its first ten reasons are there.
"""

import argparse
import random
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from ranking_speed import TODAY, peak_mb, percentiles, seconds
from support import needs_offers
from support.measuring import goal, tell
from techdock_matching.adapters.encoders import SentenceEncoder
from techdock_matching.adapters.index import InProcessIndex
from techdock_matching.app.ports import Filter
from techdock_matching.domain.ranking.match import Candidate
from techdock_matching.domain.ranking.meaning import Meaning, coded, meaning, pieces_of
from techdock_matching.domain.ranking.profile import Kind, Profile, Text
from techdock_matching.domain.ranking.weights import STANDARD

WORDS = 120
BATCH = 2_000
REAL = 1_000
SINGLE = 150
PLACES = 50
REASONS = 10
NOISE = 12.0
SEED = 5
AT = 100_000
"""The number of profiles for which the issue sets goals of publishing."""


def drawn(texts: Sequence[Sequence[str]], count: int) -> list[Profile]:
    """Return profiles of 120 words each from somewhere in the texts."""
    chance = random.Random(SEED)
    found = []
    for number in range(count):
        words = chance.choice(texts)
        start = chance.randrange(max(1, len(words) - WORDS))
        ident = UUID(int=(3 << 64) + number)
        found.append(
            Profile(
                ident,
                Kind.NEED if number % 2 else Kind.OFFER,
                organization_id=ident,
                group_id=ident,
                country="US",
                valid_until=needs_offers.VALID_UNTIL,
                docking_events=frozenset({needs_offers.EVENT}),
                texts={"description": Text("en", {"en": " ".join(words[start : start + WORDS])})},
            )
        )
    return found


def embedded(profiles: Sequence[Profile]) -> tuple[list[Meaning], float]:
    """Return vectors of some profiles, and how many texts are embedded in a second."""
    encoder = SentenceEncoder()
    encoder.embed(["warm"])
    read = [found for one in profiles if (found := pieces_of(one)) is not None]
    vectors: list[Meaning] = []

    def work() -> None:
        vectors.extend(Meaning(meaning(one, encoder), "en", one.words) for one in read)

    spent = seconds(work)
    return vectors, len(read) / spent


def noisy(real: Sequence[Meaning], profiles: Sequence[Profile]) -> dict[UUID, Meaning]:
    chance = np.random.default_rng(SEED)
    found = {}
    for profile in profiles:
        one = real[int(chance.integers(len(real)))]
        codes = coded(one.codes + chance.normal(0.0, NOISE, one.codes.shape))
        found[profile.id] = replace(one, codes=codes)
    return found


def fresh(profile: Profile, number: int) -> Profile:
    other = UUID(int=(9 << 64) + number)
    return replace(profile, id=other, organization_id=other, group_id=other)


def measure(profiles: list[Profile], real: Sequence[Meaning], *, with_meaning: bool) -> None:
    before = peak_mb()
    index = InProcessIndex(embedder=SentenceEncoder() if with_meaning else None)
    where = Filter(TODAY, needs_offers.EVENT)
    building = seconds(
        lambda: [index.add(profiles[at : at + BATCH]) for at in range(0, len(profiles), BATCH)]
    )
    if with_meaning:
        for at in range(0, len(profiles), BATCH):
            index.add_meanings(noisy(real, profiles[at : at + BATCH]))
    refreshing = seconds(index.refresh)
    chosen = random.Random(SEED).sample(profiles, SINGLE)
    searches = [seconds(lambda p=p: index.search(p, where, PLACES)) for p in chosen]
    # Full lists are entered by few: as a stand-in every list ends with a score that few reach.
    index.note_ends(needs_offers.EVENT, {one.id: Candidate(UUID(int=0), 3_500) for one in profiles})
    by_id = {profile.id: profile for profile in profiles}
    adds, enters, explains = [], [], []
    for number, profile in enumerate(chosen):
        one = fresh(profile, number)
        meant = noisy(real, [one]) if with_meaning else {}
        adds.append(seconds(lambda p=one, m=meant: (index.add([p]), index.add_meanings(m))))
        found: list[Candidate] = []
        enters.append(seconds(lambda p=one, f=found: f.extend(index.place(p, where, PLACES).list)))
        explains.append(
            seconds(
                lambda p=one, f=found: index.explain(
                    [(p, by_id[c.profile_id]) for c in f[:REASONS] if c.profile_id in by_id],
                    STANDARD,
                )
            )
        )
    both = [add + enter for add, enter in zip(adds, enters, strict=True)]
    whole = [one + why for one, why in zip(both, explains, strict=True)]
    half, most = (float(np.percentile(whole, share)) * 1000 for share in (50, 99))
    how = "with meaning" if with_meaning else "words"
    limits = (25.0, 80.0) if with_meaning else (5.0, 25.0)
    goals = [
        goal(f"publish until in both lists with reasons p50, {how}", half, limits[0], "ms"),
        goal(f"publish until in both lists with reasons p99, {how}", most, limits[1], "ms"),
    ]
    tell(
        "matching",
        goals if len(profiles) == AT else [],
        profiles=len(profiles),
        how=how,
        profiles_per_s=round(len(profiles) / building),
        refresh_s=round(refreshing, 1),
        index_mb=round(peak_mb() - before),
        **percentiles("search", searches),
        **percentiles("add", adds),
        **percentiles("both_lists", both),
        **percentiles("reasons", explains),
    )


def main() -> None:
    asking = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asking.add_argument("folder", nargs="?", type=Path)
    asking.add_argument("--profiles", type=int, default=AT)
    asked = asking.parse_args()
    place = needs_offers.folder(asked.folder)
    if place is None:
        sys.exit(
            f"skipped: no needs and offers here; name their folder or set {needs_offers.VARIABLE}"
        )
    needs, offers = needs_offers.profiles(place)
    texts = [
        one.texts["description"].versions["en"].split()
        for one in (*needs.values(), *offers.values())
    ]
    profiles = drawn(texts, asked.profiles)
    real, per_s = embedded(profiles[:REAL])
    goals = [goal("texts of 120 words embedded, one core", per_s, 100.0, "texts/s", least=True)]
    tell("matching_embedding", goals, texts=len(real))
    measure(profiles, real, with_meaning=False)
    measure(profiles, real, with_meaning=True)


if __name__ == "__main__":
    main()
