"""A pack is made of dictionaries, found beside our concepts, and left out where it is damaged."""

# ruff: noqa: RUF001 - letters of other scripts are what is read

import json
from pathlib import Path

import pytest
from support.logs import logged_by
from techdock_matching.adapters.glossary import BrokenFile, lexicon
from techdock_matching.adapters.language_packs import build, concepts_in, manifest_of

ENGLISH = """# Princeton WordNet\teng\thttps://example.org/\twordnet
01503061-n\teng:lemma\towl
01503061-n\teng:lemma\tbird_of_Minerva
01503061-n\teng:def\t0\tnocturnal bird of prey
02913152-n\teng:lemma\tbuilding
02913152-n\teng:lemma\tbank
08420278-n\teng:lemma\tbank
01835496-v\teng:lemma\ttravel
"""
RUSSIAN = """# Russian Wordnet\trus\thttps://example.org/\tCC BY-SA
01503061-n\tlemma\tсова
02913152-n\tlemma\tздание
08420278-n\tlemma\tбанк
01835496-v\tlemma\tпутешествовать
"""
CEDICT = """# CC-CEDICT
#! license=https://creativecommons.org/licenses/by-sa/4.0/
貓頭鷹 猫头鹰 [mao1 tou2 ying1] /owl/
水母 水母 [shui3 mu3] /jellyfish/medusa/
走 走 [zou3] /to walk/to go/
甲烷水合物 甲烷水合物 [jia3 wan2 shui3 he2 wu4] /methane hydrate (chemistry)/CL:塊|块[kuai4]/
"""


@pytest.fixture
def dictionaries(tmp_path: Path) -> Path:
    folder = tmp_path / "given"
    folder.mkdir()
    for name, content in (("eng.tab", ENGLISH), ("rus.tab", RUSSIAN), ("cedict.u8", CEDICT)):
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def made(dictionaries: Path, out: Path, *, partial: bool = False) -> list[str]:
    tabs = sorted(dictionaries.glob("*.tab"))
    _, wrong = build(out, "2027", tabs, dictionaries / "cedict.u8", partial=partial)
    return list(wrong)


def test_a_pack_joins_what_dictionaries_say(dictionaries: Path, tmp_path: Path) -> None:
    packs = tmp_path / "packs"
    assert made(dictionaries, packs / "birds") == []
    manifest = manifest_of(packs / "birds")
    assert manifest.concepts == 4
    assert [source.licence for source in manifest.sources] == [
        "wordnet",
        "CC BY-SA",
        "https://creativecommons.org/licenses/by-sa/4.0/",
    ]
    by_term = {
        term: one for one in concepts_in(packs) for terms in one.terms.values() for term in terms
    }
    assert by_term["owl"].terms == {
        "en": ("owl", "bird of Minerva"),
        "zh": ("猫头鹰", "貓頭鷹"),
        "ru": ("сова",),
    }
    assert by_term["methane hydrate"].terms["zh"] == ("甲烷水合物",)
    # A word with two meanings bridges nothing, and only nouns are read.
    assert not {"bank", "банк", "travel", "to walk"} & set(by_term)


def test_the_same_files_make_the_same_pack(dictionaries: Path, tmp_path: Path) -> None:
    for out in ("a/birds", "b/birds"):
        made(dictionaries, tmp_path / out)
    for name in ("pack.json", "lexicon.csv"):
        one, other = (tmp_path / out / "birds" / name for out in ("a", "b"))
        assert one.read_bytes() == other.read_bytes()


def test_packs_count_where_ours_name_nothing(dictionaries: Path, tmp_path: Path) -> None:
    packs = tmp_path / "packs"
    made(dictionaries, packs / "birds")
    ours, both = lexicon(), lexicon(packs=packs)
    english = "An owl over drip irrigation, a jellyfish in it"
    assert [spot.concept for spot in ours.spot(english, "en")] == ["drip-irrigation"]
    spots = both.spot(english, "en")
    names = [spot.concept.partition(":")[0] for spot in spots]
    assert names == ["birds", "drip-irrigation", "birds"]
    assert [english[spot.start : spot.end] for spot in spots][::2] == ["owl", "jellyfish"]
    assert both.spot("Совы", "ru")[0].concept == spots[0].concept
    assert both.spot("猫头鹰", "zh")[0].concept == spots[0].concept
    assert both.fingerprint != ours.fingerprint


def test_where_both_find_something_ours_is_right(dictionaries: Path, tmp_path: Path) -> None:
    longer = ENGLISH + "07928696-n\teng:lemma\tdrip irrigation owl\n"
    (dictionaries / "eng.tab").write_text(longer, encoding="utf-8")
    more = RUSSIAN + "07928696-n\tlemma\tкапельная сова\n"
    (dictionaries / "rus.tab").write_text(more, encoding="utf-8")
    made(dictionaries, tmp_path / "packs" / "birds")
    spots = lexicon(packs=tmp_path / "packs").spot("owl, drip irrigation owl", "en")
    assert [spot.concept for spot in spots][1:] == ["drip-irrigation"]


def test_no_folder_of_packs_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "packs").mkdir()
    assert lexicon(packs=tmp_path / "packs").fingerprint == lexicon().fingerprint
    with logged_by("techdock_matching.adapters.language_packs") as lines:
        assert lexicon(packs=tmp_path / "gone").fingerprint == lexicon().fingerprint
    assert lines[0]["event"] == "language packs are missing"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("lexicon.csv", b"concept\n", "birds/lexicon.csv was changed or damaged: expected SHA-256"),
        ("lexicon.csv", None, "birds/lexicon.csv: No such file or directory"),
        ("pack.json", None, "birds/pack.json: No such file or directory"),
        ("pack.json", b"\x00", "birds/pack.json: the file: Invalid JSON"),
        ("pack.json", b"{}", "birds/pack.json: name: Field required"),
    ],
)
def test_a_damaged_pack_is_named_and_left_out(
    dictionaries: Path, tmp_path: Path, name: str, content: bytes | None, reason: str
) -> None:
    packs = tmp_path / "packs"
    made(dictionaries, packs / "birds")
    if content is None:
        (packs / "birds" / name).unlink()
    else:
        (packs / "birds" / name).write_bytes(content)
    with logged_by("techdock_matching.adapters.language_packs") as lines:
        assert lexicon(packs=packs).fingerprint == lexicon().fingerprint
    assert lines[0]["event"] == "a language pack is left out"
    assert lines[0]["reason"].startswith(reason)


def test_a_pack_of_a_format_to_come_is_left_out(dictionaries: Path, tmp_path: Path) -> None:
    made(dictionaries, tmp_path / "birds")
    told = json.loads((tmp_path / "birds" / "pack.json").read_text())
    (tmp_path / "birds" / "pack.json").write_text(json.dumps(told | {"format": 2}))
    with pytest.raises(BrokenFile, match=r"birds/pack\.json: format: Input should be 1"):
        manifest_of(tmp_path / "birds")


def test_wrong_rows_are_told_with_file_and_row(dictionaries: Path, tmp_path: Path) -> None:
    (dictionaries / "rus.tab").write_text(
        RUSSIAN + "x\tlemma\tсыч\n01503061-n\tlemma\t \n01503061-n\tword\tсыч\n", encoding="utf-8"
    )
    (dictionaries / "cedict.u8").write_text(CEDICT + "猫 [mao1] /cat/\n", encoding="utf-8")
    entry = "expected traditional simplified [pin1 yin1] /meaning/"
    wrong = made(dictionaries, tmp_path / "birds")
    assert wrong == [
        "rus.tab, row 6: expected a synset like 04470953-n, found 'x'",
        "rus.tab, row 7: expected a term, found none",
        "rus.tab, row 8: expected lemma, found 'word'",
        f"cedict.u8, row 7: {entry}, found '猫 [mao1] /cat/'",
    ]
    assert not (tmp_path / "birds").exists()
    assert made(dictionaries, tmp_path / "birds", partial=True) == wrong
    assert manifest_of(tmp_path / "birds").concepts == 4


def test_what_is_no_dictionary_is_refused(dictionaries: Path, tmp_path: Path) -> None:
    tab = dictionaries / "rus.tab"
    tab.write_text("сова\n", encoding="utf-8")
    with pytest.raises(BrokenFile, match=r"rus\.tab, row 1: expected # and name, language"):
        build(tmp_path / "birds", "1", [tab], None, partial=False)
    tab.write_bytes(b"# a\trus\tb\tc\n\xff\n")
    with pytest.raises(BrokenFile, match=r"rus\.tab: expected UTF-8, found byte 0xff"):
        build(tmp_path / "birds", "1", [tab], None, partial=False)
    tab.write_text(RUSSIAN, encoding="utf-8")
    with pytest.raises(BrokenFile, match="nothing in these files"):
        build(tmp_path / "birds", "1", [tab], None, partial=False)
    with pytest.raises(BrokenFile, match="expected a name like omw-cedict"):
        build(tmp_path / "Совы", "1", [tab], None, partial=False)
    with pytest.raises(BrokenFile, match="is there already"):
        build(dictionaries, "1", [tab], None, partial=False)
