"""The meaning of a profile as one vector, whatever its language, by an encoder of sentences.

A need and an offer that share no word, not even a language, stand near each other where they say
the same. Vectors are kept in whole numbers of one byte, so that products are exact.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from techdock_matching.domain.ranking.language import language_of
from techdock_matching.domain.ranking.normal import Script, script_of
from techdock_matching.domain.ranking.profile import Profile
from techdock_matching.domain.ranking.sentences import sentences_of

Codes = npt.NDArray[np.int8]
Vectors = npt.NDArray[np.float32]

_FIRST = ("title", "summary", "description")
_PASSAGE = 100
_PASSAGES = 4
"""Of the beginning, in words; more of a text made nothing better (RESULTS.md)."""

_SENTENCE_WORDS = 120
_LONG = 250
"""Of longer texts, in words, only passages are read: there words say more than meaning."""

_LEAST_SENTENCE = 9
_LETTERS_PER_WORD: Mapping[Script, float] = {
    Script.HAN: 1.7,
    Script.KANA: 2.0,
    Script.HANGUL: 3.0,
}
_USUAL_LETTERS = 6.5
_TOP = 127.0


class Pieces(NamedTuple):
    """What an encoder reads of a profile.

    Attributes:
        language: Primary subtag of the original language.
        passages: Of about 100 words each, from the beginning.
        sentences: Of the first 120 words; of a long text none.
        words: How long the whole text is, about.
    """

    language: str
    passages: tuple[str, ...]
    sentences: tuple[str, ...]
    words: float

    def content_hash(self) -> bytes:
        """Return 32 bytes that differ where an encoder may."""
        digest = sha256()
        for piece in (*self.passages, "\x00", *self.sentences):
            digest.update(piece.encode("utf-8", "replace"))
            digest.update(b"\x00")
        return digest.digest()


@dataclass(frozen=True, slots=True)
class Meaning:
    """A vector, and what its cosines are compared by.

    Attributes:
        codes: The vector, its largest component 127 or -127.
        language: Primary subtag.
        words: Length of the text.
    """

    codes: Codes
    language: str
    words: float


class Embedder(Protocol):
    """An encoder of sentences in many languages."""

    @property
    def name(self) -> str:
        """Name and version: vectors of different ones are never compared."""
        ...

    @property
    def dimension(self) -> int:
        """Components of a vector."""
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return a vector of length 1 for each text, a row each; callable from one thread."""
        ...


def pieces_of(profile: Profile) -> Pieces | None:
    """Return what an encoder reads of a profile; none where nothing is written.

    Only the original language is read: a translation says nothing else.
    """
    order = [*_FIRST, *(name for name in profile.texts if name not in _FIRST)]
    parts: list[str] = []
    language = ""
    for name in order:
        text = profile.texts.get(name)
        written = "" if text is None else text.versions.get(text.original, "").strip()
        if text is not None and written and (not language or text.original == language):
            language = language or text.original
            parts.append(written)
    return pieces(parts, language)


def pieces(parts: Sequence[str], language: str) -> Pieces | None:
    """Return the passages and sentences of the parts of one text.

    Args:
        parts: Title, summary and so on; empty ones are left out.
        language: As declared.
    """
    told = [" ".join(part.split()) for part in parts if part.strip()]
    if not told or not any(character.isalnum() for part in told for character in part[:2000]):
        return None
    whole = " ".join(part if part[-1] in ".!?。！？؟" else f"{part}." for part in told)  # noqa: RUF001
    letters = _LETTERS_PER_WORD.get(script_of(whole), _USUAL_LETTERS)
    passages = tuple(_cut(whole, round(_PASSAGE * letters))[:_PASSAGES])
    sentences: list[str] = []
    left = _SENTENCE_WORDS * letters if len(whole) <= _LONG * letters else 0.0
    for part in told:
        for start, end in sentences_of(part[: round(2 * _SENTENCE_WORDS * letters)]):
            sentence = part[start : min(end, start + round(_PASSAGE * letters))].strip()
            if len(sentence) >= _LEAST_SENTENCE and left > 0:
                sentences.append(sentence)
                left -= len(sentence)
    return Pieces(language_of(whole, language), passages, tuple(sentences), len(whole) / letters)


def meaning(found: Pieces, embedder: Embedder) -> Codes:
    """Return the vector of a text: of its passages and of its sentences, in equal parts.

    One call for each text: what a text means does not depend on those beside it.
    """
    vectors = embedder.embed([*found.passages, *found.sentences])
    passages = len(found.passages)
    both = _unit(vectors[:passages].mean(axis=0))
    if found.sentences:
        both = both + _unit(vectors[passages:].mean(axis=0))
    return coded(both)


def coded(vector: npt.NDArray[np.floating]) -> Codes:
    """Return a vector in whole numbers from -127 to 127."""
    most = float(np.abs(vector).max(initial=0.0))
    if most == 0.0 or not np.isfinite(most):
        return np.zeros(vector.shape, np.int8)
    codes: Codes = np.rint(vector * (_TOP / most)).astype(np.int8)
    return codes


def _unit(vector: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    length = float(np.sqrt((vector * vector).sum()))
    return vector / length if length > 0.0 else vector


def _cut(text: str, size: int) -> list[str]:
    """Cut at spaces into pieces of about a size; a short rest joins the one before."""
    found: list[str] = []
    start = 0
    while start < len(text) and len(found) < _PASSAGES:
        end = len(text) if len(text) - start < size * 1.3 else start + size
        space = text.find(" ", end) if end < len(text) else -1
        if 0 <= space < end + 20:
            end = space
        found.append(text[start:end].strip())
        start = end
    return [piece for piece in found if piece]
