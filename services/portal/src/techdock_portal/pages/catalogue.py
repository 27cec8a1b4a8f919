"""The catalogue: everything that is published and open to the reader, searched in any language."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape
from starlette.responses import Response

from techdock_portal import words
from techdock_portal.client import ApiProblem, Json
from techdock_portal.codes import codes
from techdock_portal.i18n import N_, Language
from techdock_portal.page import Page
from techdock_portal.routing import Pages
from techdock_portal.texts import join_names

pages = Pages()

PAGE = 20
MOST_LIKE = 10
MOST_CHARACTERS = 400
MOST_CHOICES = 14
MOST_CHOSEN = 20

FACETS = (
    ("kind", N_("Kind")),
    ("field", N_("Technology field")),
    ("country", N_("Country")),
    ("sector", N_("Sector")),
    ("cooperation", N_("Cooperation")),
    ("climate", N_("Climate")),
    ("water", N_("Water")),
    ("power", N_("Power")),
    ("skill_level", N_("Skill")),
    ("price_band", N_("Price")),
    ("certificate", N_("Certificates")),
    ("language", N_("Language of the text")),
)
ONE_OF = frozenset({"kind"})


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that one can filter by, and how many profiles are left then."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter with its values, those in most profiles first."""

    name: str
    label: str
    choices: Sequence[Choice]

    @property
    def chosen(self) -> int:
        """How many values are chosen."""
        return sum(choice.chosen for choice in self.choices)


@dataclass(frozen=True, slots=True)
class _Asked:
    text: str
    cut: bool
    filters: Mapping[str, list[str]]
    trl_from: int
    trl_to: int

    @property
    def narrowed(self) -> bool:
        return any(self.filters.values()) or (self.trl_from, self.trl_to) != (1, 9)


@pages.get("/catalogue")
async def everywhere(page: Page) -> Response:
    """Search all docking events of the reader."""
    page.who  # noqa: B018 - only for people who are signed in
    return await _search(page, None)


@pages.get("/docking-events/{docking_event:uuid}/catalogue")
async def in_one(page: Page) -> Response:
    """Search one docking event."""
    page.who  # noqa: B018 - as above
    found = await page.about(page.path("docking_event"))
    return await _search(page, str(found["id"]))


@pages.get("/docking-events/{docking_event:uuid}/profiles/{profile:uuid}/like")
async def like(page: Page) -> Response:
    """Show what is about the same as a need or an offer, of both kinds."""
    await page.about(page.path("docking_event"))
    profile = await page.registration.get(f"/profiles/{page.path('profile')}")
    path = f"/profiles/{profile['id']}/like"
    kind = profile["kind"]
    other = "offer" if kind == "need" else "need"
    starting = False
    same: Json = {"items": []}
    across: Json = {"items": []}
    try:
        same, across = await asyncio.gather(
            page.matching.get(path, kind=kind, limit=MOST_LIKE),
            page.matching.get(path, kind=other, limit=MOST_LIKE),
        )
    except ApiProblem as problem:
        if not _is_starting(problem):
            raise
        starting = True
    items = [*same["items"], *across["items"]]
    return page.draw(
        "participant/like.html",
        profile=profile,
        starting=starting,
        parts=[(kind, same["items"]), (other, across["items"])],
        **await _beside(page, items),
    )


async def _search(page: Page, docking_event_id: str | None) -> Response:
    asked = _asked(page)
    starting, refused = False, None
    found: Json = {"items": [], "total": 0, "facets": {}}
    try:
        found = await page.matching.get(
            "/search",
            q=asked.text,
            docking_event_id=docking_event_id,
            trl_from=asked.trl_from,
            trl_to=asked.trl_to,
            typing=page.is_part and not page.query("cursor"),
            limit=PAGE,
            cursor=page.query("cursor"),
            **asked.filters,
        )
    except ApiProblem as problem:
        if not (_is_starting(problem) or problem.is_invalid):
            raise
        starting = _is_starting(problem)
        refused = None if starting else problem
    fields = dict(await codes(page, "technology_field"))
    sectors = dict(await codes(page, "isic"))
    return page.draw(
        "participant/catalogue.html",
        asked=asked,
        found=found,
        starting=starting,
        refused_search=refused,
        everywhere=docking_event_id is None,
        facets=list(_facets(page.language, found.get("facets") or {}, asked, fields, sectors)),
        **await _beside(page, found["items"]),
    )


def _is_starting(problem: ApiProblem) -> bool:
    return problem.status == 503  # noqa: PLR2004 - HTTP's "Service Unavailable"


async def _beside(page: Page, items: Sequence[Json]) -> dict[str, Any]:
    names = await join_names(
        page.registration, organizations=[item.get("organization_id") for item in items]
    )
    fields = dict(await codes(page, "technology_field"))
    return {
        "names": names,
        "fields": fields,
        "event_of": lambda item: _event_of(page, item),
        "snippet": _snippet,
        "is_own": lambda item: str(item["organization_id"]) in page.who.organizations,
    }


def _event_of(page: Page, item: Json) -> str:
    """Return the docking event by which the reader gets to a profile."""
    entered = [str(one) for one in item["docking_events"]]
    here = str(page.docking_event["id"]) if page.docking_event else ""
    if here in entered:
        return here
    return next((one for one in entered if page.who.part_in(one)), entered[0])


def _asked(page: Page) -> _Asked:
    query = page.request.query_params
    typed = query.get("q", "").replace("\0", " ").strip()
    filters = {
        name: list(dict.fromkeys(value for value in query.getlist(name) if value))[:MOST_CHOSEN]
        for name, _ in FACETS
    }
    for name in ONE_OF:
        filters[name] = [each for each in filters[name] if each in {"need", "offer"}][:1]
    least, most = _stage(query.get("trl_from"), 1), _stage(query.get("trl_to"), 9)
    return _Asked(
        typed[:MOST_CHARACTERS],
        len(typed) > MOST_CHARACTERS,
        filters,
        min(least, most),
        max(least, most),
    )


def _stage(typed: str | None, usual: int) -> int:
    return int(typed) if typed in set("123456789") else usual


def _facets(
    language: Language,
    counts: Mapping[str, Mapping[str, int]],
    asked: _Asked,
    fields: Mapping[str, str],
    sectors: Mapping[str, str],
) -> Iterator[Facet]:
    def label(name: str, value: str) -> str:
        match name:
            case "country":
                return language.country(value)
            case "language":
                return language.language(value)
            case "field":
                return fields.get(value, value)
            case "sector":
                return sectors.get(value, value)
            case "certificate":
                return words.label(language, "certificates", value)
        return words.label(language, name, value)

    for name, title in FACETS:
        chosen = asked.filters[name]
        known = counts.get(name, {})
        order = sorted(known, key=lambda value: (value not in chosen, -known[value], value))
        shown = [*(value for value in chosen if value not in known), *order]
        if shown:
            yield Facet(
                name,
                language.text(title),
                [
                    Choice(value, label(name, value), known.get(value, 0), value in chosen)
                    for value in shown[: max(MOST_CHOICES, len(chosen))]
                ],
            )


def _snippet(snippet: Json) -> Markup:
    """Return a sentence with the found words in `<mark>`."""
    text, made, last = str(snippet["text"]), Markup(), 0
    for start, end in snippet["marks"]:
        made += escape(text[last:start]) + Markup("<mark>{}</mark>").format(text[start:end])
        last = end
    return made + escape(text[last:])
