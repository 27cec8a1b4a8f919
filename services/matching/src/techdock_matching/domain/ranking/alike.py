"""Whether two texts say the same: by the words they share, and across languages by concepts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import sqrt

from techdock_matching.domain.ranking.match import Quote
from techdock_matching.domain.ranking.sentences import cut, sentences_of

SAME = "same"
CLOSE = "close"

_SAME_WORDS = 0.85
_CLOSE_WORDS = 0.5
_LEAST_WORDS = 4
"""Texts of fewer different words are too short to say the same."""

_SAME_CONCEPTS = 0.95
_CLOSE_CONCEPTS = 0.7
_LEAST_CONCEPTS = 3
MOST_QUOTES = 3
_LEAST_SENTENCE = 0.3

Weights = Mapping[str, float]
"""How much each word or concept tells of a text."""


def cosine(mine: Weights, theirs: Weights) -> float:
    """Return how alike two texts are, 0 to 1."""
    common = sum(mine[term] * theirs[term] for term in sorted(mine.keys() & theirs.keys()))
    norm = sqrt(sum(w * w for w in mine.values()) * sum(w * w for w in theirs.values()))
    return common / norm if norm else 0.0


def likeness(words: float, word_count: int, concepts: float, concept_count: int) -> str | None:
    """Name how alike two texts are; None: they are different things.

    Args:
        words: Cosine over words, of texts in one language.
        word_count: Different words of the shorter text.
        concepts: Cosine over concepts.
        concept_count: Different concepts of the text that names fewer.
    """
    enough = word_count >= _LEAST_WORDS
    named = concept_count >= _LEAST_CONCEPTS
    if (enough and words >= _SAME_WORDS) or (word_count and words > 1 - 1e-9):
        return SAME
    if (enough and words >= _CLOSE_WORDS) or (named and concepts >= _CLOSE_CONCEPTS):
        return SAME if named and concepts >= _SAME_CONCEPTS and words >= _CLOSE_WORDS else CLOSE
    return None


Spotted = Sequence[tuple[str, str]]
"""What a sentence names: words and concepts, each with how it is written there."""


def quotes(
    mine: Iterable[tuple[str, str]],
    theirs: Iterable[tuple[str, str]],
    spotted: Callable[[str, str], Spotted],
) -> tuple[Quote, ...]:
    """Return the sentences that say the same, best first.

    Args:
        mine: Language and text of each passage.
        theirs: As above.
        spotted: Tells what a sentence in a language names.
    """
    left = [(lang, said, dict(spotted(said, lang))) for lang, said in _sentences(mine)]
    right = [(lang, said, dict(spotted(said, lang))) for lang, said in _sentences(theirs)]
    pairs = sorted(
        (
            (-round(score, 6), i, j)
            for i, (_, _, here) in enumerate(left)
            for j, (_, _, there) in enumerate(right)
            if (score := _overlap(here, there)) >= _LEAST_SENTENCE
        ),
    )
    found: list[Quote] = []
    used: set[tuple[str, int]] = set()
    for _, i, j in pairs:
        if ("mine", i) in used or ("theirs", j) in used or len(found) == MOST_QUOTES:
            continue
        used |= {("mine", i), ("theirs", j)}
        language, said, here = left[i]
        other, answered, there = right[j]
        shared = [key for key in here if key in there]
        apart = language != other
        found.append(
            Quote(
                language,
                cut(said, 0),
                cut(answered, 0),
                tuple(dict.fromkeys(here[key] for key in shared)),
                other if apart else None,
                tuple(dict.fromkeys(there[key] for key in shared)) if apart else (),
            )
        )
    return tuple(found)


def _sentences(passages: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    seen: dict[tuple[str, str], None] = {}
    for language, text in passages:
        for start, end in sentences_of(text):
            seen.setdefault((language, text[start:end].strip()))
            if len(seen) >= _MOST_SENTENCES:
                return list(seen)
    return list(seen)


_MOST_SENTENCES = 60


def _overlap(here: Mapping[str, str], there: Mapping[str, str]) -> float:
    both = len(here.keys() & there.keys())
    return both / sqrt(len(here) * len(there)) if both else 0.0
