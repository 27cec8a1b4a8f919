"""Boards of organizers: who is shown and who is not, and what the next one could be about."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from techdock_portal.board_words import BANDS, BY, REASONS
from techdock_portal.client import ApiProblem, Json
from techdock_portal.codes import codes
from techdock_portal.downloads import csv_file, text_file
from techdock_portal.i18n import N_, Language
from techdock_portal.page import Page
from techdock_portal.routing import Pages
from techdock_portal.texts import best, join_names
from techdock_portal.words import label

pages = Pages()

BASE = "/organize/{docking_event:uuid}/boards"
WHOLE = 100


@dataclass(frozen=True, slots=True)
class Share:
    """A country's part of a side, in profiles and in places held, as counts and in percent."""

    country: str
    profiles: int
    shown: int
    places: int
    of_profiles: int
    of_places: int


@pages.get(BASE)
async def fairness(page: Page) -> Response:
    """Show how evenly lists show needs and offers, and why some are never shown."""
    found = await page.organized()
    board = await page.matching.get(f"/docking-events/{found['id']}/fairness")
    return page.draw(
        "organizer/fairness.html",
        board=board,
        shares={side["kind"]: _shares(side) for side in board["sides"]},
        reasons=_words(page.language, REASONS),
        names=await _names(page, [*board["never"], *board["most"]]),
    )


@pages.get(f"{BASE}/fairness.csv")
async def fairness_file(page: Page) -> Response:
    """Hand out how often each need and offer is shown."""
    found = await page.organized()
    board = await page.matching.get(f"/docking-events/{found['id']}/fairness", everything=True)
    reasons = _words(page.language, REASONS)
    names = await _names(page, board["profiles"])
    header = [
        page.text(N_("Kind")),
        page.text(N_("Title")),
        page.text(N_("Organization")),
        page.text(N_("Country")),
        page.text(N_("Among the first 10 of so many lists")),
        page.text(N_("Among the first 20 of so many lists")),
        page.text(N_("Best place")),
        page.text(N_("Why it is never shown")),
        "id",
    ]
    rows = (
        (
            label(page.language, "kind", one["kind"]),
            best(one["title"], page.language.tag).text,
            names.organization(one["organization_id"]).native,
            one["country"],
            one["first_10"],
            one["first_20"],
            one["best"],
            reasons.get(one["reason"] or "", ""),
            one["profile_id"],
        )
        for one in board["profiles"]
    )
    return csv_file(f"{found['code']}-fairness.csv", header, rows)


@pages.get(f"{BASE}/unmet")
async def unmet(page: Page) -> Response:
    """Show the needs without a good match by country, field and stage, the largest first."""
    found = await page.organized()
    board = await _unmet(page, found)
    needs = [need for cell in board["cells"] for need in cell["needs"]]
    return page.draw(
        "organizer/unmet.html",
        board=board,
        largest=max((len(cell["needs"]) for cell in board["cells"]), default=1),
        fields=dict(await codes(page, "technology_field")),
        bands=_words(page.language, BANDS),
        names=await _names(page, needs),
        by=_by(page),
        ways={code: page.language.word(*word) for code, word in BY.items()},
        query=lambda cell: _query(page, cell),
    )


@pages.get(f"{BASE}/unmet.csv")
async def unmet_file(page: Page) -> Response:
    """Hand out the needs without a good match."""
    found = await page.organized()
    board = await page.matching.get(f"/docking-events/{found['id']}/unmet-needs")
    fields = dict(await codes(page, "technology_field"))
    names = await _names(page, [need for cell in board["cells"] for need in cell["needs"]])
    header = [
        page.text(N_("Country")),
        page.text(N_("Technology field")),
        page.text(N_("Readiness level sought")),
        page.text(N_("Title")),
        page.text(N_("Organization")),
        page.text(N_("Offers in its list")),
        "id",
    ]
    rows = (
        (
            cell["country"],
            _field(cell, fields),
            "" if need["trl_least"] is None and need["trl_most"] is None
            # A hyphen between digits would become a date in spreadsheets.
            else f"{need['trl_least'] or 1} … {need['trl_most'] or 9}",
            best(need["title"], page.language.tag).text,
            names.organization(need["organization_id"]).native,
            need["offers"],
            need["profile_id"],
        )
        for cell in board["cells"]
        for need in cell["needs"]
    )  # fmt: skip
    return csv_file(f"{found['code']}-unmet-needs.csv", header, rows)


@pages.get(f"{BASE}/unmet/brief")
async def brief(page: Page) -> Response:
    """Propose one cell as the theme of the next docking event: a page to print."""
    found = await page.organized()
    cell = await _cell(page, found)
    return page.draw(
        "organizer/brief.html",
        cell=cell,
        theme=await _theme(page, cell),
        facts=await _facts(page, found, cell),
        query=_query(page, cell),
        by=_by(page),
    )


@pages.get(f"{BASE}/unmet/brief.txt")
async def brief_file(page: Page) -> Response:
    """Hand out the same as a text file."""
    found = await page.organized()
    cell = await _cell(page, found)
    lines = [
        page.text(N_("Proposed theme of a docking event")),
        await _theme(page, cell),
        "",
        *(
            f"{name}: {page.language.listed(values)}"
            for name, values in await _facts(page, found, cell)
        ),
        "",
        page.text(N_("What is sought")),
        *(f"- {best(need['title'], page.language.tag).text}" for need in cell["needs"]),
    ]
    return text_file(f"{found['code']}-theme.txt", lines)


async def _cell(page: Page, found: Json) -> Json:
    board = await _unmet(page, found)
    wanted = (page.query("country"), page.query("field"), page.query("trl"))
    cells: list[Json] = board["cells"]
    for cell in cells:
        if (
            cell["country"] or "",
            str(cell["technology_field"] or ""),
            cell["trl"] or "",
        ) == wanted:
            return cell
    raise ApiProblem(404, "not_found")


async def _theme(page: Page, cell: Json) -> str:
    fields = dict(await codes(page, "technology_field"))
    field = _field(cell, fields) or page.text(N_("Technology field not stated"))
    return f"{field} · {page.language.country(cell['country'])}" if cell["country"] else field


async def _facts(page: Page, found: Json, cell: Json) -> list[tuple[str, list[str]]]:
    language = page.language
    wanted = dict.fromkeys(code for need in cell["needs"] for code in need["cooperation"])
    facts = [
        (page.text(N_("Needs without a good match")), [language.number(len(cell["needs"]))]),
        (page.text(N_("Organizations that have them")), [language.number(cell["organizations"])]),
        (page.text(N_("Stage sought")), _stage(page, cell)),
        (
            page.text(N_("Forms of cooperation")),
            [label(language, "cooperation", code) for code in wanted],
        ),
        (
            page.text(N_("Named most often")),
            [each["word"] for each in cell["keywords"]],
        ),
        (page.text(N_("From the docking event")), [best(found["names"], language.tag).text]),
    ]
    return [(name, values) for name, values in facts if values]


def _stage(page: Page, cell: Json) -> list[str]:
    """Return the stage in words; nothing where stages are not told apart."""
    if _by(page) == "field":
        return []
    return [_words(page.language, BANDS)[cell["trl"] or ""]]


def _by(page: Page) -> str:
    wanted = page.query("by")
    return wanted if wanted in BY else next(iter(BY))


async def _unmet(page: Page, found: Json) -> Json:
    return await page.matching.get(f"/docking-events/{found['id']}/unmet-needs", by=_by(page))


def _shares(side: Json) -> list[Share]:
    profiles = max(side["profiles"], 1)
    places = max(sum(each["places"] for each in side["by_country"]), 1)
    return [
        Share(
            each["country"],
            each["profiles"],
            each["shown"],
            each["places"],
            round(WHOLE * each["profiles"] / profiles),
            round(WHOLE * each["places"] / places),
        )
        for each in side["by_country"]
    ]


def _field(cell: Json, fields: Mapping[str, str]) -> str:
    code = cell["technology_field"]
    return "" if code is None else fields.get(str(code), str(code))


def _query(page: Page, cell: Json) -> str:
    return urlencode(
        {
            "by": _by(page),
            "country": cell["country"] or "",
            "field": cell["technology_field"] or "",
            "trl": cell["trl"] or "",
        }
    )


def _words(language: Language, words: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    return {code: language.word(*word) for code, word in words.items()}


async def _names(page: Page, those: list[Json]) -> Any:
    ids = list(dict.fromkeys(each["organization_id"] for each in those))
    return await join_names(page.registration, organizations=ids)
