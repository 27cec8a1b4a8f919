"""What an organizer may set of a ranking, within which bounds, and what it does to reasons."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from techdock_shared.errors import FieldError, Invalid

from techdock_matching.domain.ranking.match import Explanation, Reason
from techdock_matching.domain.ranking.weights import STANDARD, Weights


@dataclass(frozen=True, slots=True)
class Bound:
    """What a weight may be, in standard deviations of the score."""

    least: float
    most: float


TOPIC = ("text", "concepts", "codes")
STEPS = ("possible", "good", "strong")
"""The scores from which on a match is listed, called good, and called strong."""

ADJUSTABLE: Mapping[str, Bound] = {
    "text": Bound(0.2, 3.0),
    "concepts": Bound(0.0, 3.0),
    "codes": Bound(0.0, 3.0),
    "trl": Bound(0.0, 2.0),
    "cooperation": Bound(0.0, 2.0),
    "language": Bound(0.0, 2.0),
    "partner_kind": Bound(0.0, 2.0),
    "climate": Bound(0.0, 2.0),
    "water": Bound(0.0, 2.0),
    "power": Bound(0.0, 2.0),
    "skill_level": Bound(0.0, 2.0),
    "price_band": Bound(0.0, 2.0),
    "certificates": Bound(0.0, 2.0),
    "ipr": Bound(0.0, 2.0),
    "acceptance": Bound(0.0, 1.0),
    "most_kin": Bound(1.0, 10.0),
    "possible": Bound(0.5, 10.0),
    "good": Bound(0.5, 20.0),
    "strong": Bound(0.5, 30.0),
}
"""Texts always count: fit alone makes no match."""

_DIGITS = 2


def standard(name: str) -> float:
    """Return what a weight is where nobody set it."""
    value = getattr(STANDARD, name)
    return float(value) / 1000 if name in STEPS else float(value)


def deviations(values: Mapping[str, float]) -> dict[str, float]:
    """Return those of the values that are not the standard ones, checked, in a fixed order.

    Only these are kept: what an organizer left alone follows the standard of later releases.

    Raises:
        Invalid: A name is unknown, a value is out of its bounds, or the steps are out of order;
            names every field at fault.
    """
    wrong = [
        FieldError(f"body.values.{name[:40]}", "a weight that can be set", name[:40])
        for name in sorted(values.keys() - ADJUSTABLE.keys())
    ]
    found: dict[str, float] = {}
    for name, bound in ADJUSTABLE.items():
        value = values.get(name, standard(name))
        if not bound.least <= value <= bound.most:  # Neither is a value that is no number.
            expected = f"a number from {bound.least} to {bound.most}"
            wrong.append(FieldError(f"body.values.{name}", expected, str(value)[:40]))
        elif round(value, _DIGITS) != round(standard(name), _DIGITS):
            found[name] = round(value, _DIGITS)
    if not wrong:
        wrong = _out_of_order({**{name: standard(name) for name in STEPS}, **found})
    if wrong:
        raise Invalid("these weights cannot be set", errors=wrong)
    return found


def _out_of_order(steps: Mapping[str, float]) -> list[FieldError]:
    return [
        FieldError(f"body.values.{higher}", f"more than {lower} ({steps[lower]})", str(value))
        for lower, higher in (("possible", "good"), ("good", "strong"))
        if (value := steps[higher]) <= steps[lower]
    ]


def adjusted(values: Mapping[str, float], base: Weights = STANDARD) -> Weights:
    """Return the weights of a docking event.

    Args:
        values: What differs from the standard; a name that this release does not know is left out.
        base: The standard.
    """
    known = {name: value for name, value in values.items() if name in ADJUSTABLE}
    changes: dict[str, float | int] = {
        name: round(1000 * value) if name in STEPS else value for name, value in known.items()
    }
    if "codes" in known:
        # Where nothing but codes is shared, they keep their share of the whole.
        changes["codes_alone"] = base.codes_alone * known["codes"] / base.codes
    return replace(base, **changes)  # type: ignore[arg-type]  # the names are those of ADJUSTABLE


def reweighed(
    explanation: Explanation, weights: Weights, written_with: Weights = STANDARD
) -> Explanation:
    """Return reasons as they count under other weights than those they were written with.

    Every reason is in proportion to its own weight, so reasons are written once for a pair, and
    each docking event reads them its own way.
    """
    if weights == written_with:
        return explanation

    def again(reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
        changed = [
            replace(
                reason, weight=round(reason.weight * _share(reason.code, weights, written_with))
            )
            for reason in reasons
        ]
        return tuple(sorted(changed, key=lambda reason: (-abs(reason.weight), reason.code)))

    there = again(explanation.reasons_there)
    return replace(explanation, reasons=again(explanation.reasons), reasons_there=there)


def _share(code: str, weights: Weights, before: Weights) -> float:
    if code == "concepts":
        now, then = weights.text * weights.concepts, before.text * before.concepts
    elif code == "meaning":
        now, then = weights.text, before.text
    elif code in ADJUSTABLE:
        now, then = float(getattr(weights, code)), float(getattr(before, code))
    else:
        return 1.0
    return now / then if then else 1.0
