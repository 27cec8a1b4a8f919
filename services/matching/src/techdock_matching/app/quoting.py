"""A quoted sentence in the other languages that its text has been put into."""

from collections.abc import Mapping

from techdock_contracts.texts import Text, Version

from techdock_matching.domain.ranking.sentences import CUT, cut, sentences_of


def versions_of(quoted: str, texts: Mapping[str, Text]) -> dict[str, Version]:
    """Return the same sentence by BCP 47 tag, with how each version came about.

    A version is aligned sentence by sentence: where it has not as many sentences as the quoted
    one, nobody knows which of them is meant, and it is left out.

    Args:
        quoted: A sentence of one of the texts, perhaps cut.
        texts: Of the quoted profile, by field.
    """
    core = quoted.strip(CUT).strip()
    if not core:
        return {}
    for text in texts.values():
        for tag, version in text.versions.items():
            at = version.text.find(core)
            if at < 0:
                continue
            spans = list(sentences_of(version.text))
            index = next((n for n, (_, end) in enumerate(spans) if at < end), None)
            if index is None:
                continue
            share = (at - spans[index][0]) / max(1, spans[index][1] - spans[index][0])
            return _others(text, tag, index, len(spans), share)
    return {}


def _others(text: Text, tag: str, index: int, count: int, share: float) -> dict[str, Version]:
    found: dict[str, Version] = {}
    for other, version in text.versions.items():
        spans = list(sentences_of(version.text))
        if other != tag and len(spans) == count:
            start, end = spans[index]
            sentence = version.text[start:end].strip()
            around = cut(sentence, round(share * len(sentence)))
            found[other] = Version(text=around, status=version.status)
    return found
