"""How fast and how large is the index, on the public needs and offers?

    python tests/benchmark/ranking_speed.py [FOLDER]

Prints one JSON line: profiles per second (tokenised and made findable), seconds of a refresh and
of all lists, milliseconds of one search, of one added profile and of one explanation, and the memory that the index
takes beside the texts.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from support import needs_offers
from techdock_matching.adapters.index import InProcessIndex
from techdock_matching.app.ports import Filter
from techdock_matching.domain.ranking.profile import Profile
from techdock_matching.domain.ranking.weights import STANDARD

TODAY = date(2027, 1, 1)
BATCH = 500
SINGLE = 200


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def percentiles(name: str, each: Sequence[float]) -> dict[str, float]:
    """Return p50 and p99 in milliseconds."""
    half, most = np.percentile(np.array(each) * 1000, [50, 99])
    return {f"{name}_p50_ms": round(float(half), 2), f"{name}_p99_ms": round(float(most), 2)}


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    place = needs_offers.folder(parser.parse_args().folder)
    if place is None:
        sys.exit(
            f"skipped: no needs and offers here; name their folder or set {needs_offers.VARIABLE}"
        )
    needs, offers = needs_offers.profiles(place)
    every = [*needs.values(), *offers.values()]
    by_id = {profile.id: profile for profile in every}
    before = peak_mb()
    index, everything = InProcessIndex(), Filter(TODAY, needs_offers.EVENT)
    adding = seconds(
        lambda: [index.add(every[at : at + BATCH]) for at in range(0, len(every), BATCH)]
    )
    refreshing = seconds(index.refresh)
    listing = seconds(lambda: index.lists(everything, 20))
    index_mb = peak_mb() - before
    some = [*every[:SINGLE], *every[-SINGLE:]]
    searches = [seconds(lambda p=p: index.search(p, everything, 20)) for p in some]
    first = every[0]
    found = index.search(first, everything, 20)
    reasons = [
        seconds(lambda c=c: index.explain([(first, by_id[c.profile_id])], STANDARD)) for c in found
    ]
    fresh = [again(profile, number) for number, profile in enumerate(some)]
    adds = [seconds(lambda p=p: (index.add([p]), index.place(p, everything, 20))) for p in fresh]
    told = {
        "profiles": len(every),
        "profiles_per_s": round(len(every) / adding),
        "refresh_s": round(refreshing, 2),
        "lists_s": round(listing, 2),
        **percentiles("search", searches),
        **percentiles("add_and_enter", adds),
        **percentiles("explain", reasons),
        "index_mb": round(index_mb),
    }
    print(json.dumps(told))


def again(profile: Profile, number: int) -> Profile:
    """Return the same text as a new profile of somebody else."""
    other = UUID(int=(9 << 64) + number)
    return replace(profile, id=other, organization_id=other, group_id=other)


if __name__ == "__main__":
    main()
