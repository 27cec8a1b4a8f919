"""Scores of some profiles with the other side: every arm, hard constraints, fit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from techdock_matching.adapters.index_counts import Rows
from techdock_matching.adapters.index_facts import Mask, Records, fitting, may_meet
from techdock_matching.adapters.index_held import Held
from techdock_matching.adapters.index_lists import OUT, Scores
from techdock_matching.domain.ranking.arms import NOTHING, Arms, Said, together
from techdock_matching.domain.ranking.profile import Kind
from techdock_matching.domain.ranking.terms import CODES, CONCEPTS, Counts, Space
from techdock_matching.domain.ranking.vectors import Floats
from techdock_matching.domain.ranking.weights import Weights

_STEP = 16
"""Products are sorted out by their first bits, and half a thousandth is near enough."""

_MOST_EQUALS = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """Some profiles of one side that are compared with the other.

    Attributes:
        rows: Where they stand in the index; -1 for those that do not.
    """

    kind: Kind
    rows: Rows
    facts: Records
    counts: Sequence[Mapping[Space, Counts]]


def scores(held: Held, asked: Asked, eligible: Mask, arms: Arms, weights: Weights) -> Scores:
    """Return the scores of profiles (rows) with every row of the other side (columns).

    `OUT` for those that are not listed; on a large side also for all but some candidates.
    """
    count = len(held.facts[asked.kind.other])
    if count <= held.sizes.exact:
        return _compared(held, asked, None, eligible, arms, weights)
    found = np.full((len(asked.rows), count), OUT)
    for at in range(len(asked.rows)):
        one = Asked(
            asked.kind,
            asked.rows[at : at + 1],
            asked.facts.of(np.array([at], np.int32)),
            asked.counts[at : at + 1],
        )
        near = _Near.of(held, one, eligible)
        found[at, near.rows] = _compared(held, one, near, eligible, arms, weights)[0]
    return found


@dataclass(frozen=True, slots=True)
class _Near:
    """The candidates of one profile.

    Attributes:
        products: With every row of the other side, by space.
    """

    rows: Rows
    products: Mapping[Space, npt.NDArray[np.int32]]

    @classmethod
    def of(cls, held: Held, asked: Asked, eligible: Mask) -> "_Near":
        """Choose those that any arm puts in front."""
        picked = np.zeros(len(eligible), np.bool_)
        products: dict[Space, npt.NDArray[np.int32]] = {}
        said = asked.counts[0].keys() & held.spaces.keys()
        # Texts and their meaning first: of many with the same codes none is better than another.
        for name in sorted(said, key=lambda one: (one in {CODES, CONCEPTS}, one)):
            space = held.spaces[name]
            vectors = space.weighed([asked.counts[0][name]])
            products[name] = space.products(asked.kind, vectors, len(eligible))
            if name not in {CODES, CONCEPTS}:
                _pick(picked, products[name], eligible, held.sizes.candidates)
        if held.meanings is not None:
            mine = held.meanings.of_rows(asked.kind, asked.rows)
            likeness = held.meanings.likeness(asked.kind, mine, len(eligible))
            if likeness is not None:
                _pick(picked, likeness, eligible, held.sizes.candidates)
        for name in sorted(said & {CODES, CONCEPTS}):
            equals = bool(picked.any())
            _pick(picked, products[name], eligible, held.sizes.candidates // 4, spare=equals)
        return cls(np.flatnonzero(picked).astype(np.int32), products)


def _pick(
    picked: Mask,
    worth: npt.NDArray[np.int32],
    eligible: Mask,
    most: int,
    *,
    spare: bool = False,
) -> None:
    """Mark at least so many that are worth most, with all their equals, but none worth nothing.

    Args:
        spare: Leave equals out that are many times as many.
    """
    # Loaded by those who are large enough: it takes a second and 100 MB.
    from techdock_matching.adapters import index_compiled  # noqa: PLC0415

    counts = np.zeros((int(worth.max(initial=0)) >> _STEP) + 1, np.int64)
    index_compiled.steps(worth, eligible, _STEP, counts)
    above = np.cumsum(counts[::-1])[::-1]
    enough = np.flatnonzero(above >= most)
    least = max(int(enough[-1]) if enough.size else 0, 1)
    if spare and least < len(above) and above[least] > _MOST_EQUALS * most:
        least += 1
    index_compiled.mark(worth, eligible, least << _STEP, picked)


def _compared(
    held: Held,
    asked: Asked,
    near: _Near | None,
    eligible: Mask,
    arms: Arms,
    weights: Weights,
) -> Scores:
    """Return scores with the candidates; without any with every row of the other side."""
    kind, count = asked.kind, len(held.facts[asked.kind.other])
    theirs = held.facts[kind.other].rows
    if near is not None:
        theirs, eligible, count = theirs.of(near.rows), eligible[near.rows], len(near.rows)
    text = np.full((len(asked.rows), count), NOTHING)
    codes, concepts = text.copy(), text.copy()
    for name, space in held.spaces.items():
        own = [i for i, one in enumerate(asked.counts) if name in one]
        if not own:
            continue
        into = {CODES: codes, CONCEPTS: concepts}.get(name, text)
        vectors = space.weighed(asked.counts[i][name] for i in own)
        backdrop = space.backdrop(kind, vectors, asked.rows[own])
        if near is None:
            for others, found in space.similar(kind, vectors, backdrop):
                _put(into, own, others, found)
        else:
            there = np.flatnonzero(space.sides[kind.other].counts.having(near.rows))
            others = near.rows[there]
            products = near.products[name][None, others]
            into[:, there] = np.maximum(
                into[:, there], space.two_sided(kind, others, products, backdrop)
            )
    meaning, beside = _meant(held, asked, count, near, arms)
    topic, said = together(Said(text, concepts, meaning, beside), arms, weights)
    codes = np.where(codes == NOTHING, 0.0, np.arcsinh(codes))
    share = np.where(said, weights.codes, weights.codes_alone)
    total: Scores = np.rint(1000.0 * (topic + share * codes)).astype(np.int32)
    mine = asked.facts.upright()
    need, offer = (mine, theirs) if kind is Kind.NEED else (theirs, mine)
    out = (total < weights.possible) | ~eligible[None, :] | ~may_meet(asked.facts, theirs)
    total += fitting(need, offer, weights)
    total[out] = OUT
    return total


def _meant(
    held: Held, asked: Asked, count: int, near: _Near | None, arms: Arms
) -> tuple[Floats, Floats]:
    """Return the scores of the meaning, and its weights beside words."""
    if held.meanings is None:
        return np.full((len(asked.rows), count), NOTHING), np.zeros((1, 1))
    mine = held.meanings.of_rows(asked.kind, asked.rows)
    among = None if near is None else near.rows
    found, theirs = held.meanings.scores(asked.kind, mine, asked.rows, count, among)
    return found, arms.weight_beside(mine.words[:, None], theirs.words[None, :])


def _put(into: Floats, own: Sequence[int], rows: Rows, found: Floats) -> None:
    """Keep the best score of each pair: a pair of several languages has several."""
    if len(own) == len(into) and rows[-1] - rows[0] + 1 == len(rows):
        # Most profiles of one language stand side by side; then nothing needs to be gathered.
        block = into[:, rows[0] : rows[-1] + 1]
        np.maximum(block, found, out=block)
        return
    where = np.ix_(np.array(own, np.int32), rows)
    into[where] = np.maximum(into[where], found)
