"""Anonymous texts: what names somebody is found, and ordinary sentences are left alone."""

import pytest
from support.naming_corpus import NAMING, ORDINARY
from techdock_registration.adapters.phones import phones
from techdock_registration.domain.naming.finder import find
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


def test_the_corpora_are_as_large_as_they_say() -> None:
    assert sum(map(len, ORDINARY.values())) >= 120
    assert len(NAMING) >= 80
    assert {kind for _, kind, _, _ in NAMING} == {kind.value for kind in Kind}
    assert set(WORDED) == set(Why)
