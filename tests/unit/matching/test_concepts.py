"""Concepts: found in six languages, and what joins texts that share no language."""

# ruff: noqa: RUF001 - texts in four scripts

import pytest
from support.profiles import EVENT, TODAY, many, need, offer, texts
from support.ranking_twin import Twin
from techdock_matching.adapters.glossary import lexicon
from techdock_matching.adapters.index import InProcessIndex
from techdock_matching.app.ports import Filter
from techdock_matching.domain.glossary.concept import Concept
from techdock_matching.domain.glossary.spotting import Spotter
from techdock_matching.domain.ranking.match import Explanation, Reason
from techdock_matching.domain.ranking.profile import Profile
from techdock_matching.domain.ranking.weights import STANDARD

LEXICON = lexicon()
FILTER = Filter(TODAY, EVENT)
NEED_RU = "Хозяйство ищет капельное орошение хлопчатника. Почвы засоленные, вода солоноватая."
OFFER_ZH = "本公司提供棉花滴灌系统。适用于盐渍化土壤和微咸水灌溉。"
OFFER_AR = "جهاز تصوير بالموجات فوق الصوتية للعيادات الريفية."


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("en", "Systems of Drip-Irrigation, for arid land.", "Drip-Irrigation"),
        ("ru", "О капельном орошении полей", "капельном орошении"),
        ("ar", "نستخدم الري بالتنقيط في الحقول", "الري بالتنقيط"),
        ("es", "El riego por goteo ahorra agua", "riego por goteo"),
        ("fr", "une irrigation au goutte-à-goutte", "irrigation au goutte-à-goutte"),
        ("zh", "我们需要滴灌设备", "滴灌设备"),
    ],
)
def test_a_concept_is_found_whatever_its_ending(language: str, text: str, words: str) -> None:
    found = [(s.concept, text[s.start : s.end]) for s in LEXICON.spot(text, language)]
    assert ("drip-irrigation", words) in found or ("drip-irrigation", words[:2]) in found


def test_the_longest_term_wins_and_no_term_reaches_over_a_full_stop() -> None:
    spotter = Spotter(
        [
            Concept("water", 24, None, {"en": ("water",), "zh": ("水",)}),
            Concept("water-pump", 27, None, {"en": ("water pump",), "zh": ("水泵",)}),
        ]
    )
    assert [s.concept for s in spotter.spot("water pumps, waters", "en")] == ["water-pump", "water"]
    assert [s.concept for s in spotter.spot("no water. Pump", "en")] == ["water"]
    assert [s.concept for s in spotter.spot("水泵与水", "zh")] == ["water-pump", "water"]
    assert spotter.spot("Wasserpumpe, water pump", "de") == ()


def test_positions_are_those_of_the_text_as_given() -> None:
    text = "㎏ 滴灌，ＣＯ２"
    (spot,) = [s for s in LEXICON.spot(text, "zh") if s.concept == "drip-irrigation"]
    assert text[spot.start : spot.end] == "滴灌"


def index_of(profiles: list[Profile]) -> InProcessIndex:
    index = InProcessIndex(LEXICON)
    index.add(profiles)
    index.refresh()
    return index


def story() -> tuple[Profile, Profile, list[Profile]]:
    mine = need(1, texts=texts({"ru": NEED_RU}))
    right = offer(2, texts=texts({"zh": OFFER_ZH}))
    return mine, right, [mine, right, offer(3, texts=texts({"ar": OFFER_AR})), *many(60, 3)]


def test_a_need_finds_the_offer_in_another_language() -> None:
    mine, right, every = story()
    across = [p for p in every if "ru" not in next(iter(p.texts.values())).versions]
    index = index_of([mine, *across])
    assert index.search(mine, FILTER, 5)[0].profile_id == right.id
    assert index.search(right, FILTER, 5)[0].profile_id == mine.id


@pytest.mark.parametrize("seed", range(3))
def test_every_list_equals_that_of_the_twin(seed: int) -> None:
    mine, _, every = story()
    profiles = [*every[:3], *(p for p in many(70, seed) if p.id.int > 3)]
    twin, index = Twin(profiles, lexicon=LEXICON), index_of(profiles)
    for profile in (mine, *profiles[3:]):
        assert index.search(profile, FILTER, 20) == twin.ranked(profile, TODAY, EVENT)


def topic(reasons: tuple[Reason, ...]) -> Reason:
    (found,) = [reason for reason in reasons if reason.code == "concepts"]
    return found


def explained(one: Profile, other: Profile) -> Explanation:
    return index_of(story()[2]).explain([(one, other)], STANDARD)[0]


def test_each_side_reads_its_own_words_for_what_joins_them() -> None:
    mine, right, _ = story()
    why = explained(mine, right)
    here, there = topic(why.reasons), topic(why.reasons_there)
    assert (here.params["language"], here.params["language_there"]) == ("ru", "zh")
    assert here.params["terms"] == there.params["terms_there"]
    assert here.params["terms_there"] == there.params["terms"]
    assert here.weight == there.weight > 0
    assert all(term in NEED_RU for term in here.params["terms"])
    assert all(term in OFFER_ZH for term in there.params["terms"])
    assert "капельное орошение" in here.params["terms"]

    quote = why.quotes[0]
    assert (quote.language, quote.language_there) == ("ru", "zh")
    assert quote.mine in NEED_RU
    assert quote.theirs in OFFER_ZH
    assert all(term in quote.mine for term in quote.terms)
    assert all(term in quote.theirs for term in quote.terms_there)
    assert quote.turned().turned() == quote
    assert explained(right, mine).quotes[0].turned() == quote


def test_nothing_in_common_is_said_plainly() -> None:
    mine, _, every = story()
    why = explained(mine, every[2])
    assert [reason.code for reason in why.reasons if reason.code == "concepts"] == []
    assert "no_shared_text" in {reason.code for reason in why.reasons}


def test_without_a_lexicon_the_lists_are_as_before() -> None:
    _, _, every = story()
    plain = InProcessIndex()
    plain.add(every)
    plain.refresh()
    twin = Twin(every)
    for profile in every:
        assert plain.search(profile, FILTER, 20) == twin.ranked(profile, TODAY, EVENT)
