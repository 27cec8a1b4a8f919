"""Anonymous texts: what names somebody is found, and ordinary sentences are left alone."""
# ruff: noqa: RUF001 - texts in four scripts

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.build_registration import content, text
from support.naming_corpus import NAMING, ORDINARY
from techdock_registration.adapters.phones import phones
from techdock_registration.domain.naming.finder import find, in_content
from techdock_registration.domain.naming.finding import WORDED, Kind, Known, Why

NOBODY = Known()


def _found(said: str, known: Known = NOBODY) -> list[tuple[str, str]]:
    return [(f.kind.value, f.text) for f in find(said, "summary", "en", known, phones)]


@pytest.mark.parametrize("language", sorted(ORDINARY))
def test_ordinary_sentences_name_nobody(language: str) -> None:
    alarms = {said: _found(said) for said in ORDINARY[language]}

    assert {said: found for said, found in alarms.items() if found} == {}


@pytest.mark.parametrize(("language", "kind", "name", "said"), NAMING)
def test_a_name_is_found_where_it_stands(language: str, kind: str, name: str, said: str) -> None:
    found = [f for f in find(said, "summary", language, NOBODY, phones) if f.kind == kind]

    assert any(name in f.text or f.text in name for f in found), _found(said)
    assert all(said[f.start : f.end] == f.text for f in found)
    start = said.index(name)
    covered = max(min(f.end, start + len(name)) - max(f.start, start) for f in found)
    assert covered >= 0.7 * len(name)


def test_a_person_and_their_company_are_two_findings() -> None:
    assert _found("Dr. Ainur Bekova of Bright Valley Co., Ltd built it.") == [
        ("person", "Dr. Ainur Bekova"),
        ("organization", "Bright Valley Co., Ltd"),
    ]


def test_names_that_are_known_are_found_in_any_case_and_without_their_legal_form() -> None:
    known = Known(("Ahal Water LLC", "阿哈尔水务有限公司", "АО «Ахал Су»", "IT"), ("Мерет Аманов",))
    said = "At AHAL water, 阿哈尔水务 and Ахал Су it is МЕРЕТ АМАНОВ; It is ahal-Watering."

    assert [kind for kind, _ in _found(said, known)] == ["organization"] * 3 + ["person"]


@given(
    st.text(max_size=300), st.sampled_from(["", "Dr. A. Bekova ", "info@example.org ", "有限公司"])
)
def test_any_text_is_looked_through_and_findings_never_overlap(said: str, more: str) -> None:
    found = find(said + more + said, "summary", "und", Known((said[:20],), ()), phones)

    assert all((said + more + said)[f.start : f.end] == f.text for f in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert all(f.start < f.end for f in found)


def test_only_what_everybody_may_read_is_looked_through() -> None:
    texts = {
        "title": text("Write to a@example.org"),
        "summary": text("Call +86 991 885 5577"),
    }
    shown = content(
        texts=texts, disclosure={"summary": "accepted"}, technology_keywords=("AquaPure®",)
    )

    found = in_content(shown, NOBODY, phones)

    assert [(f.field, f.kind) for f in found] == [
        ("title", "mail"),
        ("technology_keywords", "brand"),
    ]


def test_a_long_text_takes_no_long_time() -> None:
    for said in (
        "A " * 50_000,
        "Д. " * 30_000,
        "研究" * 50_000,
        "1 " * 50_000,
        "a.b" * 30_000,
        "@" * 90_000,
    ):
        assert len(find(said, "summary", "en", NOBODY, phones)) < 20_000


def test_the_corpora_are_as_large_as_they_say() -> None:
    assert sum(map(len, ORDINARY.values())) >= 120
    assert len(NAMING) >= 80
    assert {kind for _, kind, _, _ in NAMING} == {kind.value for kind in Kind}
    assert set(WORDED) == set(Why)
