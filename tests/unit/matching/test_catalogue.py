# ruff: noqa: RUF001 - words of four scripts
"""The catalogue: what is found, in which order, and that it equals a plain count over all texts."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from functools import cache
from math import log
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from techdock_matching.adapters import catalogue_shelf
from techdock_matching.adapters.catalogue import Catalogue
from techdock_matching.adapters.glossary import lexicon
from techdock_matching.app.asking import Draft, Found, Wanted
from techdock_matching.domain.ranking.lexicon import Lexicon, Spot
from techdock_matching.domain.ranking.profile import Kind, Profile, Text
from techdock_matching.domain.ranking.searching import parse, wider

EVENT, OTHER = UUID(int=1), UUID(int=2)
REACH = frozenset({EVENT})


@cache
def glossary() -> Lexicon:
    return lexicon()


class NoConcepts(Lexicon):
    fingerprint = b""

    def spot(self, text: str, language: str) -> Sequence[Spot]:
        return ()


def profile(number: int, language: str, title: str, body: str = "", **facts: Any) -> Profile:
    kind = facts.pop("kind", Kind.OFFER)
    texts = {
        name: Text(language, {language: words})
        for name, words in (("title", title), ("description", body))
        if words
    }
    usual = {"country": "KZ", "docking_events": REACH, "valid_until": date(2100, 1, 1)}
    ids = UUID(int=number)
    return Profile(ids, kind, ids, ids, texts=texts, **{**usual, **facts})


DRIP = (
    profile(1, "ru", "Капельное орошение хлопка", "Системы капельного орошения берегут воду."),
    profile(2, "zh", "棉花滴灌系统", "本滴灌系统可节水，适用于干旱地区的棉田。"),
    profile(3, "en", "Drip irrigation for cotton",
            "Our drip irrigation lines save water on cotton fields in dry regions.",
            trl=7, ipc=("A01G 25/02",), isic=("01",), country="UZ"),
    profile(4, "ar", "الري بالتنقيط للقطن", "توفر أنظمة الري بالتنقيط المياه في حقول القطن."),
    profile(5, "en", "Robot that cleans solar panels", "It needs no water.", kind=Kind.NEED,
            trl_least=4, trl_most=6),
    profile(6, "fr", "Irrigation goutte à goutte", "Elle économise l'eau des champs."),
    profile(7, "en", "Drip irrigation elsewhere", docking_events=frozenset({OTHER})),
)  # fmt: skip


@pytest.fixture
def drip() -> Catalogue:
    made = Catalogue(glossary())
    made.add(DRIP)
    return made


def find(catalogue: Catalogue, text: str, **more: Any) -> tuple[list[int], Found]:
    found, _ = catalogue.find(Wanted(text, REACH, **more))
    return [hit.profile_id.int for hit in found.hits], found


@pytest.mark.parametrize(
    "query", ["drip irrigation", "капельное орошение", "滴灌", "الري بالتنقيط", "riego por goteo"]
)
def test_a_concept_is_found_in_every_language_and_own_words_first(
    drip: Catalogue, query: str
) -> None:
    ids, _ = find(drip, query)
    assert set(ids) == {1, 2, 3, 4, 6}
    first = {"drip irrigation": 3, "капельное орошение": 1, "滴灌": 2, "الري بالتنقيط": 4}
    assert query not in first or ids[0] == first[query]


def test_a_slip_of_the_pen_is_mended_and_shown(drip: Catalogue) -> None:
    ids, found = find(drip, "irigation cotton")
    assert ids == [3]
    assert found.instead == "irrigation cotton"
    assert find(drip, "irrigatoin")[1].instead == "irrigation"


def test_the_last_word_may_be_a_beginning_only_while_typing(drip: Catalogue) -> None:
    assert find(drip, "pane", typing=True)[0] == [5]
    assert find(drip, "solar pan", typing=True)[0] == [5]
    assert find(drip, "zzz pan ", typing=True)[0] == []


def test_quoted_words_stand_side_by_side(drip: Catalogue) -> None:
    assert find(drip, '"drip irrigation"')[0] == [3]
    assert find(drip, '"irrigation drip"')[0] == []
    assert find(drip, "«капельного орошения»")[0] == [1]


def test_codes_are_found_with_their_parts(drip: Catalogue) -> None:
    assert find(drip, "A01G 25/02")[0] == [3]
    assert find(drip, "a01g")[0] == [3]
    assert wider("A01G 25/02") == ["ipc:a01g25/02", "ipc:a01g"]


def test_who_has_not_all_words_comes_only_when_nobody_has(drip: Catalogue) -> None:
    ids, found = find(drip, "solar cotton")
    assert found.loose
    assert 5 in ids
    assert not find(drip, "solar panels")[1].loose


def test_filters_narrow_and_facets_count_what_a_choice_leaves(drip: Catalogue) -> None:
    _, found = find(drip, "drip irrigation")
    assert found.facets["country"] == {"KZ": 4, "UZ": 1}
    ids, narrowed = find(drip, "drip irrigation", filters={"country": ("UZ",)})
    assert ids == [3]
    assert narrowed.facets["country"] == {"KZ": 4, "UZ": 1}
    assert narrowed.facets["language"] == {"en": 1}
    assert find(drip, "", filters={"trl": ("5", "7")})[0] == [3, 5]
    assert find(drip, "", filters={"kind": ("need",)})[0] == [5]
    assert set(found.facets["docking_event"]) == {str(EVENT)}


def test_what_is_out_of_reach_is_not_found(drip: Catalogue) -> None:
    assert 7 not in find(drip, "drip irrigation")[0]
    found, _ = drip.find(Wanted("drip irrigation", frozenset()))
    assert found.total == 0


@pytest.mark.parametrize(
    "query",
    [
        "🚜🌾",
        "\x00\x01",
        "\u202e\u200f",
        '"',
        '""',
        "the",
        "x" * 100_000,
        "-",
        "水" * 5000,
        "\ud800",
    ],
)
def test_any_text_is_a_query(drip: Catalogue, query: str) -> None:
    _, found = find(drip, query)
    assert found.total >= 0


def test_adding_replacing_and_removing_are_visible_at_once(drip: Catalogue) -> None:
    drip.add([profile(8, "en", "Zymurgy vessel")])
    assert find(drip, "zymurgy")[0] == [8]
    drip.add([profile(8, "en", "Another vessel")])
    assert find(drip, "zymurgy")[0] == []
    drip.remove([UUID(int=8), UUID(int=99)])
    assert find(drip, "vessel")[0] == []


def test_sweeping_changes_no_answer(drip: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {query: drip.find(Wanted(query, REACH))[0] for query in ("water", "滴灌", '"cotton"')}
    monkeypatch.setattr(catalogue_shelf, "_LEAST_DEAD", 2)
    for _ in range(9):
        drip.add(DRIP)
    after = {query: drip.find(Wanted(query, REACH))[0] for query in before}
    assert after == before


def test_a_snippet_marks_what_was_found(drip: Catalogue) -> None:
    _, sought = drip.find(Wanted("капельное орошение", REACH))
    shown = drip.snippet(DRIP[1], sought, "ru")
    assert shown is not None
    assert "滴灌" in shown.text[slice(*shown.marks[0])]


def draft(language: str, title: str, body: str) -> Draft:
    return Draft("offer", {"title": {language: title}, "description": {language: body}}, REACH)


def test_the_same_words_are_a_duplicate_and_its_sentences_are_quoted(drip: Catalogue) -> None:
    mine = draft("en", "Drip irrigation for cotton",
                 "Our drip irrigation lines save water on cotton fields in dry regions!")  # fmt: skip
    ((found, likeness, _), *_) = drip.same(mine, 5)
    assert (found.int, likeness) == (3, "same")
    quotes = drip.quotes(mine, DRIP[2])
    assert quotes
    assert all(term in quote.mine for quote in quotes for term in quote.terms)
    assert drip.same(Draft(mine.kind, mine.texts, REACH, UUID(int=3)), 5) == []
    assert drip.same(Draft("need", mine.texts, REACH), 5) == []


def test_another_thing_is_no_duplicate(drip: Catalogue) -> None:
    other = draft("en", "Vaccine for sheep", "A vaccine against foot-and-mouth disease of sheep.")
    assert drip.same(other, 5) == []
    assert drip.same(Draft("offer", {}, REACH), 5) == []


def test_more_of_the_same_leaves_itself_out(drip: Catalogue) -> None:
    hits = drip.like(UUID(int=3), "offer", REACH, 10)
    assert hits is not None
    ids = [hit.profile_id.int for hit in hits]
    assert set(ids) == {1, 2, 4, 6}
    assert drip.like(UUID(int=77), "offer", REACH, 10) is None


def test_a_query_is_taken_apart() -> None:
    query = parse('seed "drip\u200f line" A01G 25/02 0111')
    assert query.phrases == ("drip  line",)
    assert [code for _, _, code in query.codes] == ["ipc:a01g25/02", "isic:0111"]


WORDS = ("pump", "valve", "wheat", "laser", "robot", "salt", "turbine", "yeast", "zinc")
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12)


def twin(texts: dict[int, tuple[list[str], list[str]]], query: list[str]) -> list[int]:
    """Return what a plain count finds: BM25 of each word, and half a point for having it."""
    words = list(dict.fromkeys(query))
    needed = len(query) if len(query) <= 2 else -(-len(query) * 6 // 10)
    counts = {n: Counter(title * 4 + body) for n, (title, body) in texts.items()}
    spread = {word: sum(word in one for one in counts.values()) for word in words}

    def score(number: int, word: str) -> float:
        count, length = counts[number][word], sum(map(len, texts[number]))
        rare = log(1 + (len(texts) - spread[word] + 0.5) / (spread[word] + 0.5))
        damped = count + 1.2 * (0.4 + 0.6 * length / 120)
        return rare * round(100 * count * 2.2 / damped) / 100

    scored = []
    for number in texts:
        had = sum(counts[number][word] > 0 for word in query)
        total = sum(score(number, word) for word in query)
        scored.append((had, round(1000 * total) + 500 * had, number))
    enough = [one for one in scored if one[0] >= needed] or [one for one in scored if one[0]]
    return [number for _, points, number in sorted(enough, key=lambda one: (-one[1], one[2]))]


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.integers(1, 40), st.tuples(TEXTS, TEXTS), min_size=1, max_size=12),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=5),
    st.randoms(use_true_random=False),
)
def test_it_finds_what_a_plain_count_finds(
    texts: dict[int, tuple[list[str], list[str]]], query: list[str], chance: Any
) -> None:
    catalogue = Catalogue(NoConcepts())
    made = [profile(n, "en", " ".join(t), " ".join(b)) for n, (t, b) in texts.items()]
    chance.shuffle(made)
    catalogue.add([profile(50, "en", "pump valve"), *made])
    catalogue.remove([UUID(int=50)])
    known = {word for title, body in texts.values() for word in (*title, *body)}
    if not known.issuperset(query):
        return
    assert find(catalogue, " ".join(query), limit=50)[0] == twin(texts, query)
