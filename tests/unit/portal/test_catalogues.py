"""Every message stands in all four languages, in the form that the language needs."""

import re

import pytest
from babel.messages.catalog import Message
from techdock_portal import catalogues
from techdock_portal.i18n import LANGUAGES, language

# The same word in every language: names of standards, formats and codes.
NAMES = {
    "ISO 9001", "ISO 22000", "CE", "EAC", "GMP", "GOST", "GB", "CCC",
}  # fmt: skip
PLACES = re.compile(r"%\((\w+)\)s")
TAGS = re.compile(r"</?[a-z]+>")


def forms(message: Message) -> list[str]:
    return (
        list(message.string) if isinstance(message.string, tuple | list) else [str(message.string)]
    )


@pytest.fixture(scope="module")
def used() -> dict[tuple[object, object], Message]:
    return {(m.context, m.id): m for m in catalogues.used() if m.id}


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_catalogue_holds_what_the_pages_use_and_nothing_else(tag: str, used: dict) -> None:
    stored = {(m.context, m.id) for m in catalogues.stored(tag) if m.id}
    assert set(used) - stored == set(), "run python -m techdock_portal.catalogues"
    assert stored - set(used) == set(), "run python -m techdock_portal.catalogues"


@pytest.mark.parametrize("tag", LANGUAGES)
def test_no_message_is_empty_and_plurals_have_all_forms(tag: str) -> None:
    catalogue = catalogues.stored(tag)
    for message in catalogue:
        if not message.id:
            continue
        assert all(forms(message)), (tag, message.id)
        if isinstance(message.id, tuple | list):
            assert len(forms(message)) == catalogue.num_plurals, (tag, message.id)


@pytest.mark.parametrize("tag", [tag for tag in LANGUAGES if tag != "en"])
def test_nothing_is_left_in_english(tag: str) -> None:
    same = [
        message.id for message in catalogues.stored(tag)
        if message.id and message.id in forms(message) and message.id not in NAMES
    ]  # fmt: skip
    assert same == []


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_translation_has_the_places_and_tags_of_its_message(tag: str) -> None:
    for message in catalogues.stored(tag):
        if not message.id:
            continue
        wanted = message.id if isinstance(message.id, str) else message.id[-1]
        for form in forms(message):
            found = set(PLACES.findall(form))
            # A language may write a count as a word: one meeting, two meetings.
            plural = not isinstance(message.id, str)
            places = set(PLACES.findall(wanted))
            assert found == places or (plural and found <= places), (tag, message.id, form)
            assert sorted(TAGS.findall(form)) == sorted(TAGS.findall(wanted)), (tag, message.id)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_catalogue_is_written_as_the_command_writes_it(tag: str) -> None:
    assert catalogues.path_of(tag).read_bytes() == catalogues.renewed(tag, catalogues.used())


def test_plurals_follow_the_language() -> None:
    one, many = (
        "%(n)s meeting that both sides have accepted.",
        "%(n)s meetings that both sides have accepted.",
    )
    russian = [language("ru").plural(one, many, n) for n in (1, 3, 5, 21)]
    assert [text.split()[1].rstrip(",") for text in russian] == [
        "встреча",
        "встречи",
        "встреч",
        "встреча",
    ]
    arabic = [language("ar").plural(one, many, n) for n in (1, 2, 3, 11, 100)]
    assert len(set(arabic)) == 5
    assert "٣" in arabic[2]
    assert language("zh-Hans").plural(one, many, 2).startswith("2")
