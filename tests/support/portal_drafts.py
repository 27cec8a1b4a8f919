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
        {
            "kind": kind,
            "participation_id": w.P_QILIAN,
            "request_id": w.R_PLACED,
            "parties": [w.P_TAMSHY, w.P_QILIAN],
        }
        for kind in kinds[: number - 2]
    ]
    return told if number > 2 else []


@route("GET", "/timetables/{id}/spots/{request}")
def spots(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    found = items(
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
    return {**found, "parties": [w.P_TAMSHY, w.P_QILIAN]}


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
        nothing: Json = {"change": None, "placements": [], "moving": [], "also_placed": []}
        return {**nothing, "in_draft": False}
    params = {"start": "2027-04-21T07:00:00Z"}
    return {
        "change": {"code": "move_meeting", "params": params},
        "placements": [{**a.PLACEMENTS[0], "request_id": w.R_SENT}, a.PLACEMENTS[0]],
        "moving": [w.P_TAMSHY, w.P_GOBI],
        "also_placed": [w.R_IN],
        "in_draft": True,
    }


@route("PUT", "/timetables/{id}/(?:places|locks|changes)/{request}")
def changed(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return a.TIMETABLES[match["id"]]


@route("DELETE", "/timetables/{id}/(?:places|locks)/{request}")
def taken_out(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return a.TIMETABLES[match["id"]]


@route("GET", "/docking-events/{id}/interpreters")
def interpreters(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    first, last = "2027-04-21T07:00:00Z", "2027-04-21T08:00:00Z"
    busy = {"meetings": 2, "minutes": 60, "longest_minutes": 60, "first": first, "last": last}
    idle = {"meetings": 0, "minutes": 0, "longest_minutes": 0, "first": None, "last": None}
    return items(
        {"person_id": w.uid(121 + n), "languages": ["zh", "ru"], **each}
        for n, each in enumerate((busy, idle))
    )


@route("GET", "/docking-events/{id}/interpreters/{person}/timetable")
def interpreted(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return items(a.MEETINGS.values() if match["person"] == w.uid(121) else ())


@route("POST", "/docking-events/{id}/interpreters/{person}/calendar")
def interpreters_calendar(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return httpx.Response(201, json={"id": w.uid(960), "url": "http://x/v1/calendars/abc.ics"})


@route("GET", "/docking-events/{id}/outages")
def outages(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    span = {"start": "2027-04-21T07:00:00Z", "end": "2027-04-21T08:00:00Z"}
    return items(
        {"id": w.uid(950 + n), "kind": kind, "thing_id": thing, "noted_at": span["start"], **span}
        for n, (kind, thing) in enumerate((("table", w.TABLE_1), ("person", w.uid(7))))
    )


@route("GET", "/docking-events/{id}/repair")
def repair(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    before, gone = a.PLACEMENTS
    return {
        "moves": [
            {
                "request_id": before["request_id"],
                "before": before,
                "after": {**before, "first_slot": 4},
                "gives_way": True,
            },
            {"request_id": gone["request_id"], "before": gone, "after": None, "gives_way": False},
        ],
        "others": [w.uid(1), w.uid(2), w.uid(3)],
        "needs_agreement": True,
    }


@route("POST", "/docking-events/{id}/repair")
def mended(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return {"moves": [], "others": [], "needs_agreement": False}


@route("POST", "/docking-events/{id}/outages")
def noted(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return httpx.Response(201, json={"id": w.uid(950)})


@route("DELETE", "/docking-events/{id}/outages/{outage}")
def forgotten(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return httpx.Response(204)


@route("POST", "/docking-events/{id}/timetables")
def handed_in(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return httpx.Response(201, json={"id": w.TIMETABLE_2})


@route("POST", "/timetable-runs/{id}/(?:stop|cancel)")
def ended(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return problem(404, "not_found") if match["id"] != w.RUN else {"id": w.RUN}


# Before those for things of any kind.
ROUTES[:] = [*ROUTES[KNOWN:], *ROUTES[:KNOWN]]
