"""Sentences of both sides with what they share marked in them."""

import re

from markupsafe import Markup, escape

WORD = re.compile(r"\w+(?:[-'\N{RIGHT SINGLE QUOTATION MARK}]\w+)*")
# Chinese and Japanese write no blanks: there a term is looked for inside the run of letters.
RUN_ON = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
ARABIC_PREFIXES = ("\u0648\u0627\u0644", "\u0628\u0627\u0644", "\u0644\u0644",
                   "\u0627\u0644", "\u0648", "\u0628", "\u0644")  # fmt: skip
LEAST_STEM = 4


def marked(sentence: str, terms: list[str]) -> Markup:
    """Return a sentence with the shared words in `<mark>`, whatever their endings are.

    Args:
        sentence: As it was written.
        terms: Shared words, each as one of the two sides wrote it.
    """
    whole = [term for term in terms if RUN_ON.search(term)]
    stems = {_bare(word) for term in terms for word in WORD.findall(term.lower())}
    spans = [
        hit.span()
        for hit in WORD.finditer(sentence)
        if not RUN_ON.search(hit[0]) and _is_kin(_bare(hit[0].lower()), stems)
    ]
    for term in whole:
        spans += [hit.span() for hit in re.finditer(re.escape(term), sentence)]
    made, last = Markup(), 0
    for start, end in sorted(spans):
        if start < last:
            continue
        made += escape(sentence[last:start])
        made += Markup("<mark>{}</mark>").format(sentence[start:end])
        last = end
    return made + escape(sentence[last:])


def _bare(word: str) -> str:
    """Take Arabic articles and particles off the front of a word."""
    for prefix in ARABIC_PREFIXES:
        if word.startswith(prefix) and len(word) - len(prefix) >= LEAST_STEM - 1:
            return word.removeprefix(prefix)
    return word


def _is_kin(word: str, stems: set[str]) -> bool:
    """Say whether a word is one of the others but for its ending."""
    for stem in stems:
        least = max(LEAST_STEM, (2 * max(len(stem), len(word)) + 2) // 3)
        if word == stem or (
            len(stem) >= LEAST_STEM and word[:least] == stem[:least] and len(word) >= least
        ):
            return True
    return False
