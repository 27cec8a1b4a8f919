"""A draft in hand, as the portal sees it; registered on import."""

import re
from typing import Any

import httpx

from support import portal_answers as a
from support import portal_world as w
from support.portal_api import ROUTES, FakeApi, Json, items, problem, route

KNOWN = len(ROUTES)


def obstacles(number: int) -> list[Json]:
    """Return what is in the way of a slot: nothing, one thing, or many."""
    kinds = ("busy", "travel", "precedence", "night", "hours", "tables", "interpreter", "place")
    told = [
        {"kind": kind, "person_id": w.uid(7), "request_id": w.R_PLACED}
        for kind in kinds[: number - 2]
    ]
    return told if number > 2 else []


@route("GET", "/timetables/{id}/spots/{request}")
def spots(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return items(
        {
            "session_id": slot["session_id"],
            "venue_id": slot["venue_id"],
            "first_slot": slot["number"],
            "start": slot["start"],
            "end": slot["end"],
            "free": not obstacles(int(slot["number"])),
            "table_id": None if obstacles(int(slot["number"])) else w.TABLE_1,
            "interpreter_id": None,
            "obstacles": obstacles(int(slot["number"])),
        }
        for slot in a.SLOTS
    )


@route("GET", "/requests/{id}/spots")
def free_spots(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    if match["id"] == w.R_SENT:
        return items([])
    return items(
        {**slot, "first_slot": slot["number"], "table_id": w.TABLE_1, "interpreter_id": w.uid(121)}
        for slot in a.SLOTS
    )


@route("GET", "/docking-events/{id}/booking")
def booking(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return {"open": True}


@route("POST", "/requests/{id}/meeting")
def booked(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return httpx.Response(201, json={"id": w.MEETING})


@route("GET", "/timetables/{id}/what-if/{request}")
def what_if(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    if match["request"] == w.R_COUNTERED:
        return {"change": None, "placements": [], "also_placed": [], "in_draft": False}
    params = {"start": "2027-04-21T07:00:00Z"}
    return {
        "change": {"code": "move_meeting", "params": params},
        "placements": [{**a.PLACEMENTS[0], "request_id": w.R_SENT}, a.PLACEMENTS[0]],
        "also_placed": [w.R_IN],
        "in_draft": True,
    }


@route("PUT", "/timetables/{id}/(?:places|locks|changes)/{request}")
def changed(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return a.TIMETABLES[match["id"]]


@route("DELETE", "/timetables/{id}/(?:places|locks)/{request}")
def taken_out(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return a.TIMETABLES[match["id"]]


@route("POST", "/docking-events/{id}/timetables")
def handed_in(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return httpx.Response(201, json={"id": w.TIMETABLE_2})


@route("POST", "/timetable-runs/{id}/(?:stop|cancel)")
def ended(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return problem(404, "not_found") if match["id"] != w.RUN else {"id": w.RUN}


# Before those for things of any kind.
ROUTES[:] = [*ROUTES[KNOWN:], *ROUTES[:KNOWN]]
