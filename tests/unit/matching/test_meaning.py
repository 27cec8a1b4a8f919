"""The arm of meaning: what an encoder reads, its vectors in the index, and the twin."""

# ruff: noqa: RUF001 - letters of other scripts are what is read

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.embedding import DIMENSION, LetterEncoder
from support.profiles import EVENT, TODAY, many, need, offer, texts
from support.ranking_twin import Twin
from techdock_matching.adapters import encoders
from techdock_matching.adapters.index import InProcessIndex
from techdock_matching.app.ports import Filter
from techdock_matching.domain.ranking import meaning
from techdock_matching.domain.ranking.arms import Arms
from techdock_matching.domain.ranking.meaning import Meaning, pieces, pieces_of
from techdock_matching.domain.ranking.profile import Profile, Text
from techdock_matching.domain.ranking.weights import STANDARD

FILTER = Filter(TODAY, EVENT)
ENCODER = LetterEncoder()


def meanings_of(profiles: list[Profile], but: int = 0) -> dict:
    """Return the vectors of profiles; each `but`-th has none, as if it still waited."""
    found = {}
    for number, profile in enumerate(profiles):
        read = pieces_of(profile)
        if read is not None and not (but and number % but == 0):
            found[profile.id] = Meaning(meaning.meaning(read, ENCODER), read.language, read.words)
    return found


@pytest.mark.parametrize("seed", range(4))
def test_lists_with_meanings_equal_those_of_the_twin(seed: int) -> None:
    profiles = many(70, seed)
    meanings = meanings_of(profiles, but=5)
    index = InProcessIndex(embedder=ENCODER)
    index.add(profiles)
    index.add_meanings(meanings)
    index.refresh()
    twin = Twin(profiles, meanings=meanings)
    lists = index.lists(FILTER, 15)
    for profile in profiles:
        expected = twin.ranked(profile, TODAY, EVENT, 15)
        assert index.search(profile, FILTER, 15) == expected
        if profile.id in lists:
            assert lists[profile.id] == expected


def test_the_order_in_which_vectors_come_changes_nothing_once_quiet() -> None:
    profiles = many(50, 3)
    meanings = meanings_of(profiles)
    one, other = InProcessIndex(embedder=ENCODER), InProcessIndex(embedder=ENCODER)
    one.add(profiles)
    one.add_meanings(meanings)
    for profile in reversed(profiles):
        other.add([profile])
        other.refresh()
        other.add_meanings({k: v for k, v in meanings.items() if k == profile.id})
    one.refresh()
    other.refresh()
    assert dict(one.lists(FILTER, 10)) == dict(other.lists(FILTER, 10))


def test_a_vector_of_a_profile_that_is_gone_or_changed_is_forgotten() -> None:
    profiles = many(20, 5)
    meanings = meanings_of(profiles)
    with_all, without = InProcessIndex(embedder=ENCODER), InProcessIndex(embedder=ENCODER)
    for index in (with_all, without):
        index.add(profiles)
    with_all.add_meanings(meanings)
    with_all.add(profiles)  # Published again: what it means is not known until it is embedded.
    with_all.refresh()
    without.refresh()
    assert dict(with_all.lists(FILTER, 10)) == dict(without.lists(FILTER, 10))
    with_all.remove([one.id for one in profiles])
    with_all.add_meanings(meanings)
    with_all.refresh()
    assert dict(with_all.lists(FILTER, 10)) == {}


def test_what_means_the_same_is_found_though_no_word_is_shared() -> None:
    asked = need(1, texts=texts({"ru": "опреснение солоноватой воды"}))
    right = offer(2, texts=texts({"kk": "опреснение солоноватой воды!"}))
    wrong = offer(3, texts=texts({"kk": "лазерная сварка алюминия"}))
    profiles = [asked, right, wrong]
    index = InProcessIndex(embedder=ENCODER)
    index.add(profiles)
    index.add_meanings(meanings_of(profiles))
    index.refresh()
    found = index.search(asked, FILTER, 5)
    assert found[0].profile_id == right.id
    told = {reason.code: reason for reason in index.explain([(asked, right)], STANDARD)[0].reasons}
    assert told["meaning"].fits is True
    assert told["meaning"].weight > 0


@given(
    parts=st.lists(st.text(max_size=300), max_size=4),
    language=st.sampled_from(["en", "zh-Hans", "ar", "", "und", "xx"]),
)
@settings(max_examples=200, deadline=None)
def test_whatever_is_written_is_read_or_left_out(parts: list[str], language: str) -> None:
    found = pieces(parts, language)
    if found is not None:
        assert all(piece.strip() for piece in (*found.passages, *found.sentences))
        codes = meaning.meaning(found, ENCODER)
        assert codes.shape == (DIMENSION,)
        assert found == pieces(parts, language)


@pytest.mark.parametrize("text", ["", "   ", "🚜🌾🌾", "\x00\x01", "!!! ???"])
def test_a_text_without_letters_has_no_meaning(text: str) -> None:
    assert pieces([text], "en") is None
    assert pieces_of(offer(1, text)) is None


def test_of_a_long_text_the_beginning_is_read() -> None:
    found = pieces(["Valves.", "word " * 100_000], "en")
    assert found is not None
    assert len(found.passages) == 4
    assert sum(map(len, found.passages)) < 4_000
    assert found.words > 50_000


def test_only_the_original_is_read() -> None:
    written = {"title": Text("ru", {"ru": "Насос для воды", "en": "Water pump"})}
    found = pieces_of(replace(offer(1, "x"), texts=written))
    assert found is not None
    assert found.language == "ru"
    assert "pump" not in " ".join(found.passages)


def test_translations_and_ids_do_not_change_the_hash() -> None:
    one, other = pieces_of(offer(1, "water pump")), pieces_of(offer(2, "water pump"))
    assert one is not None
    assert other is not None
    assert one.content_hash() == other.content_hash()
    third = pieces_of(offer(3, "water pumps"))
    assert third is not None
    assert third.content_hash() != one.content_hash()


def test_meaning_counts_more_beside_short_texts() -> None:
    arms = encoders.arms()
    short, long = (arms.weight_beside(np.array([w]), np.array([w]))[0] for w in (30.0, 900.0))
    assert short > long > 0


def test_lengths_between_are_interpolated() -> None:
    arms = Arms(1, (10.0, 1000.0), (2.0, 1.0), 1.0, 0.1)
    assert arms.weight_beside(np.array([100.0]), np.array([100.0]))[0] == pytest.approx(1.5)


def test_cosines_of_a_pair_of_languages_are_the_same_either_way() -> None:
    usual = encoders.usual()
    assert usual.of("ar", "zh") == usual.of("zh", "ar")
    assert usual.of("xx", "zh") == usual.otherwise


def test_the_encoder_of_the_package_reads_six_languages_alike() -> None:
    encoder = encoders.SentenceEncoder()
    same = [
        "Desalination of brackish water for irrigation",
        "用于灌溉的苦咸水淡化",
        "Опреснение солоноватой воды для орошения",
        "تحلية المياه المالحة للري",
        "Desalinización de agua salobre para riego",
        "Dessalement d'eau saumâtre pour l'irrigation",
    ]
    vectors = encoder.embed([*same, "Laser welding of aluminium sheets for car bodies"])
    cosines = vectors @ vectors.T
    assert vectors.shape == (7, encoder.dimension)
    assert cosines[:6, :6].min() > cosines[6, :6].max()


def test_texts_are_told_what_they_are_not(recwarn: pytest.WarningsRecorder) -> None:
    assert meaning.coded(np.zeros(4)).tolist() == [0, 0, 0, 0]
    assert meaning.coded(np.array([np.nan, 1.0])).tolist() == [0, 0]
    assert not recwarn.list
