"""techdock glossary: a file of one's own is checked together with ours."""

from pathlib import Path

from techdock_embedded.commands.glossary import glossary
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
