"""techdock search, techdock rank: the catalogue and the ranking on a terminal."""

import asyncio
import json
from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

import typer

from techdock_embedded.client import Client, Json, Refused
from techdock_embedded.commands.app import (
    MaybeData,
    Token,
    Url,
    client,
    do,
    errors,
    fail,
    out,
    techdock,
)
from techdock_embedded.commands.transfer import event_id

Text = Annotated[str, typer.Argument(help="Words in any language; in quotes: side by side.")]
ProfileId = Annotated[UUID, typer.Argument(help="Id of a published need or offer.")]
Kind = Annotated[Literal["need", "offer"] | None, typer.Option("--kind")]
Countries = Annotated[list[str] | None, typer.Option("--country", help="ISO 3166-1, like KZ.")]
Fields = Annotated[list[str] | None, typer.Option("--field", help="WIPO technology field, 1-35.")]
Sectors = Annotated[list[str] | None, typer.Option("--sector", help="ISIC division, like 01.")]
Languages = Annotated[list[str] | None, typer.Option("--language", help="Of the text, like ru.")]
Least = Annotated[int, typer.Option("--trl-from", min=1, max=9)]
Most = Annotated[int, typer.Option("--trl-to", min=1, max=9)]
DockingEvent = Annotated[str | None, typer.Option("--docking-event", help="Its code or id.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=50)]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document, as the interface has it.")]

MOST_CHARACTERS = 400
PATIENCE_S = 60.0
POLL_S = 0.3


@techdock.command("search")
def search_command(
    text: Text,
    data: MaybeData = None,
    url: Url = None,
    token: Token = None,
    kind: Kind = None,
    country: Countries = None,
    field: Fields = None,
    sector: Sectors = None,
    language: Languages = None,
    trl_from: Least = 1,
    trl_to: Most = 9,
    docking_event: DockingEvent = None,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """Search the published needs and offers, in any language."""
    if len(text) > MOST_CHARACTERS:
        fail(f"expected at most {MOST_CHARACTERS} characters to look for, found {len(text):,}")
    if "\0" in text:
        fail("expected text to look for, found U+0000 in it")

    async def work() -> Json:
        async with client(data, url, token, ranking=True) as api:
            where = None if docking_event is None else await event_id(api, docking_event)
            return await _ask(
                api,
                "matching/v1/search",
                q=text,
                docking_event_id=where,
                kind=kind,
                country=country,
                field=field,
                sector=sector,
                language=language,
                trl_from=trl_from,
                trl_to=trl_to,
                limit=limit,
            )

    found = do(work)
    if as_json:
        _print_json(found)
    else:
        _print_found(found)


@techdock.command("rank")
def rank_command(
    profile: ProfileId,
    data: MaybeData = None,
    url: Url = None,
    token: Token = None,
    docking_event: DockingEvent = None,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """Rank the other side for a need or an offer, with reasons."""

    async def work() -> Json:
        async with client(data, url, token, ranking=True) as api:
            where = None if docking_event is None else await event_id(api, docking_event)
            path = f"matching/v1/profiles/{profile}/counterparts"
            return await _ask(api, path, docking_event_id=where, limit=limit)

    found = do(work)
    if as_json:
        _print_json(found)
        return
    for item in found["items"]:
        _print_item(item, f"{item['rank']:>3}  {item['strength']:<9}")
        for reason in item["reasons"][:4]:
            mark = {True: "+", False: "-"}.get(reason["fits"], "?")
            out.print(f"     {mark} {reason['code']}: {_said(reason['params'])}", markup=False)
    if not found["items"]:
        errors.print("Nobody on the other side fits.")


async def _ask(api: Client, path: str, **query: Any) -> Json:
    """Ask the ranker; that of a folder reads the database first, and titles must not do."""
    ends = asyncio.get_running_loop().time() + PATIENCE_S
    while True:
        late = asyncio.get_running_loop().time() > ends
        try:
            found = await api.get(path, **query)
        except Refused as refused:
            if late or refused.code != "ranker_starting":
                raise
        else:
            if late or found.get("complete", True):
                return found
            await asyncio.sleep(POLL_S)


def _print_json(found: Json) -> None:
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2))


def _print_found(found: Json) -> None:
    if not found.get("complete", True):
        errors.print("The ranker is away: only titles were looked through.")
    if found.get("instead"):
        errors.print(f"Did you mean: {found['instead']}", markup=False)
    if found.get("loose"):
        errors.print("Nothing has all of these words; these have some of them.")
    for item in found["items"]:
        _print_item(item)
        if item.get("snippet"):
            out.print(f"    {item['snippet']['text']}", markup=False)
    errors.print(f"{len(found['items'])} of {found['total']:,} found")


def _print_item(item: Json, before: str = "") -> None:
    title = item.get("title") or {}
    versions = title.get("versions") or {}
    shown = versions.get("en") or versions.get(title.get("original"), {})
    said = shown.get("text", "(without a title)")
    head = f"{before} " if before else ""
    out.print(
        f"{head}{item['profile_id']}  {item['kind']:<5}  {item['country']}  {said}", markup=False
    )


def _said(params: dict[str, Any]) -> str:
    def one(value: Any) -> str:
        if isinstance(value, Sequence) and not isinstance(value, str):
            return ", ".join(map(str, value))
        return str(value)

    return "; ".join(f"{name} {one(value)}" for name, value in params.items() if value is not None)
