"""Weights that an organizer sets: bounds, and what they do to reasons."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st
from techdock_matching.domain.ranking.match import Explanation, Reason
from techdock_matching.domain.ranking.weighing import (
    ADJUSTABLE,
    adjusted,
    deviations,
    reweighed,
    standard,
)
from techdock_matching.domain.ranking.weights import STANDARD, Weights
from techdock_shared.errors import Invalid

VALUES = st.fixed_dictionaries(
    {},
    optional={
        name: st.floats(bound.least, bound.most)
        for name, bound in ADJUSTABLE.items()
        if name not in {"possible", "good", "strong"}
    },
)


def test_the_standard_is_within_its_bounds_and_is_kept_as_nothing() -> None:
    assert deviations({name: standard(name) for name in ADJUSTABLE}) == {}
    assert adjusted({}) == STANDARD
    assert ADJUSTABLE.keys() <= {field.name for field in fields(Weights)}


@given(VALUES)
def test_what_is_set_is_what_counts(values: dict[str, float]) -> None:
    kept = deviations(values)
    weights = adjusted(kept)
    for name, value in values.items():
        assert getattr(weights, name) == pytest.approx(value, abs=0.0051)
    assert deviations(kept) == kept


NAMES = st.sampled_from(sorted(ADJUSTABLE)) | st.text(max_size=50)


@given(st.dictionaries(NAMES, st.floats(), min_size=1, max_size=5))
def test_whatever_is_sent_is_kept_or_refused_field_by_field(values: dict[str, float]) -> None:
    wrong = {name for name in values if name not in ADJUSTABLE or not _inside(name, values[name])}
    if not wrong and not values.keys() & {"possible", "good", "strong"}:
        assert deviations(values).keys() <= values.keys()
    elif wrong:
        with pytest.raises(Invalid) as refused:
            deviations(values)
        assert len(refused.value.errors) == len(wrong)


def _inside(name: str, value: float) -> bool:
    return ADJUSTABLE[name].least <= value <= ADJUSTABLE[name].most


def test_a_name_of_another_release_is_left_out() -> None:
    assert adjusted({"charm": 3.0, "trl": 1.0}) == adjusted({"trl": 1.0})


def test_codes_keep_their_share_where_nothing_else_is_shared() -> None:
    assert adjusted({"codes": 1.0}).codes_alone == 2 * STANDARD.codes_alone


def test_reasons_count_as_the_docking_event_weighs() -> None:
    reasons = (
        Reason("text", True, {}, 3000),
        Reason("trl", True, {}, 500),
        Reason("country", True, {}, 0),
    )
    written = Explanation(reasons, reasons[::-1], ())
    read = reweighed(written, adjusted({"text": 0.2, "trl": 2.0}))
    assert [(r.code, r.weight) for r in read.reasons] == [
        ("trl", 2000),
        ("text", 600),
        ("country", 0),
    ]
    assert reweighed(written, STANDARD) is written
