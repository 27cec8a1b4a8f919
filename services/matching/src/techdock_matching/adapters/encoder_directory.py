"""An encoder of the operator's own: an ONNX model and its tokenizer in a directory.

- `model.onnx` or `onnx/model.onnx`: the network.
- `tokenizer.json`: as the `tokenizers` package reads it.
- `encoder.json`: how to use them, see `Recipe`; where it is missing, what sentence-transformers
  keeps in `1_Pooling/config.json`.
- `usual.csv`: what its cosines are like; need not be there.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from typing_extensions import override

from techdock_matching.adapters.encoder_usual import tried, usual_in
from techdock_matching.adapters.index_meaning import Usual
from techdock_matching.domain.ranking.meaning import Embedder, Vectors

SETTINGS = "encoder.json"
EXTRA = "extra onnx of techdock-matching"

_MODELS = ("model.onnx", "onnx/model.onnx")
_TOKENIZER = "tokenizer.json"
_POOLING = "1_Pooling/config.json"
_USUAL = "usual.csv"
_MASKED_MEAN = 3
"""Axes of an output that has a vector for each token."""


class NoEncoder(Exception):  # noqa: N818 - it is a state of affairs
    """An encoder cannot be used; says what was expected, and what to do."""


class Recipe(BaseModel):
    """How vectors come of a text: the content of `encoder.json`.

    Attributes:
        dimension: Components of a vector.
        pooling: `mean` over the tokens, the first token (`cls`), or `output`: the network gives
            one vector for a text.
        prefix: Written before each text, like `query: `.
        most_tokens: A longer text is cut.
        name: Of the encoder; else the directory's.
        licence: Shown by `techdock encoder list`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    dimension: int = Field(ge=2, le=8192)
    pooling: Literal["mean", "cls", "output"] = "mean"
    prefix: str = Field(default="", max_length=200)
    most_tokens: int = Field(default=256, ge=8, le=8192)
    name: str | None = Field(default=None, pattern=r"^[A-Za-z0-9._-]{1,60}$")
    licence: str | None = Field(default=None, max_length=80)


class _Pooling(BaseModel):
    """What sentence-transformers writes down."""

    word_embedding_dimension: int = Field(ge=2, le=8192)
    pooling_mode_cls_token: bool = False
    pooling_mode_mean_tokens: bool = True


class DirectoryEncoder(Embedder):
    """Reads each text for itself, on one thread: what is beside it makes no difference."""

    def __init__(self, directory: Path) -> None:
        """Look at the directory; the network is loaded when the first text is read.

        Raises:
            NoEncoder: A file is missing or says something else than expected.
        """
        if not directory.is_dir():
            raise NoEncoder(f"expected a directory with an encoder, found nothing at {directory}")
        self._directory = directory
        self.recipe = _recipe(directory)
        self._tokenizer_file = _there(directory, _TOKENIZER)
        self._model_file = _there(directory, *_MODELS)
        digest = sha256(self.recipe.model_dump_json().encode())
        for file in (self._tokenizer_file, self._model_file):
            digest.update(file.read_bytes())
        called = self.recipe.name or "".join(
            each if each.isascii() and (each.isalnum() or each in "._-") else "-"
            for each in directory.resolve().name[:60]
        )
        self._name = f"{called}-{digest.hexdigest()[:12]}"

    @property
    @override
    def name(self) -> str:
        return self._name

    @property
    @override
    def dimension(self) -> int:
        return self.recipe.dimension

    @cached_property
    def usual(self) -> Usual:
        """What its cosines are like, by its own file or by trying."""
        file = self._directory / _USUAL
        return usual_in(file) if file.exists() else tried(self)

    @cached_property
    def _tokenizer(self) -> Any:
        try:
            found = _package("tokenizers").Tokenizer.from_file(str(self._tokenizer_file))
            found.no_padding()
            found.enable_truncation(self.recipe.most_tokens)
        except NoEncoder:
            raise
        except Exception as error:
            raise NoEncoder(f"{self._tokenizer_file} is damaged: {error}") from error
        return found

    @cached_property
    def _session(self) -> Any:
        runtime = _package("onnxruntime")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            found = runtime.InferenceSession(
                str(self._model_file), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise NoEncoder(f"{self._model_file} is damaged: {error}") from error
        unknown = {each.name for each in found.get_inputs()} - {*_inputs([], [])}
        if unknown:
            expected, names = ", ".join(_inputs([], [])), ", ".join(sorted(unknown))
            raise NoEncoder(f"{self._model_file}: expected the inputs {expected}, found {names}")
        return found

    @override
    def embed(self, texts: Sequence[str]) -> Vectors:
        found = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in enumerate(texts):
            found[row] = self._vector(text)
        return found

    def _vector(self, text: str) -> Vectors:
        read = self._tokenizer.encode(
            self.recipe.prefix + text.encode("utf-8", "replace").decode("utf-8")
        )
        known = _inputs(read.ids or [0], read.attention_mask or [1])
        given = {each.name: known[each.name] for each in self._session.get_inputs()}
        outputs = [np.asarray(each) for each in self._session.run(None, given)]
        vector = _pooled(outputs, self.recipe.pooling, known["attention_mask"][0])
        if vector is None or vector.shape != (self.dimension,):
            width = "none" if vector is None else str(vector.shape[-1])
            raise NoEncoder(
                f"{self._directory}: expected a vector of {self.dimension} components by "
                f"{self.recipe.pooling!r}, found {width}: mend {SETTINGS}"
            )
        length = float(np.linalg.norm(vector))
        return vector / length if length > 0.0 else vector


def _pooled(outputs: Sequence[Vectors], pooling: str, mask: Vectors) -> Vectors | None:
    axes = 2 if pooling == "output" else _MASKED_MEAN
    output = next((each[0] for each in outputs if each.ndim == axes), None)
    if output is None or pooling == "output":
        return output
    if pooling == "cls":
        return np.asarray(output[0])
    weights = mask.astype(np.float32)[:, None]
    return np.asarray((output * weights).sum(axis=0) / max(float(weights.sum()), 1.0))


def _inputs(ids: Sequence[int], mask: Sequence[int]) -> Mapping[str, Any]:
    """Return all that a network may want to be given, by name."""
    return {
        "input_ids": np.array([ids], np.int64),
        "attention_mask": np.array([mask], np.int64),
        "token_type_ids": np.zeros((1, len(ids)), np.int64),
    }


def _recipe(directory: Path) -> Recipe:
    own, theirs = directory / SETTINGS, directory / _POOLING
    try:
        if own.exists():
            return Recipe.model_validate_json(own.read_bytes())
        if theirs.exists():
            found = _Pooling.model_validate_json(theirs.read_bytes())
            pooling: Literal["mean", "cls"] = "cls" if found.pooling_mode_cls_token else "mean"
            if not found.pooling_mode_cls_token and not found.pooling_mode_mean_tokens:
                raise NoEncoder(f"{theirs}: expected pooling by mean or first token, found another")
            return Recipe(dimension=found.word_embedding_dimension, pooling=pooling)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        file = own if own.exists() else theirs
        raise NoEncoder(f"{file}: {where}: {first['msg']}") from error
    except OSError as error:
        raise NoEncoder(f"{directory} cannot be read: {error}") from error
    raise NoEncoder(f"{directory}: expected {SETTINGS} or {_POOLING}, found neither")


def _there(directory: Path, *names: str) -> Path:
    found = next((directory / each for each in names if (directory / each).is_file()), None)
    if found is None:
        raise NoEncoder(f"{directory}: expected {' or '.join(names)}, found no such file")
    return found


def _package(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        message = f"an encoder of one's own needs the package {name} ({EXTRA}): install it"
        raise NoEncoder(message) from error
