"""One's own timetable over HTTP: for pages, and as a feed for calendar programs."""

from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel
from techdock_shared.http.app import Body, given, no_content
from techdock_shared.http.etag import etag
from techdock_shared.http.idempotency import Once, created
from techdock_shared.http.principal import SignedIn, public

from techdock_matching.app import calendars
from techdock_matching.app.calendars import Personal
from techdock_matching.app.repositories_timetable import CalendarFeed
from techdock_matching.entrypoints.http.given import (
    BeginDep,
    CacheDep,
    ClockDep,
    NamesDep,
    ReadDep,
)
from techdock_matching.entrypoints.http.requests import RequestOut
from techdock_matching.entrypoints.http.shapes import MeetingOut

router = APIRouter(prefix="/v1", tags=["mine"])

KEPT_S = 600.0


class MineOut(BaseModel):
    """One person's timetable."""

    version: int
    meetings: tuple[MeetingOut, ...]
    unplaced: tuple[RequestOut, ...]


@router.get("/docking-events/{docking_event_id}/my-timetable", response_model=MineOut)
async def mine(docking_event_id: UUID, who: SignedIn, read: ReadDep, cache: CacheDep) -> Response:
    """Show one's own timetable: meetings by start, and requests without a place.

    The version stands in the cache key and comes from the database, so an old copy is never
    given out, whatever becomes of the cache.
    """
    version = await calendars.version_of(docking_event_id, read, who=who)
    key = f"matching.mine.{docking_event_id}.{who.person_id}.{version}"
    body = await cache.get(key) if cache is not None else None
    if body is None:
        personal = await calendars.mine(docking_event_id, read, who=who)
        version, body = personal.version, _drawn(personal)
        if cache is not None:
            key = f"matching.mine.{docking_event_id}.{who.person_id}.{version}"
            await cache.set(key, body, KEPT_S)
    return Response(body, 200, {"ETag": etag(version)}, "application/json")


def _drawn(personal: Personal) -> bytes:
    shown = MineOut(
        version=personal.version,
        meetings=tuple(MeetingOut.of(stored.value) for stored in personal.meetings),
        unplaced=tuple(RequestOut.of(one, private=True) for one in personal.unplaced),
    )
    return shown.model_dump_json().encode()


class CalendarBody(Body):
    """Whose meetings: one's own in this docking event."""

    docking_event_id: UUID


class CalendarOut(BaseModel):
    """The address for a calendar program. It is shown once; who has it can read the feed."""

    id: UUID
    url: str


@router.post("/calendars", status_code=201, response_model=CalendarOut)
async def opened(
    body: CalendarBody,
    request: Request,
    who: SignedIn,
    once: Once,
    begin: BeginDep,
    clock: ClockDep,
    pages: Annotated[str, Depends(given("pages_url", str))],
) -> Response:
    """Make an address under which a calendar program reads one's timetable."""
    act: Any = partial(calendars.open_feed, body.docking_event_id, who=who, clock=clock)

    return await once(begin, act, partial(address, request, pages), secret=True)


def address(request: Request, pages: str, made: tuple[CalendarFeed, str]) -> Response:
    """Answer with the address of a calendar; it is shown this once."""
    feed, token = made
    # Not from the request: a gateway takes the prefix away, and anybody may write a Host.
    path = request.app.url_path_for("feed", token=token)
    url = f"{pages}/api/matching{path}" if pages else str(request.url_for("feed", token=token))
    return created(CalendarOut(id=feed.id, url=url))


@router.delete("/calendars/{id}", status_code=204)
async def revoked(id: UUID, who: SignedIn, begin: BeginDep) -> Response:
    """Make an address stop to work."""
    await calendars.revoke(id, begin, who=who)
    return no_content()


@router.get(
    "/calendars/{token}.ics",
    name="feed",
    dependencies=[public],
    response_class=Response,
    responses={200: {"content": {"text/calendar": {"schema": {"type": "string"}}}}},
)
async def feed(
    token: str,
    read: ReadDep,
    names: NamesDep,
    pages: Annotated[str, Depends(given("pages_url", str))],
    draw: Annotated[calendars.Draw, Depends(given("draw", object))],
) -> Response:
    """Give the timetable to a calendar program."""
    found, personal = await calendars.by_token(token, read)
    others = {
        party.organization_id
        for stored in personal.meetings
        for party in stored.value.parties
        if party.participation_id != found.participation_id
    }
    known = await names.of_organizations(others, found.language)
    page = f"{pages}/docking-events/{found.docking_event_id}/my-timetable" if pages else None
    entries = calendars.entries(found, personal, known, page)
    body = draw(personal.docking_event.code, found.language, entries)
    return Response(body, 200, {"Cache-Control": "no-cache"}, "text/calendar; charset=utf-8")
