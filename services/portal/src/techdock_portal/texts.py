"""Language as data: which version of a text a reader gets, and how names are written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup
from typing_extensions import override

from techdock_portal.client import Api, Json
from techdock_portal.i18n import direction_of


@dataclass(frozen=True, slots=True)
class Shown:
    """One version of a text.

    Attributes:
        status: human, machine or approved.
        original: Tag of the original language when this is a translation of it, else None.
    """

    text: str
    tag: str
    status: str = "human"
    original: str | None = None

    def __bool__(self) -> bool:
        return bool(self.text)

    @override
    def __str__(self) -> str:
        return self.text

    def __html__(self) -> str:
        """Keep a foreign text apart from the sentence around it, in its own direction."""
        if not self.text:
            return ""
        return Markup('<bdi lang="{}" dir="{}">{}</bdi>').format(
            self.tag, direction_of(self.tag), self.text
        )


NOTHING = Shown("", "en")


def best(text: Mapping[str, Any] | str | None, language: str) -> Shown:
    """Return the version for a reader: theirs, else English, else the original."""
    if isinstance(text, str):
        return Shown(text, language)
    if not isinstance(text, Mapping):
        return NOTHING  # Nothing, or what a template calls undefined.
    versions: Mapping[str, Json] = text.get("versions") or {}
    original = str(text.get("original") or next(iter(versions), "en"))
    start = language.split("-", maxsplit=1)[0]
    same = [tag for tag in versions if tag == language] or [
        tag for tag in versions if tag.split("-")[0] == start
    ]
    for tag in [*same, "en", original, *versions]:
        version = versions.get(tag)
        if version and version.get("text"):
            foreign = None if tag == original else original
            return Shown(version["text"], tag, version.get("status", "human"), foreign)
    return NOTHING


def others(text: Mapping[str, Any] | None, shown: Shown) -> list[Shown]:
    """Return the other versions of a text, such as the names in other languages."""
    versions: Mapping[str, Json] = text.get("versions") or {} if text else {}
    return [
        Shown(version["text"], tag, version.get("status", "human"))
        for tag, version in versions.items()
        if tag != shown.tag and version.get("text") and version["text"] != shown.text
    ]


def original(text: Mapping[str, Any] | None) -> Shown:
    """Return a text as it was written."""
    tag = str((text or {}).get("original") or "en")
    version = ((text or {}).get("versions") or {}).get(tag) or {}
    return Shown(version.get("text", ""), tag, version.get("status", "human"))


@dataclass(frozen=True, slots=True)
class Named:
    """A name in its own script and in Latin letters."""

    native: str
    latin: str = ""
    tag: str = ""
    country: str = ""
    kind: str = ""
    organization_id: str = ""

    def __bool__(self) -> bool:
        return bool(self.native or self.latin)

    @override
    def __str__(self) -> str:
        return self.native or self.latin

    def __html__(self) -> str:
        """Native form first, the Latin one beside it."""
        first = self.native or self.latin
        if not first:
            return ""
        lang = Markup(' lang="{}"').format(self.tag) if self.tag and self.native else Markup()
        name = Markup("<bdi{}>{}</bdi>").format(lang, first)
        if self.latin and self.latin != first:
            name += Markup(" · <bdi>{}</bdi>").format(self.latin)
        return name

    @property
    def short(self) -> Markup:
        """The form that most readers can read, alone: for cells with little room."""
        return Markup("<bdi>{}</bdi>").format(self.latin or self.native)


def named(names: Mapping[str, Any] | None, **more: str) -> Named:
    """Read a name of the interface: native and latin, perhaps language, country, kind."""
    given = names if isinstance(names, Mapping) else {}
    return Named(
        given.get("native") or "",
        given.get("latin") or "",
        given.get("language") or "",
        more.get("country") or given.get("country") or "",
        more.get("kind") or given.get("kind") or "",
        str(given.get("organization_id") or ""),
    )


@dataclass(slots=True)
class NameBook:
    """The names on one page, joined from registration in one batch."""

    persons: dict[str, Named] = field(default_factory=dict)
    participations: dict[str, Named] = field(default_factory=dict)
    organizations: dict[str, Named] = field(default_factory=dict)

    def person(self, ident: object) -> Named:
        """Return the name of a person; empty when it may not be known."""
        return self.persons.get(str(ident), Named(""))

    def participation(self, ident: object) -> Named:
        """Return the name of the organization that takes part."""
        return self.participations.get(str(ident), Named(""))

    def organization(self, ident: object) -> Named:
        """Return the name of an organization."""
        return self.organizations.get(str(ident), Named(""))


MOST_NAMES = 500


async def join_names(
    registration: Api,
    *,
    persons: Iterable[object] = (),
    participations: Iterable[object] = (),
    organizations: Iterable[object] = (),
    docking_event_id: object = None,
) -> NameBook:
    """Fetch the names for ids; what may not be known stays out.

    Args:
        docking_event_id: Those who interpret there are named, too.
    """
    wanted = {
        "person_ids": sorted({str(ident) for ident in persons if ident}),
        "participation_ids": sorted({str(ident) for ident in participations if ident}),
        "organization_ids": sorted({str(ident) for ident in organizations if ident}),
    }
    book = NameBook()
    while any(wanted.values()):
        body: Json = {key: ids[:MOST_NAMES] for key, ids in wanted.items() if ids}
        if docking_event_id:
            body["docking_event_id"] = str(docking_event_id)
        found = await registration.post("/names", body)
        for into, key in (
            (book.persons, "persons"),
            (book.participations, "participations"),
            (book.organizations, "organizations"),
        ):
            into.update({ident: named(names) for ident, names in (found.get(key) or {}).items()})
        wanted = {key: ids[MOST_NAMES:] for key, ids in wanted.items()}
    return book
