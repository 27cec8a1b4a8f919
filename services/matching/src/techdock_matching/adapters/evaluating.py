"""The engine of the service on files: no docking event, no fit, no history."""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from uuid import NAMESPACE_OID, UUID, uuid5

import numpy as np

from techdock_matching.adapters.encoders import SentenceEncoder
from techdock_matching.adapters.glossary import lexicon
from techdock_matching.adapters.index import InProcessIndex
from techdock_matching.adapters.labelled import Row
from techdock_matching.app.ports import Filter
from techdock_matching.domain.ranking import meaning
from techdock_matching.domain.ranking.language import UNKNOWN, language_of
from techdock_matching.domain.ranking.meaning import Codes, Meaning
from techdock_matching.domain.ranking.profile import Kind, Profile, Text
from techdock_matching.domain.ranking.weights import Weights

EVERYTHING = Weights(possible=-(10**6))
"""Lists whatever scores, so that a list is as long as was asked for."""

_FOR_EVER = date.max
_ON = date(2000, 1, 1)
_PORTION = 16
_WORTH_A_POOL = 200

Told = Callable[[str, float], None]
Ranked = Mapping[str, Sequence[tuple[str, int]]]
"""Lists by id: counterparts with their scores in thousandths, best first."""


@dataclass(frozen=True, slots=True)
class Result:
    """The lists of both sides."""

    of_needs: Ranked
    of_offers: Ranked


def rank(
    needs: Mapping[str, Row],
    offers: Mapping[str, Row],
    limit: int,
    told: Told,
    *,
    meanings: bool = True,
) -> Result:
    """Rank files against each other, both ways.

    Args:
        limit: Places of a list.
        told: Called with what is being done and the share that is done.
        meanings: Whether texts are embedded; without, words and concepts alone count.
    """
    encoder = SentenceEncoder() if meanings else None
    index = InProcessIndex(lexicon(), encoder)
    sides = {Kind.NEED: needs, Kind.OFFER: offers}
    names: dict[UUID, str] = {}
    for kind, rows in sides.items():
        profiles = [_profile(kind, row) for row in rows.values()]
        names |= {one.id: row.id for one, row in zip(profiles, rows.values(), strict=True)}
        index.add(profiles)
        told(f"{kind}s read", 1.0)
    if meanings:
        every = [(_id(kind, row), row) for kind, rows in sides.items() for row in rows.values()]
        for done, some in enumerate(_embedded(every), start=1):
            index.add_meanings(some)
            told("texts embedded", min(1.0, done * _PORTION / len(every)))
    index.refresh()
    found = index.lists(Filter(_ON, weights=EVERYTHING), limit, lambda share: told("ranked", share))
    lists = {
        kind: {
            row.id: [(names[one.profile_id], one.score) for one in found[_id(kind, row)]]
            for row in rows.values()
        }
        for kind, rows in sides.items()
    }
    return Result(lists[Kind.NEED], lists[Kind.OFFER])


def _embedded(every: Sequence[tuple[UUID, Row]]) -> Iterator[dict[UUID, Meaning]]:
    portions = [every[start : start + _PORTION] for start in range(0, len(every), _PORTION)]
    if len(every) < _WORTH_A_POOL:
        yield from map(_meanings, portions)
        return
    # Not forked: this process may have threads by now.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count() or 1, context) as pool:
        yield from pool.map(_meanings, portions)


_encoder: SentenceEncoder | None = None


def _meanings(portion: Sequence[tuple[UUID, Row]]) -> dict[UUID, Meaning]:
    global _encoder  # noqa: PLW0603 - one for each process of the pool
    _encoder = _encoder or SentenceEncoder()
    found = ((one, _meaning(row, _encoder)) for one, row in portion)
    return {one: meant for one, meant in found if meant is not None}


def _meaning(row: Row, encoder: SentenceEncoder) -> Meaning | None:
    """Return the mean of what the documents mean, each of the same weight."""
    read = [
        meaning.pieces([row.title, document] if at == 0 else [document], row.language)
        for at, document in enumerate(row.documents or ("",))
    ]
    pieces = [one for one in read if one is not None]
    if not pieces:
        return None
    codes = [meaning.meaning(one, encoder) for one in pieces]
    words = sum(one.words for one in pieces)
    return Meaning(_mean(codes), pieces[0].language, words)


def _mean(codes: Sequence[Codes]) -> Codes:
    if len(codes) == 1:
        return codes[0]
    vectors = np.stack(codes).astype(np.float64)
    lengths = np.sqrt((vectors * vectors).sum(axis=1, keepdims=True))
    return meaning.coded((vectors / np.maximum(lengths, 1.0)).sum(axis=0))


def _id(kind: Kind, row: Row) -> UUID:
    return uuid5(NAMESPACE_OID, f"{kind}:{row.id}")


def _profile(kind: Kind, row: Row) -> Profile:
    ident = _id(kind, row)
    texts = {f"document_{at}": text for at, text in enumerate(row.documents)}
    every = {"title": row.title, **texts}
    language = row.language or UNKNOWN
    if language == UNKNOWN:
        language = language_of(" ".join(every.values()), UNKNOWN)
    return Profile(
        ident,
        kind,
        organization_id=ident,
        group_id=ident,
        country=row.country,
        valid_until=_FOR_EVER,
        texts={name: Text(language, {language: text}) for name, text in every.items() if text},
        technology_field=row.fields[0] if row.fields else None,
    )
