"""Meetings held when plans are made in several ways, in a simulated docking event.

    python tests/benchmark/mutual_plan.py [--parties 300] [--seeds 20]

Parties have topics and an appeal that is long-tailed: everybody would like to meet the same few.
The score that a ranking sees is what the pair is worth to both, with noise. Each side then says
yes or no by what the meeting is worth to it: its share of the topic, the appeal of the other, and
a taste that nobody sees. A meeting is held when both say yes and both have time left.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import numpy as np
import numpy.typing as npt
from techdock_matching.domain.ranking.mutual import Pair, plan

Floats = npt.NDArray[np.float64]
Meeting = tuple[int, int]

KNOWN = 50
"""Places of a list: pairs beyond them are not known."""

TIME = 8
TEMPERATURES = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True)
class Fair:
    """A docking event: what the ranking sees, and what each side wants."""

    score: Floats
    yes: Floats
    yes_there: Floats
    known: npt.NDArray[np.bool_]
    most: list[int]

    @property
    def size(self) -> int:
        return len(self.score)


def fair(parties: int, seed: int) -> Fair:
    """Return a docking event of so many needs and as many offers."""
    draw = np.random.default_rng(seed)
    topics = draw.normal(size=(2, parties, 12))
    topics /= np.linalg.norm(topics, axis=2, keepdims=True)
    topic = 3.0 * topics[0] @ topics[1].T
    appeal = draw.gamma(1.5, 0.8, size=(2, parties))
    # What the meeting is worth to each: the topic, and how good the other one is.
    to_need = topic + appeal[1][None, :]
    to_offer = topic + appeal[0][:, None]
    score = to_need + to_offer + draw.normal(scale=0.7, size=topic.shape)
    score = (score - score.mean()) / score.std()
    least = np.quantile(topic, 0.9) + np.mean(appeal)
    known = _first(score) & _first(score.T).T
    most = draw.integers(2, TIME + 1, size=2 * parties).tolist()
    return Fair(score, _chance(to_need - least), _chance(to_offer - least), known, most)


def _chance(gain: Floats) -> Floats:
    chance: Floats = 1 / (1 + np.exp(-1.5 * gain))
    return chance


def _first(score: Floats) -> npt.NDArray[np.bool_]:
    rank = np.argsort(np.argsort(-score, axis=1), axis=1)
    first: npt.NDArray[np.bool_] = rank < KNOWN
    return first


def one_sided(event: Fair) -> list[Meeting]:
    """Every need asks its best offers, as many as it has time for."""
    wanted = np.where(event.known, event.score, -np.inf)
    asked = []
    for need, row in enumerate(wanted):
        best = np.argsort(-row)[: event.most[need]]
        asked += [(need, int(offer)) for offer in best if row[offer] > -np.inf]
    return asked


def both_ask(event: Fair) -> list[Meeting]:
    """Either side asks its best, as many as it has time for."""
    turned = Fair(event.score.T, event.yes_there.T, event.yes.T, event.known.T,
                  [*event.most[event.size:], *event.most[: event.size]])  # fmt: skip
    mirrored = [(need, offer) for offer, need in one_sided(turned)]
    return list(dict.fromkeys([*one_sided(event), *mirrored]))


def greedy(event: Fair, questions: int = 1) -> list[Meeting]:
    """The pairs of the highest scores first, while both have time."""
    left = [questions * many for many in event.most]
    taken = []
    needs, offers = np.nonzero(event.known)
    for edge in np.argsort(-event.score[needs, offers], kind="stable"):
        need, offer = int(needs[edge]), int(offers[edge])
        if left[need] and left[event.size + offer]:
            left[need] -= 1
            left[event.size + offer] -= 1
            taken.append((need, offer))
    return taken


def mutual(temperature: float, questions: int = 1) -> Callable[[Fair], list[Meeting]]:
    """As the service plans; with more questions, each is asked beyond its time."""

    def of(event: Fair) -> list[Meeting]:
        needs, offers = np.nonzero(event.known)
        least = float(event.score[needs, offers].min()) - 1e-6
        pairs = [
            Pair(UUID(int=need), UUID(int=event.size + offer), event.score[need, offer] - least)
            for need, offer in zip(needs.tolist(), offers.tolist(), strict=True)
        ]
        most = {UUID(int=party): questions * many for party, many in enumerate(event.most)}
        return [(p.low.int, p.high.int - event.size) for p in plan(pairs, most, temperature)]

    return of


def held(event: Fair, asked: Sequence[Meeting], seed: int) -> dict[str, float]:
    """Let both sides answer, in an order of chance, and say what was held."""
    draw = np.random.default_rng(seed)
    left, has = list(event.most), [0] * len(event.most)
    answers = draw.random((len(asked), 2))
    for turn in draw.permutation(len(asked)):
        need, offer = asked[turn]
        there = event.size + offer
        says = answers[turn]
        if says[0] > event.yes[need, offer] or says[1] > event.yes_there[need, offer]:
            continue
        if left[need] and left[there]:
            for party in (need, there):
                left[party] -= 1
                has[party] += 1
    counts = np.sort(np.array(has, np.float64))
    size = len(counts)
    gini = 2 * (np.arange(1, size + 1) @ counts) / (size * counts.sum()) - (size + 1) / size
    return {
        "proposed": len(asked),
        "held": sum(has) / 2,
        "without": has.count(0),
        "gini": float(gini),
    }


def measure(parties: int, seeds: int) -> Mapping[str, Mapping[str, float]]:
    """Return the mean figures of each way."""
    ways: dict[str, Callable[[Fair], list[Meeting]]] = {
        "needs ask": one_sided,
        "both ask": both_ask,
        "greedy by score": greedy,
        **{f"mutual, T = {t}": mutual(t) for t in TEMPERATURES},
        "greedy by score, twice the questions": partial(greedy, questions=2),
        "mutual, T = 0.1, twice the questions": mutual(0.1, 2),
    }
    found: dict[str, list[dict[str, float]]] = {name: [] for name in ways}
    for seed in range(seeds):
        event = fair(parties, seed)
        for name, way in ways.items():
            asked = way(event)
            found[name] += [held(event, asked, 1000 * seed + turn) for turn in range(5)]
    return {
        name: {what: float(np.mean([one[what] for one in all_])) for what in all_[0]}
        for name, all_ in found.items()
    }


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--parties", type=int, default=300)
    arguments.add_argument("--seeds", type=int, default=20)
    given = arguments.parse_args()
    print("| way | proposed | held | parties without a meeting | Gini |\n|---|---|---|---|---|")
    for name, one in measure(given.parties, given.seeds).items():
        figures = f"{one['proposed']:.0f} | {one['held']:.0f} | {one['without']:.0f}"
        print(f"| {name} | {figures} | {one['gini']:.2f} |")


if __name__ == "__main__":
    main()
