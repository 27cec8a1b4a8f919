"""Fit beyond the topic: stage, cooperation, languages, conditions, rights; each a named term."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from techdock_matching.domain.ranking.match import Param
from techdock_matching.domain.ranking.normal import primary
from techdock_matching.domain.ranking.profile import Profile
from techdock_matching.domain.ranking.weights import Weights

LEVELS: Mapping[str, tuple[str, ...]] = {
    "skill_level": ("basic", "trained", "specialist"),
    "price_band": ("low", "middle", "high"),
}
"""Ordered codes, least first: an offer must not ask for more than the need has."""

PROTECTED = ("granted", "copyright")
PENDING = ("applied", "secret_know_how")
UNPROTECTED = "none"
LICENSED = frozenset({"licence", "joint_venture"})
"""Forms of cooperation that need a right to give."""

TRL_HALVES = (2, 0, -1)
"""Half weights by distance from the range that is sought; beyond: -2."""


@dataclass(frozen=True, slots=True)
class Term:
    """One part of the fit.

    Attributes:
        code: Name of the weight and of the reason.
        halves: -2 to 2: how many halves of the weight it adds.
        fits: True, false, or none where a side has not stated it.
        params: What the two sides state.
    """

    code: str
    halves: int
    fits: bool | None
    params: Mapping[str, Param]


def thousandths(term: Term, weights: Weights) -> int:
    """Return what a term adds to the score."""
    return half_weight(term.code, weights) * term.halves


def half_weight(code: str, weights: Weights) -> int:
    """Return half of a weight in thousandths, a whole number, so that sums are exact."""
    return round(float(getattr(weights, code)) * 500)


def total(need: Profile, offer: Profile, weights: Weights) -> int:
    """Return what all terms together add to the score, in thousandths."""
    return sum(thousandths(term, weights) for term in terms(need, offer))


def terms(need: Profile, offer: Profile) -> Iterator[Term]:
    """Yield every term, also those that nobody stated anything on."""
    yield _trl(need, offer)
    yield _overlap("cooperation", need.cooperation, offer.cooperation)
    spoken = tuple(map(primary, need.languages)), tuple(map(primary, offer.languages))
    yield _overlap("language", *spoken)
    yield _partner_kind(need, offer)
    for code in ("climate", "water", "power"):
        yield _overlap(code, getattr(need.conditions, code), getattr(offer.conditions, code))
    for code in ("skill_level", "price_band"):
        yield _level(code, getattr(need.conditions, code), getattr(offer.conditions, code))
    yield _certificates(need.conditions.certificates, offer.conditions.certificates)
    yield _ipr(need, offer)


def sought_trl(need: Profile) -> tuple[int, int] | None:
    """Return the lowest and highest stage that a need accepts; none: it does not say."""
    if need.trl_least is None and need.trl_most is None:
        return None
    return need.trl_least or 1, need.trl_most or 9


def _trl(need: Profile, offer: Profile) -> Term:
    sought = sought_trl(need)
    params: dict[str, Param] = {"least": None, "most": None, "stated": offer.trl}
    if sought is None:
        return Term("trl", 0, None, params)
    least, most = sought
    params |= {"least": least, "most": most}
    if offer.trl is None:
        return Term("trl", 0, None, params)
    distance = max(least - offer.trl, offer.trl - most, 0)
    halves = TRL_HALVES[distance] if distance < len(TRL_HALVES) else -2
    return Term("trl", halves, distance == 0, params)


def _overlap(code: str, need: tuple[str, ...], offer: tuple[str, ...]) -> Term:
    params: dict[str, Param] = {"need": need, "offer": offer, "shared": ()}
    if not need or not offer:
        return Term(code, 0, None, params)
    shared = tuple(value for value in need if value in offer)
    return Term(code, 2 if shared else -2, bool(shared), params | {"shared": shared})


def _partner_kind(need: Profile, offer: Profile) -> Term:
    halves = _wanted(need, offer) + _wanted(offer, need)
    stated = any(
        side.partner_kinds and other.organization_kind
        for side, other in ((need, offer), (offer, need))
    )
    params: dict[str, Param] = {
        "need_wants": need.partner_kinds,
        "offer_is": offer.organization_kind,
        "offer_wants": offer.partner_kinds,
        "need_is": need.organization_kind,
    }
    return Term("partner_kind", halves, halves > 0 if stated else None, params)


def _wanted(side: Profile, other: Profile) -> int:
    if not side.partner_kinds or other.organization_kind is None:
        return 0
    return 1 if other.organization_kind in side.partner_kinds else -1


def _level(code: str, need: str | None, offer: str | None) -> Term:
    params: dict[str, Param] = {"need": need, "offer": offer}
    order = LEVELS[code]
    if need not in order or offer not in order:
        return Term(code, 0, None, params)
    fits = order.index(offer) <= order.index(need)
    return Term(code, 2 if fits else -2, fits, params)


def _certificates(need: tuple[str, ...], offer: tuple[str, ...]) -> Term:
    has = tuple(value for value in need if value in offer)
    lacks = tuple(value for value in need if value not in offer)
    params: dict[str, Param] = {"need": need, "offer": offer, "lacks": lacks}
    if not need or not offer:
        return Term("certificates", 0, None, params)
    halves = (2 if not lacks else 0) if has else -2
    return Term("certificates", halves, not lacks, params)


def _ipr(need: Profile, offer: Profile) -> Term:
    params: dict[str, Param] = {"status": offer.ipr_status}
    if not LICENSED.intersection(need.cooperation) or offer.ipr_status is None:
        return Term("ipr", 0, None, params)
    if offer.ipr_status in PROTECTED:
        return Term("ipr", 2, True, params)
    if offer.ipr_status in PENDING:
        return Term("ipr", 1, True, params)
    if offer.ipr_status == UNPROTECTED:
        return Term("ipr", -2, False, params)
    return Term("ipr", 0, None, params)
