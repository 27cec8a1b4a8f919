"""How fast the catalogue answers: `python tests/benchmark/search_speed.py [FOLDER] [PROFILES]`.

The public needs and offers, multiplied: each copy leaves out every seventh word and swaps in words
of another profile, so that neither the words nor the profiles repeat. Queries are two to five
words of profiles, every third with a slip of the pen and every fourth cut off at its end.
"""

import random
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.needs_offers import EVENT, folder, profiles
from techdock_matching.adapters.catalogue import Catalogue
from techdock_matching.adapters.glossary import lexicon
from techdock_matching.app.asking import Wanted
from techdock_matching.domain.ranking.profile import Profile, Text

WORDS = 120
QUERIES = 1_000
PORTION = 500
COUNTRIES = ("KZ", "UZ", "CN", "RU", "EG", "IN", "BR", "DE")


def multiplied(known: list[Profile], wanted: int, chance: random.Random) -> Iterator[Profile]:
    """Yield so many profiles of 120 words."""
    for number in range(wanted):
        one = known[number % len(known)]
        words = one.texts["description"].versions["en"].split()
        if number >= len(known):
            other = known[chance.randrange(len(known))].texts["description"].versions["en"].split()
            words = [word for at, word in enumerate(words) if at % 7]
            words = [*words[: WORDS - 40], *other[:40]]
        title, body = " ".join(words[:8]), " ".join(words[8:WORDS])
        yield replace(
            one,
            id=UUID(int=(9 << 64) + number),
            country=chance.choice(COUNTRIES),
            trl=chance.randint(1, 9),
            technology_field=chance.randint(1, 35),
            texts={"title": Text("en", {"en": title}), "description": Text("en", {"en": body})},
        )


def queries(known: list[Profile], chance: random.Random) -> Iterator[Wanted]:
    """Yield what people may type."""
    for number in range(QUERIES):
        words = chance.choice(known).texts["description"].versions["en"].split()
        at = chance.randrange(max(1, len(words) - 5))
        some = words[at : at + chance.randint(2, 5)]
        if number % 3 == 0:
            place = chance.randrange(len(some))
            word = some[place]
            cut = chance.randrange(len(word))
            some[place] = word[:cut] + word[cut + 1 :]
        text = " ".join(some)
        typing = number % 4 == 0
        yield Wanted(text[:-2] if typing else text, frozenset({EVENT}), typing=typing)


def main() -> None:
    """Build, ask, print."""
    place = folder(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    if place is None:
        sys.exit("name the folder with the needs and offers")
    wanted = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    chance = random.Random(7)
    known = [one for side in profiles(place) for one in side.values()]
    made = list(multiplied(known, wanted, chance))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    catalogue = Catalogue(lexicon())
    begun = time.perf_counter()
    for start in range(0, len(made), PORTION):
        catalogue.add(made[start : start + PORTION])
    took = time.perf_counter() - begun
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{wanted:,} profiles: {wanted / took:,.0f} per s, {grown:,.0f} MiB")
    asked = list(queries(known, chance))
    for each in asked[:20]:
        catalogue.find(each)
    seconds = []
    for each in asked:
        begun = time.perf_counter()
        catalogue.find(each)
        seconds.append(time.perf_counter() - begun)
    added = []
    for number in range(200):
        one = replace(made[number], id=UUID(int=(10 << 64) + number))
        begun = time.perf_counter()
        catalogue.add([one])
        added.append(time.perf_counter() - begun)
    for name, times in (("search", seconds), ("add", added)):
        p50, p99 = np.percentile(np.array(times) * 1000, [50, 99])
        print(f"{name}: p50 {p50:.1f} ms, p99 {p99:.1f} ms, most {max(times) * 1000:.1f} ms")


if __name__ == "__main__":
    main()
