"""techdock glossary: a file of one's own is checked together with ours."""

from pathlib import Path

from support.logs import logged_by
from techdock_embedded.commands.glossary import glossary
from techdock_matching.adapters.glossary import lexicon
from techdock_matching.domain.glossary.concept import COLUMNS
from typer.testing import CliRunner


def test_ours_is_right_and_counted() -> None:
    assert "Nothing is wrong with 2," in CliRunner().invoke(glossary, ["check"]).stdout
    table = CliRunner().invoke(glossary, ["stats"]).stdout.splitlines()
    assert table[0].split() == ["field", "concepts", "en", "zh", "ru", "ar", "es", "fr"]
    assert [line.split()[0] for line in table[1:]] == [*map(str, range(1, 36)), "all"]


def test_a_file_of_one_s_own_is_judged_with_its_rows(tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    header = ",".join(COLUMNS)
    own.write_text(f"{header}\nowl-box,29,01,owl box|drip irrigation,,сова,بوم,lechuza,chouette\n")
    told = CliRunner().invoke(glossary, ["check", str(own)])
    lines = " ".join(told.stdout.split())
    assert told.exit_code == 1
    assert "own.csv, row 2, column zh: expected at least one term, found none" in lines
    assert "row 2, column en: 'drip irrigation' is a term of drip-irrigation (29.csv," in lines


def test_what_is_no_glossary_is_refused(tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text("term\nowl\n")
    told = CliRunner().invoke(glossary, ["check", str(own)])
    assert told.exit_code != 0
    assert "own.csv, row 1: expected the header" in " ".join(told.output.split())


OWL = "owl-box,29,01,owl box,猫头鹰巢箱,ящик для сов,صندوق البوم,caja nido para búhos,nichoir à chouettes"
OWL_AGAIN = OWL.replace("owl box,", "owl box|nesting box for owls,")
TAKEN = OWL.replace("owl box,", "drip irrigation,")


def test_what_is_added_is_kept_and_found_and_nothing_wrong_is(tmp_path: Path) -> None:
    own, header = tmp_path / "own.csv", ",".join(COLUMNS)
    kept = tmp_path / "glossary.csv"
    words = ["add", str(own), "--data", str(tmp_path)]
    own.write_text(f"{header}\n{OWL}\n", encoding="utf-8")
    assert CliRunner().invoke(glossary, words).exit_code == 0
    own.write_text(f"{header}\n{OWL_AGAIN}\n", encoding="utf-8")
    told = CliRunner().invoke(glossary, words)
    assert "1 concepts of your own, 1 of them from own.csv" in " ".join(told.stdout.split())
    assert kept.read_text(encoding="utf-8") == f"{header}\n{OWL_AGAIN}\n"
    found = lexicon(kept).spot("A nesting box for owls", "en")
    assert [spot.concept for spot in found] == ["owl-box"]

    own.write_text(f"{header}\n{TAKEN}\n", encoding="utf-8")
    assert CliRunner().invoke(glossary, words).exit_code == 1
    assert kept.read_text(encoding="utf-8") == f"{header}\n{OWL_AGAIN}\n"


def test_a_damaged_file_counts_for_nothing_and_is_told(tmp_path: Path) -> None:
    kept = tmp_path / "glossary.csv"
    for content in ("term\nowl\n", f"{','.join(COLUMNS)}\n{TAKEN}\n"):
        kept.write_text(content, encoding="utf-8")
        with logged_by("techdock_matching.adapters.glossary") as lines:
            known = lexicon(kept)
        assert known.fingerprint == lexicon().fingerprint
        assert "glossary.csv, row" in lines[0]["reason"]
