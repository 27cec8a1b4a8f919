"""Language packs: bilingual lexicons that an operator makes of dictionaries they have.

A pack is a folder with `pack.json`, which says what it is made of, and `lexicon.csv`, in the
columns of the glossary. Its concepts belong to no technology field.
"""

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import file_digest, sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from typing_extensions import override

from techdock_matching.adapters import dictionary_files
from techdock_matching.adapters.dictionary_files import Read
from techdock_matching.adapters.glossary import BrokenFile, rows
from techdock_matching.domain.glossary.check import MOST_TERMS, SCRIPTS, compared
from techdock_matching.domain.glossary.concept import COLUMNS, LANGUAGES, SEPARATOR, Concept
from techdock_matching.domain.ranking.lexicon import Lexicon, Spot
from techdock_matching.domain.ranking.normal import script_of

log = structlog.get_logger(__name__)

MANIFEST, LEXICON = "pack.json", "lexicon.csv"
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

_LEAST_LETTERS = {"zh": 2}
_USUAL_LEAST = 3
_LONGEST = 60
_NO_FIELD = 0


class Source(BaseModel):
    """A dictionary that a pack was made of."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str
    title: str
    licence: str
    languages: tuple[str, ...]
    rows: int
    sha256: str


class Manifest(BaseModel):
    """What a pack says of itself.

    Attributes:
        terms: Count by language.
        sha256: Of `lexicon.csv`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    name: str = Field(pattern=f"^{NAME.pattern}$", max_length=60)
    version: str = Field(min_length=1, max_length=40)
    sources: tuple[Source, ...]
    concepts: int
    terms: Mapping[str, int]
    sha256: str


@dataclass(slots=True)
class _Growing:
    """Meanings as they are read: terms by meaning and language."""

    terms: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)

    def add(self, concept: str, language: str, term: str) -> None:
        plain = unicodedata.normalize("NFC", term)
        if _usable(plain, language):
            of = self.terms.setdefault(concept, {}).setdefault(language, {})
            of.setdefault(compared(plain), plain)

    def settled(self) -> Iterator[tuple[str, Mapping[str, Sequence[str]]]]:
        """Yield the meanings that bridge languages, without the words that have several."""
        uses = Counter(
            (language, key)
            for by_language in self.terms.values()
            for language, terms in by_language.items()
            for key in terms
        )
        for concept in sorted(self.terms):
            left = {
                language: [term for key, term in terms.items() if uses[language, key] == 1]
                for language, terms in self.terms[concept].items()
            }
            kept = {each: terms[:MOST_TERMS] for each, terms in left.items() if terms}
            if len(kept) > 1:
                yield concept, kept


def _usable(term: str, language: str) -> bool:
    least = _LEAST_LETTERS.get(language, _USUAL_LEAST)
    return (
        least <= len(term) <= _LONGEST
        and SEPARATOR not in term
        and term == " ".join(term.split())
        and script_of(term) is SCRIPTS[language]
    )


def build(
    out: Path, version: str, wordnets: Sequence[Path], cedict: Path | None, *, partial: bool
) -> tuple[Manifest | None, Sequence[str]]:
    """Make a pack; return what it says of itself, and what was wrong with rows of the files.

    Args:
        out: Folder that is made; its name becomes the pack's.
        partial: Whether wrong rows are left out; else one of them and no pack is made.

    Raises:
        BrokenFile: A file is no such dictionary, nothing is in them, or `out` cannot be used.
    """
    name = out.resolve().name
    if not NAME.fullmatch(name):
        raise BrokenFile(f"expected a name like omw-cedict for the pack, found {name!r}")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BrokenFile(f"{out} is there already: name a new folder")
    growing = _Growing()
    read: list[tuple[Path, Read]] = []
    for file in wordnets:
        read.append((file, told := Read()))
        for synset, language, term in dictionary_files.wordnet(file, told):
            growing.add(f"wn-{synset}", language, term)
    if cedict is not None:
        read.append((cedict, told := Read()))
        _add_cedict(growing, dictionary_files.cedict(cedict, told))
    wrong = [each for _, one in read for each in one.wrong]
    if wrong and not partial:
        return None, wrong
    found = list(growing.settled())
    if not found:
        raise BrokenFile("nothing in these files says the same in two of our languages")
    sources = tuple(_source(file, one) for file, one in read)
    return _written(out, name, version, sources, found), wrong


def _add_cedict(
    growing: _Growing, entries: Iterable[tuple[tuple[str, ...], tuple[str, ...]]]
) -> None:
    """Add entries: to the meaning of a wordnet where their English names exactly one."""
    known: dict[str, set[str]] = {}
    for concept, by_language in growing.terms.items():
        for key in by_language.get("en", ()):
            known.setdefault(key, set()).add(concept)
    for chinese, english in entries:
        same = {one for term in english for one in known.get(compared(term), ())}
        own = f"cedict-{sha256(chinese[0].encode()).hexdigest()[:12]}"
        concept = same.pop() if len(same) == 1 else own
        for language, terms in (("zh", chinese), ("en", english)):
            for term in terms:
                growing.add(concept, language, term)


def _source(file: Path, read: Read) -> Source:
    return Source(
        file=file.name,
        title=read.title,
        licence=read.licence or "not told",
        languages=tuple(sorted(read.languages)),
        rows=read.rows,
        sha256=_digest(file),
    )


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return file_digest(opened, "sha256").hexdigest()


def _written(
    out: Path,
    name: str,
    version: str,
    sources: tuple[Source, ...],
    found: Sequence[tuple[str, Mapping[str, Sequence[str]]]],
) -> Manifest:
    """Write a pack whole under another name first."""
    out.resolve().parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".pack-", dir=out.resolve().parent) as work:
        fresh = Path(work) / name
        fresh.mkdir()
        with (fresh / LEXICON).open("w", encoding="utf-8", newline="") as opened:
            writer = csv.writer(opened, lineterminator="\n")
            writer.writerow(COLUMNS)
            for concept, terms in found:
                cells = (SEPARATOR.join(terms.get(language, ())) for language in LANGUAGES)
                writer.writerow((concept, "", "", *cells))
        counts = Counter(dict.fromkeys(LANGUAGES, 0))
        for _, terms in found:
            counts.update({language: len(each) for language, each in terms.items()})
        manifest = Manifest(
            name=name,
            version=version,
            sources=sources,
            concepts=len(found),
            terms=counts,
            sha256=_digest(fresh / LEXICON),
        )
        (fresh / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
        if out.exists():
            out.rmdir()
        fresh.replace(out)
    return manifest


def in_folder(folder: Path) -> Sequence[Path]:
    """Return the packs of a folder, whole or not, by name."""
    if not folder.is_dir():
        return ()
    return sorted(one for one in folder.iterdir() if one.is_dir() and one.name[0] != ".")


def manifest_of(pack: Path) -> Manifest:
    """Return what a pack says of itself, after a look at whether that is true.

    Raises:
        BrokenFile: It is damaged; says which file, what was expected and found.
    """
    try:
        manifest = Manifest.model_validate_json((pack / MANIFEST).read_bytes())
        found = _digest(pack / LEXICON)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise BrokenFile(f"{pack.name}/{MANIFEST}: {where}: {first['msg']}") from error
    except OSError as error:
        missing = Path(str(error.filename)).name
        raise BrokenFile(f"{pack.name}/{missing}: {error.strerror}") from error
    if found != manifest.sha256:
        expected = f"expected SHA-256 {manifest.sha256[:12]}..., found {found[:12]}..."
        raise BrokenFile(f"{pack.name}/{LEXICON} was changed or damaged: {expected}")
    return manifest


def concepts_in(folder: Path) -> Iterator[Concept]:
    """Yield the concepts of all packs of a folder; the log says which are left out, and why."""
    if not folder.is_dir():
        log.error("language packs are missing", folder=str(folder))
    for pack in in_folder(folder):
        try:
            manifest = manifest_of(pack)
            found = [_concept(row.cells, pack.name) for row in rows(pack / LEXICON)]
        except (BrokenFile, OSError) as error:
            log.error(  # noqa: TRY400 - the reason is told, and where it came from is no use
                "a language pack is left out", pack=pack.name, reason=str(error)
            )
            continue
        log.info("a language pack is used", pack=manifest.name, version=manifest.version)
        yield from found


def _concept(cells: Mapping[str, str], pack: str) -> Concept:
    terms = {each: tuple(cells[each].split(SEPARATOR)) for each in LANGUAGES if cells[each]}
    return Concept(f"{pack}:{cells['concept']}", _NO_FIELD, None, terms)


class Layered(Lexicon):
    """Two lexicons; where both find something in a place, the first one is right."""

    def __init__(self, first: Lexicon, second: Lexicon) -> None:
        """Take ours first."""
        self._first, self._second = first, second

    @property
    @override
    def fingerprint(self) -> bytes:
        return sha256(self._first.fingerprint + self._second.fingerprint).digest()

    @override
    def spot(self, text: str, language: str) -> Sequence[Spot]:
        found = self._first.spot(text, language)
        taken = iter([*found, Spot(len(text), len(text), "", _NO_FIELD)])
        ahead = next(taken)
        beside = []
        for spot in self._second.spot(text, language):
            while ahead.end <= spot.start and ahead.concept:
                ahead = next(taken)
            if spot.end <= ahead.start:
                beside.append(spot)
        return sorted((*found, *beside)) if beside else found
