"""Sentences of both sides with what they share marked in them."""

import re

from markupsafe import Markup, escape

STARRED = re.compile(r"\*\*(.+?)\*\*")


def marked(sentence: str, terms: list[str]) -> Markup:
    """Return a sentence with the shared words in `<mark>`.

    Args:
        sentence: May mark words itself, as **word**.
        terms: Shared words or beginnings of words.
    """
    if STARRED.search(sentence):
        # What stands between the stars is escaped before the tags go round it.
        return Markup(STARRED.sub(r"<mark>\1</mark>", str(escape(sentence))))  # noqa: S704 - escaped
    words = sorted({term for term in terms if len(term) > 1}, key=len, reverse=True)
    if not words:
        return escape(sentence)
    pattern = re.compile("|".join(re.escape(word) for word in words), re.IGNORECASE)
    made, last = Markup(), 0
    for hit in pattern.finditer(sentence):
        made += escape(sentence[last : hit.start()]) + Markup("<mark>{}</mark>").format(hit[0])
        last = hit.end()
    return made + escape(sentence[last:])
