"""Words of other languages, said in English."""

# ruff: noqa: RUF001 - letters of other scripts are what is read

from pathlib import Path

import pytest
from support.profiles import WORDS, need, texts
from techdock_matching.adapters.glossary import lexicon
from techdock_matching.adapters.words_in_english import TABLES, InEnglish, Table, key_of
from techdock_matching.domain.glossary.spotting import Spotter
from techdock_matching.domain.ranking.terms import CONCEPTS, WHOLE, Terms
from techdock_matching.domain.ranking.words import Words, column

LEXICON = lexicon()
TALE = " ".join(["electrolyzer", *(w for words in WORDS.values() for w in words)])


def said(text: str, language: str) -> dict[int, float]:
    return dict(LEXICON.in_english(text, language))


@pytest.mark.parametrize(
    ("language", "text", "english"),
    [
        ("zh", "用于海水淡化的催化剂", "catalyst"),
        ("ru", "катализаторами", "catalyst"),
        ("ar", "وبالمحفز الصناعي", "industrial"),
        ("es", "los algoritmos", "algorithm"),
        ("fr", "les algorithmes", "algorithm"),
    ],
)
def test_words_are_said_in_english_whatever_their_ending(
    language: str, text: str, english: str
) -> None:
    assert said(text, language).get(column(str(Words("en").stem(english))), 0.0) >= 1


@pytest.mark.parametrize("language", TABLES)
def test_signs_that_all_scripts_share_stand_for_themselves(language: str) -> None:
    found = said("LiFePO4, 400 PCR", language)
    for sign in ("lifepo4", "400", "pcr"):
        assert found[column(str(Words("en").stem(sign)))] >= WHOLE


@pytest.mark.parametrize("text", ["", "  ", "\x00\x01", "🙂🙂", "的", "ъ", "؟؟", "x" * 100_000])
@pytest.mark.parametrize("language", [*TABLES, "en", "de", "und", ""])
def test_nothing_is_made_of_nothing(text: str, language: str) -> None:
    assert all(often > 0 for often in said(text, language).values())


def named(versions: dict[str, str]) -> set[int]:
    one = need(1, texts=texts(versions))
    return set(Terms(LEXICON).of(one)[CONCEPTS].columns.tolist())


def test_a_text_of_another_language_and_an_english_one_share_what_they_say() -> None:
    mine = named({"ru": "Катализатор для опреснения воды"})
    theirs = named({"en": "A catalyst for the desalination of water"})
    assert {column("catalyst"), column("water")} <= mine & theirs


def test_of_a_profile_with_an_english_version_that_alone_is_read() -> None:
    english, russian = "Solar pumps for wells", "Очистка сточных вод от хрома"
    both = named({"ru": russian, "en": english})
    assert named({"en": english}) <= both
    assert column("chromium") not in both


def test_of_a_long_english_text_the_rarest_words_are_kept() -> None:
    words = sorted(Terms(LEXICON).words("en").stem(w) or w for w in TALE.split())
    found = named({"en": TALE})
    assert len(found & {column(word) for word in words}) <= 48
    assert column("electrolyz") in found


def test_a_word_that_several_english_ones_say_counts_once_in_all(tmp_path: Path) -> None:
    file = tmp_path / "ru.csv"
    file.write_text("word,english\nвод,water:60 aqua:20\n", encoding="utf-8")
    table = Table(file)
    place = int(table.places(["вод", "нет"])[0])
    assert table.places(["нет"])[0] == -1
    assert dict(table.said(place)) == {column("water"): 3.0, column("aqua"): 1.0}


def test_other_tables_make_another_lexicon(tmp_path: Path) -> None:
    spotter = Spotter([])
    for name in ("en", *TABLES):
        header = "word,worth" if name == "en" else "word,english"
        row = "water,2.0" if name == "en" else "w,water:10"
        (tmp_path / f"{name}.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")
    first = InEnglish(spotter, tmp_path).fingerprint
    (tmp_path / "fr.csv").write_text("word,english\neau,water:10\n", encoding="utf-8")
    assert InEnglish(spotter, tmp_path).fingerprint != first
    assert InEnglish(spotter, tmp_path).fingerprint != spotter.fingerprint


def test_the_article_and_what_is_written_in_one_with_it_are_taken_off() -> None:
    assert key_of("والمياه", "ar") == key_of("المياه", "ar")
