"""Problems and timetables as files, and what `techdock timetable` says to them."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from techdock_contracts.planning import TimetableAnswer, TimetableProblem
from techdock_embedded.commands import techdock
from typer.testing import CliRunner, Result

Document = dict[str, Any]


def document() -> Document:
    """Three people at a fair with two tables, one of them without English, and one from afar."""
    return {
        "type": "techdock.timetable_problem.v1",
        "venues": [
            {
                "id": "fair",
                "zone": "Asia/Shanghai",
                "tables": [{"id": "t1", "equipment": ["video_link"]}, {"id": "t2"}],
            },
            {"id": "line", "zone": "UTC", "online": True},
        ],
        "sessions": [
            {
                "id": "morning",
                "venue": "fair",
                "start": "2027-04-21T09:00:00+08:00",
                "end": "2027-04-21T11:00:00+08:00",
            }
        ],
        "persons": [
            {"id": "li", "languages": ["zh"], "venue": "fair", "zone": "Asia/Shanghai"},
            {"id": "anna", "languages": ["en"], "venue": "fair", "zone": "Asia/Shanghai"},
            {"id": "omar", "languages": ["en", "zh"], "zone": "Asia/Almaty"},
        ],
        "interpreters": [{"id": "wu", "languages": ["zh", "en"], "venue": "fair"}],
        "requests": [
            {"id": "r1", "persons": ["li", "anna"]},
            {"id": "r2", "persons": ["li", "omar"]},
            {"id": "r3", "persons": ["anna", "omar"], "slots": 2},
        ],
    }


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(techdock, ["timetable", *map(str, arguments)])


def write(folder: Path, content: object, name: str = "problem.json") -> Path:
    file = folder / name
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return file


def solve(folder: Path, content: object) -> tuple[Result, Path]:
    answer = folder / "answer.json"
    return run("solve", write(folder, content), "--out", answer, "--seconds", "1", "--json"), answer


def test_a_problem_is_solved_written_and_judged_valid(tmp_path: Path) -> None:
    result, answer = solve(tmp_path, document())
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["placed"] == 3
    found = TimetableAnswer.model_validate_json(answer.read_bytes())
    places = {p.request: p for p in found.placements}
    assert places["r1"].interpreter == "wu"
    assert places["r2"].table == "t1"
    assert places["r3"].slots == 2
    assert found.cost["unplaced"] == 0
    judged = run("judge", tmp_path / "problem.json", answer)
    assert (judged.exit_code, judged.stdout.strip()) == (0, "valid")


def test_what_has_no_place_says_why_and_what_would_help(tmp_path: Path) -> None:
    content = document()
    content["interpreters"] = []
    result, answer = solve(tmp_path, content)
    assert result.exit_code == 0, result.output
    (one,) = TimetableAnswer.model_validate_json(answer.read_bytes()).unplaced
    assert (one.request, one.reason.code) == ("r1", "no_interpreter")
    assert one.change is not None
    assert (one.change.code, one.change.params["venue"]) == ("add_interpreter", "fair")


def test_the_judge_names_the_rule_and_the_things_and_ends_with_1(tmp_path: Path) -> None:
    _, answer = solve(tmp_path, document())
    content = json.loads(answer.read_text())
    mine = next(p for p in content["placements"] if p["request"] == "r1")
    other = next(p for p in content["placements"] if p["request"] == "r2")
    mine.update(first_slot=other["first_slot"], table="t2", interpreter=None)
    judged = run("judge", tmp_path / "problem.json", write(tmp_path, content, "worse.json"))
    assert judged.exit_code == 1
    assert "language: parties anna and li share no language" in judged.stdout.replace(
        "li and anna", "anna and li"
    )
    assert "one_place_at_a_time: person li is twice in use" in judged.stdout


def _zone(content: Document) -> None:
    content["persons"][0]["zone"] = "Mars/Olympus"


def _mute(content: Document) -> None:
    content["interpreters"][0]["languages"] = []


def _circle(content: Document) -> None:
    content["precedences"] = [
        {"first": "r1", "second": "r2"},
        {"first": "r2", "second": "r3"},
        {"first": "r3", "second": "r1"},
    ]


def _bare(content: Document) -> None:
    content["venues"][0]["tables"] = []


def _closed(content: Document) -> None:
    content["venues"][0]["closed"] = True


def _nothing(content: Document) -> None:
    content["requests"] = []


def _oneself(content: Document) -> None:
    content["requests"][0]["persons"] = ["li"]


def _unknown(content: Document) -> None:
    content["requests"][0]["persons"] = ["li", "nobody"]


def _fixed(content: Document) -> None:
    content["fixed"] = [
        {
            "request": "r1",
            "session": "morning",
            "first_slot": 1,
            "table": "t2",
            "interpreter": "wu",
        },
        {"request": "r2", "session": "morning", "first_slot": 1, "table": "t1"},
        {"request": "r3", "session": "morning", "first_slot": 2, "table": "t1"},
    ]


def _many(content: Document) -> None:
    content["persons"] += [{"id": f"p{n}", "venue": "fair"} for n in range(5)]
    content["requests"] = [{"id": f"q{n}", "persons": ["li", f"p{n}"]} for n in range(5)]
    content["fixed"] = [
        {"request": f"q{n}", "session": "morning", "first_slot": n % 4, "table": "t1"}
        for n in range(5)
    ]


def _span(content: Document) -> None:
    content["persons"][0]["hours"] = [
        {"start": "2027-04-21T11:00:00+08:00", "end": "2027-04-21T09:00:00+08:00"}
    ]


def _naive(content: Document) -> None:
    content["sessions"][0]["start"] = "2027-04-21T09:00:00"


def _off_tick(content: Document) -> None:
    content["sessions"][0]["start"] = "2027-04-21T09:01:00+08:00"


def _twice(content: Document) -> None:
    content["requests"].append(content["requests"][0])


def _number(content: Document) -> None:
    content["requests"][0]["weight"] = math.inf


BAD: list[tuple[Callable[[Document], None], tuple[str, ...]]] = [
    (_zone, ("persons.0.zone", "Mars/Olympus")),
    (_mute, ("interpreters.0.languages", "interpreter wu")),
    (_circle, ("precedences", "r1", "r2", "r3", "before")),
    (_bare, ("venues.0.tables", "venue fair", "session morning")),
    (_closed, ("venues.0.closed", "venue fair", "session morning")),
    (_nothing, ("requests", "nothing to plan")),
    (_oneself, ("requests.0", "request r1 of li with itself")),
    (_unknown, ("requests.0.persons", "nobody")),
    (_fixed, ("fixed.0, fixed.1", "r1, r2", "one_place_at_a_time", "person li")),
    (_many, ("fixed", "4 meetings of a person", "5 for person li", "q0, q1, q2, q3, q4")),
    (_span, ("persons.0.hours.0", "end after the start")),
    (_naive, ("sessions.0.start", "timezone")),
    (_off_tick, ("starts on a tick",)),
    (_twice, ("requests", "r1 2 times")),
    (_number, ("problem.json",)),
]


@pytest.mark.parametrize(("spoil", "told"), BAD, ids=[spoil.__name__[1:] for spoil, _ in BAD])
def test_bad_input_names_file_field_and_what_is_in_conflict(
    spoil: Callable[[Document], None], told: tuple[str, ...], tmp_path: Path
) -> None:
    content = document()
    spoil(content)
    result, answer = solve(tmp_path, content)
    assert result.exit_code == 1
    assert not answer.exists()
    assert isinstance(result.exception, SystemExit)
    for words in ("problem.json", *told):
        assert words in result.stderr


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", '{"type": "other"}', "\x00", '{"type": 3, "venues": {}}']
)
def test_what_is_no_such_file_is_an_error_and_no_crash(content: str, tmp_path: Path) -> None:
    result, _ = solve(tmp_path, content)
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert "problem.json" in result.stderr


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = run("solve", tmp_path / "none.json", "--out", tmp_path / "answer.json")
    assert result.exit_code == 1
    assert "none.json" in result.stderr


def test_the_document_of_this_test_keeps_its_contract() -> None:
    assert TimetableProblem.model_validate(document()).buffer_minutes == 0


DZN = """nBusiness = 3; nMeetings = 2; nTables = 1; nTotalSlots = 4; nMorningSlots = 2;
requested = [|1, 2, 3 |2, 3, 3|];
forbidden = [{}, {1}, {}];
"""


def test_a_benchmark_file_is_proven_and_judged(tmp_path: Path) -> None:
    problem, answer = write(tmp_path, DZN, "small.dzn"), tmp_path / "answer.json"
    result = run("solve", problem, "--out", answer, "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(answer.read_text())
    assert (found["status"], found["breaks"]) == ("OPTIMAL", 0)
    assert run("judge", problem, answer).exit_code == 0
    found["slots"][1] = found["slots"][0]
    judged = run("judge", problem, write(tmp_path, found, "worse.json"))
    assert judged.exit_code == 1
    assert judged.stdout.strip()
