"""The sentences of a text, and as much of one as is quoted."""

import re
from collections.abc import Iterator

MOST_QUOTED_CHARACTERS = 200
CUT = "…"
_SENTENCE_END = re.compile(r"(?<=[.!?؟;])\s+|(?<=[。！？；])|\n+")  # noqa: RUF001 - their ends too


def sentences_of(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each sentence of a text begins and ends."""
    start = 0
    for end in [*(m.span() for m in _SENTENCE_END.finditer(text)), (len(text), len(text))]:
        if text[start : end[0]].strip():
            yield start, end[0]
        start = end[1]


def cut(sentence: str, around: int) -> str:
    """Return a sentence, or 200 characters of it around a place."""
    if len(sentence) <= MOST_QUOTED_CHARACTERS:
        return sentence
    room = MOST_QUOTED_CHARACTERS - 2
    start = max(0, min(around - room // 3, len(sentence) - room))
    piece = sentence[start : start + room].strip()
    before = CUT if start else ""
    after = CUT if start + room < len(sentence) else ""
    return f"{before}{piece}{after}"
