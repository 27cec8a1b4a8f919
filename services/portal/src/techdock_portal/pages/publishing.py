"""Before it is published: what names somebody, and what says the same; a person decides."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from techdock_portal.client import ApiProblem, Json, same
from techdock_portal.i18n import N_
from techdock_portal.naming_words import KINDS, WHY
from techdock_portal.page import Page
from techdock_portal.quotes import marked
from techdock_portal.refusals import refused
from techdock_portal.routing import Pages
from techdock_portal.texts import join_names

pages = Pages()

STEP = "/docking-events/{docking_event:uuid}/profiles/{profile:uuid}/publish"
PATIENCE_S = 4.0
"""A publication does not wait longer for the look for similar ones."""
OPEN = "open"


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found before publishing.

    Attributes:
        naming: Places in open texts that name somebody, as registration tells them.
        alike: Published profiles that say the same; None when nobody could look for them.
    """

    naming: list[Json] = field(default_factory=list)
    alike: list[Json] | None = None

    def __bool__(self) -> bool:
        return bool(self.naming or self.alike)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text; with a number where it names somebody."""

    text: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class Passage:
    """A version of a field in which something was found, cut at what was found."""

    field: str
    language: str
    pieces: tuple[Piece, ...]


async def look(page: Page, profile: Json) -> Looked:
    """Look for names and for similar ones, side by side."""
    checks, alike = await asyncio.gather(
        page.registration.get(f"/profiles/{profile['id']}/checks"), _alike(page, profile)
    )
    return Looked(list(checks["naming"]), alike)


async def publish(page: Page, profile: Json) -> None:
    """Bring a draft through submission to publication; a published one is a new revision."""
    state, version = profile["state"], profile["version"]
    for at, to in (("draft", "submitted"), ("submitted", "published")):
        if state == at:
            path = f"/profiles/{profile['id']}/state"
            answer = await page.registration.post(path, {"to": to}, version=version)
            state = answer.get("state", to)
            version = answer.get("version", version)


def published(page: Page, profile: Json, looked: Looked) -> Response:
    """Lead on to the matches of what was published just now."""
    said = N_("Published. It stands in the lists of those whom it fits within a second.")
    if looked.alike is None:
        said = N_("Published. Similar ones could not be looked for just now.")
    return page.go(
        f"/docking-events/{page.path('docking_event')}/matches?profile={profile['id']}", said
    )


@pages.get(STEP)
async def step(page: Page) -> Response:
    """Show what was found, with what can be done about it."""
    return await _step(page, await _own(page))


@pages.post(STEP)
async def go_on(page: Page) -> Response:
    """Publish it as it is: the person has seen what was found."""
    profile = await _own(page)
    try:
        await publish(page, {**profile, "version": await page.version()})
    except ApiProblem as problem:
        if not problem.is_for_the_form:
            raise
        fresh = await page.registration.get(f"/profiles/{profile['id']}")
        return await _step(page, fresh, refused(page.language, problem), problem.status)
    return published(page, profile, Looked(alike=[]))


async def _own(page: Page) -> Json:
    _, part = await page.taken_part_in()
    found = await page.registration.get(f"/profiles/{page.path('profile')}")
    if not same(found["organization_id"], part["organization_id"]):
        raise ApiProblem(404, "not_found")
    return found


async def _alike(page: Page, profile: Json) -> list[Json] | None:
    """Return published profiles that say the same; None when matching cannot look now."""
    levels = profile.get("disclosure") or {}
    texts = {
        name: {tag: version["text"] for tag, version in text["versions"].items()}
        for name, text in profile["texts"].items()
        if levels.get(name, OPEN) == OPEN
    }
    body = {
        "kind": profile["kind"],
        "texts": texts,
        "organization_id": profile["organization_id"],
        "exclude": profile["id"],
    }
    try:
        async with asyncio.timeout(PATIENCE_S):
            found = await page.matching.post("/duplicates", body)
    except (ApiProblem, TimeoutError):
        # A help to the person, and no condition: whatever is wrong there, publishing goes on.
        return None
    return list(found.get("items", ()))


async def _step(page: Page, profile: Json, general: object = "", status: int = 200) -> Response:
    looked = await look(page, profile)
    book = await join_names(
        page.registration, organizations=[each["organization_id"] for each in looked.alike or ()]
    )
    language = page.language
    return page.draw(
        "participant/publish.html",
        status,
        profile=profile,
        looked=looked,
        passages=list(passages(profile, looked.naming)),
        kinds={code: language.word(*word) for code, word in KINDS.items()},
        whys={code: language.word(*word) for code, word in WHY.items()},
        names=book,
        marked=marked,
        general=general,
    )


def passages(profile: Json, naming: list[Json]) -> Iterator[Passage]:
    """Yield each text in which something was found, once, cut at what was found.

    Findings are numbered from 1 in the order given; a text holds them in that order.
    """
    grouped: dict[tuple[str, str], list[tuple[int, Json]]] = {}
    for number, each in enumerate(naming, start=1):
        grouped.setdefault((each["field"], each["language"]), []).append((number, each))
    for (name, tag), found in grouped.items():
        text = _text(profile, name, tag)
        if text is None:
            yield Passage(name, tag, tuple(Piece(each["text"], n) for n, each in found))
            continue
        pieces, last = [], 0
        for number, each in found:
            pieces.append(Piece(text[last : each["start"]]))
            pieces.append(Piece(text[each["start"] : each["end"]], number))
            last = each["end"]
        pieces.append(Piece(text[last:]))
        yield Passage(name, tag, tuple(piece for piece in pieces if piece.text))


def _text(profile: Json, name: str, tag: str) -> str | None:
    versions: dict[str, Any] = (profile["texts"].get(name) or {}).get("versions") or {}
    return versions[tag]["text"] if tag in versions else None
