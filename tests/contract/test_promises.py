"""The generated files are up to date, every promised message is read, a broken promise is refused."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from techdock_contracts import schemas, topics
from techdock_contracts.event import Event
from techdock_contracts.promises import breaks

ROOT = Path(__file__).parents[2] / "contracts"
EXAMPLES = sorted(ROOT.glob("examples/*/*.json"))


def test_the_generated_files_are_what_the_classes_say(capsys: pytest.CaptureFixture[str]) -> None:
    assert schemas.main("check", ROOT) == 0, capsys.readouterr().out


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_every_promised_message_keeps_its_schema_and_is_read(example: Path) -> None:
    wire = json.loads(example.read_text())
    schema = json.loads((ROOT / "schemas" / f"{wire['type']}.json").read_text())
    jsonschema.validate(wire, schema, jsonschema.Draft202012Validator)
    event = Event.from_bytes(example.read_bytes())
    assert event is not None
    assert json.loads(event.to_bytes()) == wire


def test_a_message_of_a_newer_type_is_none_and_a_broken_one_is_an_error() -> None:
    wire = json.loads(EXAMPLES[0].read_text())
    assert Event.from_bytes(json.dumps({**wire, "type": "matching.unheard_of.v9"}).encode()) is None
    for body in (b"\xff", b"[]", b"{}", json.dumps({**wire, "data": None}).encode()):
        with pytest.raises(ValueError):  # noqa: PT011 - any of the two kinds
            Event.from_bytes(body)


def test_no_event_topic_carries_free_text() -> None:
    """Texts travel on state topics only: an event topic keeps everything for ever."""
    for name, model in Event.registry.items():
        if not model.topic.compacted:
            assert "Text" not in model.model_json_schema().get("$defs", {}), name


def test_every_event_stands_on_a_declared_topic_of_its_service() -> None:
    for name, model in Event.registry.items():
        assert model.topic in topics.ALL
        assert name.startswith(f"{model.topic.producer}.")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda s: s["properties"]["data"]["properties"].pop("best"), ".data.best is gone"),
        (lambda s: s["properties"]["data"]["required"].append("best"), "best became required"),
        (
            lambda s: s["properties"]["data"]["properties"]["good_matches"].update(type="string"),
            "good_matches changed its type",
        ),
        (
            lambda s: s["properties"]["data"]["properties"]["good_matches"].update(maximum=9),
            "good_matches changed its maximum",
        ),
    ],
)
def test_a_broken_promise_is_named(change, complaint: str) -> None:
    old = json.loads((ROOT / "schemas/matching.coverage.v1.json").read_text())
    new = json.loads(json.dumps(old))
    change(new)
    assert any(complaint in said for said in breaks(old, new))


def test_wording_and_new_optional_fields_are_allowed() -> None:
    old = json.loads((ROOT / "schemas/matching.coverage.v1.json").read_text())
    new = json.loads(json.dumps(old))
    new["description"] = "said better"
    new["properties"]["data"]["properties"]["worst"] = {"type": "string", "default": None}
    assert list(breaks(old, new)) == []


def test_the_generator_refuses_to_overwrite_a_promise(tmp_path: Path) -> None:
    """On a copy: the promised schema has a field that the class has not."""
    copy = tmp_path / "contracts"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns("src", "__pycache__"))
    file = copy / "schemas/matching.coverage.v1.json"
    promised = json.loads(file.read_text())
    promised["properties"]["data"]["properties"]["worst"] = {"type": "string"}
    file.write_text(json.dumps(promised))

    done = subprocess.run(
        [sys.executable, "-m", "techdock_contracts.schemas", "write", str(copy)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert ".data.worst is gone" in done.stdout
    assert json.loads(file.read_text()) == promised


def test_an_example_that_cannot_be_read_any_more_is_named(tmp_path: Path) -> None:
    copy = tmp_path / "contracts"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns("src", "__pycache__"))
    (copy / "examples/matching.coverage.v1/old.json").write_text('{"type": "matching.coverage.v1"}')
    assert any("old.json cannot be read" in said for said in schemas.unread(copy))
