"""Language as data: texts in versions, names in two scripts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from techdock_registration.domain.rules import Findings, is_language

STATUSES = ("machine", "human", "approved")
MOST_CHARACTERS = 65_536
MOST_VERSIONS = 20
MOST_NAME_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Version:
    """The text in one language.

    Attributes:
        status: machine, human or approved.
    """

    text: str
    status: str = "human"


@dataclass(frozen=True, slots=True)
class Text:
    """A text in its original language and any number of others.

    Attributes:
        original: BCP 47 tag of the language it was written in.
        versions: By BCP 47 tag; the original is among them.
    """

    original: str
    versions: Mapping[str, Version]

    def __post_init__(self) -> None:
        found = Findings()
        found.expect(
            self.original in self.versions,
            "original",
            "a language of versions",
            self.original,
        )
        found.expect(
            len(self.versions) <= MOST_VERSIONS,
            "versions",
            f"at most {MOST_VERSIONS} languages",
            len(self.versions),
        )
        for tag, version in self.versions.items():
            found.expect(is_language(tag), "versions", "a BCP 47 tag such as ru or zh-Hans", tag)
            found.text(f"versions.{tag}.text", version.text, MOST_CHARACTERS, empty=True)
            found.expect(
                version.status in STATUSES,
                f"versions.{tag}.status",
                ", ".join(STATUSES),
                version.status,
            )
        found.settle("text")

    @classmethod
    def of(cls, language: str, text: str) -> Self:
        """Return a text that has only its original."""
        return cls(language, {language: Version(text)})

    @property
    def first(self) -> str:
        """The text as it was written."""
        return self.versions[self.original].text

    def best(self, *languages: str) -> str:
        """Return the version in the first of the languages that there is, else the original."""
        for language in languages:
            if language in self.versions and self.versions[language].text:
                return self.versions[language].text
        return self.first


@dataclass(frozen=True, slots=True)
class Names:
    """A name in its own script, and in Latin letters where that differs."""

    native: str
    latin: str | None = None

    def __post_init__(self) -> None:
        found = Findings()
        found.text("names.native", self.native, MOST_NAME_CHARACTERS)
        if self.latin is not None:
            found.text("names.latin", self.latin, MOST_NAME_CHARACTERS)
        found.settle("names")
