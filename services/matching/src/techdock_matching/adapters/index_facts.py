"""The facts of profiles in columns: hard constraints and fit of many pairs at once.

The same rules as `domain/ranking/hard.py` and `fit.py`, which say what is right.
"""

from array import array
from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import blake2b
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

_COLUMNS: Mapping[str, Any] = {
    "alive": np.bool_,
    "revision": np.int64,
    "sampling": np.uint64,
    "organization": np.int64,
    "group": np.int64,
    "valid_until": np.int32,
    "country": np.int16,
    "lets_in": (np.uint64, (_COUNTRY_WORDS,)),
    "trl": np.int8,
    "trl_least": np.int8,
    "trl_most": np.int8,
    "cooperation": np.uint64,
    "language": np.uint64,
    "climate": np.uint64,
    "water": np.uint64,
    "power": np.uint64,
    "certificates": np.uint64,
    "partner_kinds": np.uint64,
    "organization_kind": np.uint64,
    "skill_level": np.int8,
    "price_band": np.int8,
    "ipr": np.int8,
    "licensed": np.bool_,
}
_FIRST_ROWS = 16


class Records:
    """Facts of some profiles, a column for each fact."""

    __slots__ = ("_columns",)

    def __init__(self, columns: Mapping[str, npt.NDArray[Any]]) -> None:
        self._columns = columns

    @classmethod
    def empty(cls, rows: int) -> "Records":
        """Return room for so many."""
        found = {}
        for name, kind in _COLUMNS.items():
            of, more = kind if isinstance(kind, tuple) else (kind, ())
            found[name] = np.zeros((rows, *more), of)
        return cls(found)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._columns["alive"])

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        """Return a column."""
        return self._columns[name]

    def first(self, rows: int) -> "Records":
        """Return the first ones, where they lie."""
        return Records({name: column[:rows] for name, column in self._columns.items()})

    def of(self, rows: npt.NDArray[np.int32]) -> "Records":
        """Return those of some rows."""
        return Records({name: column[rows] for name, column in self._columns.items()})

    def upright(self) -> "Records":
        """Return them as rows, where pairs are looked at."""
        return Records({name: column[:, None] for name, column in self._columns.items()})

    def followed_by(self, more: int) -> "Records":
        """Return them with room for more."""
        room = Records.empty(more)
        return Records(
            {name: np.concatenate((column, room[name])) for name, column in self._columns.items()}
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
        self._rows = Records.empty(_FIRST_ROWS)
        self._entered: dict[UUID, array[int]] = {}
        self._dead = 0

    def __len__(self) -> int:
        """How many rows there are, dead ones included."""
        return len(self.ids)

    @property
    def dead(self) -> int:
        """How many rows are forgotten."""
        return self._dead

    @property
    def rows(self) -> Records:
        """The facts of all rows."""
        return self._rows.first(len(self.ids))

    def add(self, profile: Profile) -> int:
        """Append a profile and return its row."""
        row = len(self.ids)
        if row == len(self._rows):
            self._rows = self._rows.followed_by(max(_FIRST_ROWS, row // 2))
        self.ids.append(profile.id)
        self._fill(row, profile)
        for docking_event_id in profile.docking_events:
            self._entered.setdefault(docking_event_id, array("i")).append(row)
        return row

    def remove(self, row: int) -> None:
        """Forget a row; its number is not given again before `kept`."""
        self._dead += bool(self._rows["alive"][row])
        self._rows["alive"][row] = False

    def living(self) -> npt.NDArray[np.int32]:
        """Return the rows that are not forgotten, in order of ids."""
        rows = np.flatnonzero(self.rows["alive"]).tolist()
        return np.array(sorted(rows, key=lambda row: self.ids[row]), np.int32)

    def kept(self, rows: npt.NDArray[np.int32]) -> "Facts":
        """Return the same of some rows, which are numbered anew in this order."""
        fresh = Facts(self.numbers)
        fresh.ids = [self.ids[row] for row in rows.tolist()]
        fresh._rows = self._rows.of(rows).followed_by(_FIRST_ROWS)
        numbers = np.full(len(self), -1, np.int32)
        numbers[rows] = np.arange(len(rows), dtype=np.int32)
        for docking_event_id, entered in self._entered.items():
            there = numbers[np.frombuffer(entered, np.int32)]
            if (there >= 0).any():
                fresh._entered[docking_event_id] = array("i", there[there >= 0].tobytes())
        return fresh

    def eligible(self, on: date, docking_event_id: UUID | None, excluded: Iterable[int]) -> Mask:
        """Return which rows count at all."""
        rows = self.rows
        found: Mask = rows["alive"] & (rows["valid_until"] >= on.toordinal())
        if docking_event_id is not None:
            entered = np.zeros(len(self), np.bool_)
            there = self._entered.get(docking_event_id)
            if there is not None:
                entered[np.frombuffer(there, np.int32)] = True
            found &= entered
        found[list(excluded)] = False
        return found

    def _fill(self, row: int, profile: Profile) -> None:
        for name, value in self._facts_of(profile).items():
            self._rows[name][row] = value

    def _facts_of(self, profile: Profile) -> dict[str, Any]:
        numbers = self.numbers
        conditions = profile.conditions
        sought = fit.sought_trl(profile) or (0, 0)
        record: dict[str, Any] = {"alive": True, "revision": profile.revision}
        record["sampling"] = sampling_order(profile.id)
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
        return record

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


def sampling_order(id: UUID) -> int:
    """Return what the sample of a side is sorted by; its beginning is the sample."""
    return int.from_bytes(blake2b(id.bytes, digest_size=8).digest())


def may_meet(mine: Records, theirs: Records) -> Mask:
    """Return which pairs nothing forbids: a row for each of mine, a column for each of theirs."""
    found: Mask = mine["organization"][:, None] != theirs["organization"][None, :]
    found &= mine["group"][:, None] != theirs["group"][None, :]
    found &= _lets_in_all(theirs, mine["country"]).T
    found &= _lets_in_all(mine, theirs["country"])
    return found


def fitting(need: Records, offer: Records, weights: Weights) -> Halves:
    """Return what fit adds to the score of pairs, in thousandths.

    Args:
        need: Facts of needs, shaped so that they broadcast with those of offers.
        offer: Facts of offers, likewise.
    """
    shape = np.broadcast_shapes(need["trl"].shape, offer["trl"].shape)
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


def _lets_in_all(side: Records, countries: npt.NDArray[np.int16]) -> Mask:
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
