"""The facts of profiles in columns: hard constraints and fit of many pairs at once.

The same rules as `domain/ranking/hard.py` and `fit.py`, which say what is right.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt

from techdock_matching.domain.ranking import fit
from techdock_matching.domain.ranking.normal import primary
from techdock_matching.domain.ranking.profile import Profile
from techdock_matching.domain.ranking.weights import Weights

Mask = npt.NDArray[np.bool_]
Halves = npt.NDArray[np.int32]

_WORD_BITS = 64
_COUNTRY_WORDS = 5
_TRL = np.array([*fit.TRL_HALVES, -2], np.int32)
_IPR = np.array([0, 2, 1, -2], np.int32)

_FACTS = np.dtype(
    [
        ("alive", np.bool_),
        ("organization", np.int64),
        ("group", np.int64),
        ("valid_until", np.int32),
        ("country", np.int16),
        ("lets_in", np.uint64, (_COUNTRY_WORDS,)),
        ("trl", np.int8),
        ("trl_least", np.int8),
        ("trl_most", np.int8),
        ("cooperation", np.uint64),
        ("language", np.uint64),
        ("climate", np.uint64),
        ("water", np.uint64),
        ("power", np.uint64),
        ("certificates", np.uint64),
        ("partner_kinds", np.uint64),
        ("organization_kind", np.uint64),
        ("skill_level", np.int8),
        ("price_band", np.int8),
        ("ipr", np.int8),
        ("licensed", np.bool_),
    ]
)


class Numbers:
    """Small numbers for codes and ids, shared by both sides.

    Beyond the last bit of a word all further codes share it; the lists of codes are shorter.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, object], int] = {}
        self._sizes: dict[str, int] = {}

    def of(self, what: str, value: object) -> int:
        """Return the number of a value, from 0."""
        key = (what, value)
        if key not in self._known:
            self._known[key] = self._sizes.get(what, 0)
            self._sizes[what] = self._known[key] + 1
        return self._known[key]

    def bits(self, what: str, values: Iterable[object]) -> np.uint64:
        """Return a word with a bit for each value."""
        word = 0
        for value in values:
            word |= 1 << min(self.of(what, value), _WORD_BITS - 1)
        return np.uint64(word)

    def country(self, code: str) -> int:
        """Return the number of a country."""
        return min(self.of("country", code), _COUNTRY_WORDS * _WORD_BITS - 1)


class Facts:
    """The facts of the profiles of one side, by row."""

    def __init__(self, numbers: Numbers) -> None:
        self.ids: list[UUID] = []
        self.numbers = numbers
        self._rows = np.zeros(16, _FACTS)
        self._entered: dict[UUID, set[int]] = {}

    def __len__(self) -> int:
        """How many rows there are, dead ones included."""
        return len(self.ids)

    @property
    def rows(self) -> npt.NDArray[Any]:
        """The facts, a record for each row."""
        return self._rows[: len(self.ids)]

    def add(self, profile: Profile) -> int:
        """Append a profile and return its row."""
        row = len(self.ids)
        if row == len(self._rows):
            self._rows = np.concatenate((self._rows, np.zeros(row, _FACTS)))
        self.ids.append(profile.id)
        self._fill(self._rows[row], profile)
        for docking_event_id in profile.docking_events:
            self._entered.setdefault(docking_event_id, set()).add(row)
        return row

    def remove(self, row: int) -> None:
        """Forget a row; its number is not given again before `compact`."""
        self._rows[row]["alive"] = False

    def compact(self) -> dict[int, int]:
        """Drop dead rows and return the new number of each that lives, in order of ids."""
        order = sorted(np.flatnonzero(self.rows["alive"]).tolist(), key=lambda row: self.ids[row])
        renumbered = {row: number for number, row in enumerate(order)}
        self.ids = [self.ids[row] for row in order]
        self._rows = np.concatenate((self._rows[order], np.zeros(16, _FACTS)))
        entered = {
            event: {renumbered[row] for row in rows if row in renumbered}
            for event, rows in self._entered.items()
        }
        self._entered = {event: rows for event, rows in entered.items() if rows}
        return renumbered

    def eligible(self, on: date, docking_event_id: UUID | None, excluded: Iterable[int]) -> Mask:
        """Return which rows count at all."""
        found: Mask = self.rows["alive"] & (self.rows["valid_until"] >= on.toordinal())
        if docking_event_id is not None:
            entered = np.zeros(len(self), np.bool_)
            entered[list(self._entered.get(docking_event_id, ()))] = True
            found &= entered
        found[list(excluded)] = False
        return found

    def _fill(self, record: Any, profile: Profile) -> None:
        numbers = self.numbers
        conditions = profile.conditions
        sought = fit.sought_trl(profile) or (0, 0)
        record["alive"] = True
        record["organization"] = numbers.of("organization", profile.organization_id)
        record["group"] = numbers.of("group", profile.group_id)
        record["valid_until"] = profile.valid_until.toordinal()
        record["country"] = numbers.country(profile.country)
        record["lets_in"] = self._lets_in(profile)
        record["trl"] = profile.trl or 0
        record["trl_least"], record["trl_most"] = sought
        record["cooperation"] = numbers.bits("cooperation", profile.cooperation)
        record["language"] = numbers.bits("language", map(primary, profile.languages))
        for code in ("climate", "water", "power", "certificates"):
            record[code] = numbers.bits(code, getattr(conditions, code))
        record["partner_kinds"] = numbers.bits("organization_kind", profile.partner_kinds)
        kind = profile.organization_kind
        record["organization_kind"] = numbers.bits(
            "organization_kind", () if kind is None else (kind,)
        )
        for code, order in fit.LEVELS.items():
            level = getattr(conditions, code)
            record[code] = order.index(level) + 1 if level in order else 0
        record["ipr"] = _ipr(profile.ipr_status)
        record["licensed"] = bool(fit.LICENSED.intersection(profile.cooperation))

    def _lets_in(self, profile: Profile) -> npt.NDArray[np.uint64]:
        every = (1 << (_COUNTRY_WORDS * _WORD_BITS)) - 1
        bits = every
        if profile.partner_countries:
            bits = _country_bits(self.numbers, profile.partner_countries)
        bits &= ~_country_bits(self.numbers, profile.excluded_countries)
        words = [
            (bits >> (_WORD_BITS * i)) & ((1 << _WORD_BITS) - 1) for i in range(_COUNTRY_WORDS)
        ]
        return np.array(words, np.uint64)


def may_meet(mine: npt.NDArray[Any], theirs: npt.NDArray[Any]) -> Mask:
    """Return which pairs nothing forbids: a row for each of mine, a column for each of theirs."""
    found: Mask = mine["organization"][:, None] != theirs["organization"][None, :]
    found &= mine["group"][:, None] != theirs["group"][None, :]
    found &= _lets_in_all(theirs, mine["country"]).T
    found &= _lets_in_all(mine, theirs["country"])
    return found


def fitting(need: npt.NDArray[Any], offer: npt.NDArray[Any], weights: Weights) -> Halves:
    """Return what fit adds to the score of pairs, in thousandths.

    Args:
        need: Facts of needs, shaped so that they broadcast with those of offers.
        offer: Facts of offers, likewise.
    """
    shape = np.broadcast_shapes(need.shape, offer.shape)
    total = np.zeros(shape, np.int32)
    if need["trl_least"].any() and offer["trl"].any():
        stated = (need["trl_least"] > 0) & (offer["trl"] > 0)
        below = need["trl_least"] - offer["trl"]
        distance = np.maximum(np.maximum(below, offer["trl"] - need["trl_most"]), 0)
        halves = _TRL[np.minimum(distance, len(_TRL) - 1)]
        total += fit.half_weight("trl", weights) * np.where(stated, halves, 0)
    for code in ("cooperation", "language", "climate", "water", "power"):
        a, b = need[code], offer[code]
        if a.any() and b.any():
            halves = np.where((a & b) != 0, 2, -2)
            total += fit.half_weight(code, weights) * np.where((a != 0) & (b != 0), halves, 0)
    for side, other in ((need, offer), (offer, need)):
        wanted, kind = side["partner_kinds"], other["organization_kind"]
        if wanted.any() and kind.any():
            halves = np.where((wanted & kind) != 0, 1, -1)
            stated = (wanted != 0) & (kind != 0)
            total += fit.half_weight("partner_kind", weights) * np.where(stated, halves, 0)
    for code in fit.LEVELS:
        a, b = need[code], offer[code]
        if a.any() and b.any():
            halves = np.where((a > 0) & (b > 0), np.where(b <= a, 2, -2), 0)
            total += fit.half_weight(code, weights) * halves
    a, b = need["certificates"], offer["certificates"]
    if a.any() and b.any():
        halves = np.where((a & b) != 0, np.where((a & ~b) != 0, 0, 2), -2)
        halves = np.where((a != 0) & (b != 0), halves, 0)
        total += fit.half_weight("certificates", weights) * halves
    if need["licensed"].any() and offer["ipr"].any():
        halves = np.where(need["licensed"], _IPR[offer["ipr"]], 0)
        total += fit.half_weight("ipr", weights) * halves
    return total


def _lets_in_all(side: npt.NDArray[Any], countries: npt.NDArray[np.int16]) -> Mask:
    """Return which countries (columns) each profile (rows) lets in."""
    found = np.ones((len(side), len(countries)), np.bool_)
    lets_in = side["lets_in"]
    picky = np.flatnonzero((lets_in != np.uint64(0xFFFFFFFFFFFFFFFF)).any(axis=1))
    if picky.size:
        words = lets_in[picky][:, countries // _WORD_BITS]
        bits = (countries % _WORD_BITS).astype(np.uint64)
        found[picky] = ((words >> bits) & np.uint64(1)) != 0
    return found


def _country_bits(numbers: Numbers, countries: Iterable[str]) -> int:
    bits = 0
    for country in countries:
        bits |= 1 << numbers.country(country)
    return bits


def _ipr(status: str | None) -> int:
    if status in fit.PROTECTED:
        return 1
    if status in fit.PENDING:
        return 2
    return 3 if status == fit.UNPROTECTED else 0
