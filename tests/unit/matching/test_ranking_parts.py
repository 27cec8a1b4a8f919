"""Texts, terms, constraints, fit and reasons, piece by piece."""

from dataclasses import fields, replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.profiles import EVENT, TODAY, many, need, offer, texts, uid
from techdock_matching.adapters.index import InProcessIndex
from techdock_matching.adapters.index_facts import Facts, Numbers, fitting, may_meet
from techdock_matching.domain.ranking import fit, hard
from techdock_matching.domain.ranking.language import language_of
from techdock_matching.domain.ranking.match import Strength
from techdock_matching.domain.ranking.normal import Script, normalised, primary, script_of
from techdock_matching.domain.ranking.profile import Conditions, Kind
from techdock_matching.domain.ranking.stopwords import STOPWORDS
from techdock_matching.domain.ranking.terms import CODES, Terms, codes_of, passages_of
from techdock_matching.domain.ranking.weights import STANDARD, Weights
from techdock_matching.domain.ranking.words import WORDS, Words, column, pair


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("Drip IRRIGATION", "drip irrigation"),
        ("Ёлка", "елка"),
        ("Ｈ２Ｏ", "h2o"),  # noqa: RUF001 - wide letters are the point
        ("كِتَابٌ", "كتاب"),
        ("أحمد إلى آخر", "احمد الي اخر"),
        ("straße", "strasse"),
    ],
)
def test_one_spelling_of_each_letter(written: str, compared: str) -> None:
    assert normalised(written) == compared


@given(st.text())
def test_normalising_ends_at_once_for_ascii_and_never_fails(text: str) -> None:
    assert isinstance(normalised(text), str)
    if text.isascii():
        assert normalised(normalised(text)) == normalised(text)


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("irrigation", Script.LATIN),
        ("капельный полив", Script.CYRILLIC),
        ("الري بالتنقيط", Script.ARABIC),
        ("微咸水滴灌", Script.HAN),
        ("点滴かんがい", Script.KANA),
        ("관개", Script.HANGUL),
        ("12 345", Script.OTHER),
        ("", Script.OTHER),
        ("采用LED照明技术", Script.HAN),
    ],
)
def test_the_script_of_most_letters(text: str, script: Script) -> None:
    assert script_of(text) is script


@pytest.mark.parametrize(
    ("text", "declared", "language"),
    [
        ("капельный полив", "ru", "ru"),
        ("капельный полив", "en", "ru"),
        ("微咸水滴灌技术", "ru", "zh"),
        ("微咸水", "zh-Hans-CN", "zh"),
        ("かんがい", "und", "ja"),
        ("الري بالتنقيط", "", "ar"),
        ("суғару жүйесі", "kk", "kk"),
        ("12 345", "fr", "fr"),
        ("12 345", "und", "und"),
        ("We are looking for a partner for irrigation with salty water.", "ru", "en"),
        ("Nous cherchons un partenaire pour l'irrigation des vergers.", "und", "fr"),
        ("Мы ищем партнёра для капельного полива садов солёной водой.", "und", "ru"),
    ],
)
def test_a_language_is_believed_unless_its_script_contradicts(
    text: str, declared: str, language: str
) -> None:
    assert language_of(text, declared) == language


def test_a_tag_has_a_primary_language() -> None:
    assert [primary(tag) for tag in ("zh-Hans", "RU", "en-GB", "")] == ["zh", "ru", "en", ""]


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "membranes", "membrane"),
        ("ru", "насосами", "насосов"),
        ("fr", "vannes", "vanne"),
        ("es", "bombas", "bomba"),
        ("ar", "المضخة", "مضخة"),
    ],
)
def test_forms_of_a_word_meet_in_one_column(language: str, one: str, other: str) -> None:
    words = Words(language)
    assert set(words.columns([one])) == set(words.columns([other]))


@pytest.mark.parametrize("language", sorted(STOPWORDS))
def test_function_words_leave_no_column(language: str) -> None:
    listed = sorted(STOPWORDS[language])
    assert Words(language).columns([" ".join(listed)]).size == 0


def test_pairs_of_words_have_columns_of_their_own_and_do_not_reach_over_passages() -> None:
    words = Words("en")
    one = words.columns(["brackish water", "pump"])
    a, b, c = (column(stem) for stem in ("brackish", "water", "pump"))
    assert sorted(one) == sorted([a, b, c, pair(a, b)])
    assert (np.array([a, b, c]) >= WORDS).all()
    assert 0 <= pair(a, b) < WORDS
    assert pair(a, b) != pair(b, a)


def test_chinese_is_cut_into_neighbours_at_function_words() -> None:
    words = Words("zh")
    found = set(words.columns(["微咸水的灌溉"]).tolist())
    assert {column("微咸"), column("咸水"), column("灌溉")} <= found
    assert column("水灌") not in found


def test_latin_names_in_russian_texts_meet_those_in_english_ones() -> None:
    assert column("membran") in Words("ru").columns(["фильтр Membranes"])


def test_positions_of_words_point_into_the_text() -> None:
    text = "Дренаж и Membranes: 微咸水 2024"
    told = [text[start:end] for start, end, _ in Words("ru").tokens(text)]
    assert told == ["Дренаж", "Membranes", "微咸", "咸水", "2024"]


def test_titles_and_keywords_count_twice() -> None:
    texts_ = {"title": texts({"en": "pump"})["description"], **texts({"en": "valve"})}
    counts = Terms().of(need(1, texts=texts_, technology_keywords=("filter",)))["en"]
    found = dict(zip(counts.columns.tolist(), counts.counts.tolist(), strict=True))
    assert [found[column(stem)] for stem in ("pump", "valv", "filter")] == [2, 1, 2]


def test_keywords_stand_by_the_texts_of_their_script() -> None:
    both = need(
        1, texts=texts({"ru": "полив", "en": "water"}), technology_keywords=("насос", "pump")
    )
    found = passages_of(both)
    assert ("keywords", "насос") in found["ru"]
    assert ("keywords", "pump") in found["en"]
    assert ("keywords", "pump") not in found["ru"]


def test_codes_come_with_their_coarser_ones() -> None:
    coded = need(
        1, ipc=("A01G 25/02",), isic=("0113",), sdg=(6,), technology_keywords=("Drip  Line",)
    )
    assert list(codes_of(coded)) == [
        "sdg:6",
        "isic:01",
        "isic:0113",
        "ipc:A01G",
        "ipc:A01G25",
        "keyword:drip line",
    ]
    assert CODES in Terms().of(coded)


@pytest.mark.parametrize(
    ("facts", "allowed"),
    [
        ({}, True),
        ({"organization_id": uid(10_001)}, False),
        ({"group_id": uid(20_001)}, False),
        ({"valid_until": date(2027, 4, 20)}, False),
        ({"valid_until": TODAY}, True),
        ({"docking_events": frozenset({uid(9)})}, False),
        ({"excluded_countries": ("KZ",)}, False),
        ({"partner_countries": ("CN", "RU")}, False),
        ({"partner_countries": ("KZ",)}, True),
        ({"kind": Kind.NEED}, False),
    ],
)
def test_hard_constraints_hold_from_both_sides(facts: dict, allowed: bool) -> None:
    mine, theirs = need(1), replace(offer(2), **facts)
    assert hard.may_meet(mine, theirs, TODAY, EVENT) is allowed
    assert hard.may_meet(theirs, mine, TODAY, EVENT) is allowed


def halves(code: str, a, b) -> tuple[int, bool | None]:
    return next((t.halves, t.fits) for t in fit.terms(a, b) if t.code == code)


@pytest.mark.parametrize(
    ("sought", "stated", "expected"),
    [
        ((5, 7), 6, (2, True)),
        ((5, None), 9, (2, True)),
        ((None, 4), 5, (0, False)),
        ((7, 9), 5, (-1, False)),
        ((7, 9), 3, (-2, False)),
        ((None, None), 3, (0, None)),
        ((5, 7), None, (0, None)),
    ],
)
def test_the_stage_is_measured_against_the_range_that_is_sought(sought, stated, expected) -> None:
    a = need(1, trl_least=sought[0], trl_most=sought[1])
    assert halves("trl", a, offer(2, trl=stated)) == expected


def test_conditions_languages_and_rights_fit_or_do_not() -> None:
    arid = need(
        1,
        languages=("ru", "zh-Hans"),
        cooperation=("licence",),
        conditions=Conditions(("arid",), skill_level="trained", certificates=("ce", "eac")),
    )
    best = offer(
        2,
        languages=("zh-Hant",),
        cooperation=("licence", "service"),
        ipr_status="granted",
        conditions=Conditions(("arid",), skill_level="basic", certificates=("ce", "eac", "gb")),
    )
    worst = offer(
        3,
        languages=("es",),
        cooperation=("training",),
        ipr_status="none",
        conditions=Conditions(("tropical",), skill_level="specialist", certificates=("gb",)),
    )
    for code in ("language", "cooperation", "climate", "skill_level", "certificates", "ipr"):
        assert halves(code, arid, best) == (2, True), code
        assert halves(code, arid, worst) == (-2, False), code
        assert halves(code, need(9), best)[1] is None
    half = offer(4, conditions=Conditions(certificates=("ce",)))
    assert halves("certificates", arid, half) == (0, False)
    assert fit.total(arid, best, STANDARD) > 0 > fit.total(arid, worst, STANDARD)


def test_each_side_may_wish_a_kind_of_partner() -> None:
    a = need(1, partner_kinds=("institute",), organization_kind="park")
    b = offer(2, partner_kinds=("enterprise",), organization_kind="institute")
    assert halves("partner_kind", a, b) == (0, False)
    assert halves("partner_kind", a, replace(b, partner_kinds=())) == (1, True)


@pytest.mark.parametrize("seed", range(4))
def test_facts_in_columns_say_what_the_rules_say(seed: int) -> None:
    profiles = many(60, seed)
    numbers = Numbers()
    sides = {kind: [p for p in profiles if p.kind is kind] for kind in Kind}
    facts = {kind: Facts(numbers) for kind in Kind}
    for kind, some in sides.items():
        for profile in some:
            facts[kind].add(profile)
    needs, offers = facts[Kind.NEED], facts[Kind.OFFER]
    meets = may_meet(needs.rows, offers.rows)
    fits = fitting(needs.rows.upright(), offers.rows, STANDARD)
    for i, a in enumerate(sides[Kind.NEED]):
        for j, b in enumerate(sides[Kind.OFFER]):
            assert meets[i, j] == hard.may_meet(a, b, date(2020, 1, 1), None)
            assert fits[i, j] == fit.total(a, b, STANDARD)


def test_every_term_of_the_fit_has_a_weight_and_a_strength_has_three_steps() -> None:
    names = {field.name for field in fields(Weights)}
    assert {term.code for term in fit.terms(need(1), offer(2))} <= names
    steps = [STANDARD.strength(score) for score in (STANDARD.strong, STANDARD.good, 0)]
    assert steps == [Strength.STRONG, Strength.GOOD, Strength.POSSIBLE]


# Reasons -----------------------------------------------------------------------------------

RU = "Ищем капельные линии, которые не забиваются солоноватой водой. Работа без внешней сети."
RU_OFFER = "Лента для полива солоноватой водой. Она не забивается два сезона."
LONG = "filler words " * 40 + "then brackish water comes " + "and more filler words " * 40


def explained(a, b):
    index = InProcessIndex()
    index.add([a, b, *many(40, 5)])
    index.refresh()
    return index.explain([(a, b)], STANDARD)[0]


def test_both_sides_get_reasons_and_quotes_in_the_language_they_share() -> None:
    a = need(1, texts=texts({"ru": RU}), trl_least=7, languages=("ru",))
    b = offer(2, texts=texts({"ru": RU_OFFER, "en": "A drip tape."}), languages=("zh",))
    why = explained(a, b)
    text = next(reason for reason in why.reasons if reason.code == "text")
    assert (text.params["language"], text.fits) == ("ru", True)
    assert "солоноватой водой" in text.params["terms"]
    assert why.quotes[0].mine in RU
    assert why.quotes[0].theirs in RU_OFFER
    language = next(reason for reason in why.reasons if reason.code == "language")
    assert language.fits is False
    assert language.weight < 0
    assert {reason.params["reader"] for reason in why.reasons} == {"need"}
    assert {reason.params["reader"] for reason in why.reasons_there} == {"offer"}
    missing = next(reason for reason in why.reasons_there if reason.code == "missing")
    assert "trl" in missing.params["fields"]


def test_a_quote_is_cut_around_its_words() -> None:
    why = explained(need(1, LONG), offer(2, "brackish water pumps"))
    quote = why.quotes[0]
    assert len(quote.mine) <= 200
    assert "brackish" in quote.mine
    assert quote.mine.startswith("…")


def test_no_shared_language_is_said_and_shared_codes_are_named() -> None:
    codes = {"ipc": ("A01G 25/02",), "technology_field": 29, "technology_keywords": ("滴灌",)}
    a = need(1, texts=texts({"ru": RU}), **codes)
    b = offer(2, texts=texts({"zh": "微咸水滴灌"}), **codes)
    why = explained(a, b)
    told = {reason.code: reason for reason in why.reasons}
    assert told["no_shared_text"].params["mine"] == ("ru",)
    assert told["codes"].params["field"] == ("29",)
    assert told["codes"].params["ipc"] == ("A01G25",)
    assert told["codes"].weight > 0
    assert why.quotes == ()


def test_a_wished_country_and_kind_are_reasons_of_that_side_alone() -> None:
    a = need(1, "pumps", partner_countries=("CN",), partner_kinds=("park",))
    b = offer(2, "pumps", country="CN", organization_kind="institute")
    why = explained(a, b)
    mine = {reason.code: reason.fits for reason in why.reasons}
    assert (mine["country"], mine["partner_kind"]) == (True, False)
    assert not {"country", "partner_kind"} & {reason.code for reason in why.reasons_there}


@pytest.mark.parametrize("seed", range(3))
def test_any_two_profiles_can_be_explained(seed: int) -> None:
    profiles = many(40, seed)
    index = InProcessIndex()
    index.add(profiles)
    index.refresh()
    for a in profiles[:10]:
        for b in profiles:
            if a.kind is not b.kind:
                why = index.explain([(a, b)], STANDARD)[0]
                there = index.explain([(b, a)], STANDARD)[0]
                assert [r.code for r in why.reasons] == [r.code for r in there.reasons_there]
                assert all(len(q.mine) <= 200 and len(q.theirs) <= 200 for q in why.quotes)
