"""Docking events over HTTP: who sees and changes what, and what is told."""

from datetime import timedelta
from uuid import uuid4

from support.registration import (
    Scene,
    World,
    a_venue,
    an_organization,
    problem,
    set_scene,
    text,
)


def told_types(events: list) -> list[str]:  # type: ignore[type-arg]
    return [event.type.removeprefix("registration.").removesuffix(".v1") for event in events]


async def test_a_draft_is_seen_by_its_organizers_only(world: World) -> None:
    scene = await set_scene(world, "announced")
    other = await set_scene(world, "announced")
    draft = await scene.organizer.post(
        f"tenants/{scene.tenant['id']}/docking-events",
        {
            "code": "DRAFT",
            "names": text("en", "Draft"),
            "starts_on": "2030-06-01",
            "ends_on": "2030-06-02",
        },
    )
    path = f"docking-events/{draft['id']}"

    for stranger in (world.anybody, other.organizer, scene.administrator):
        assert problem(await stranger.call("GET", path), 404) == "not_found"
    assert (await scene.organizer.get(path))["state"] == "draft"
    assert draft["id"] not in str(await world.anybody.get("docking-events"))
    assert draft["id"] in str(await scene.organizer.get("docking-events"))
    assert (await world.anybody.get(scene.path))["code"] == "TD-2030"


async def test_only_organizers_change_it_and_from_what_they_read(scene: Scene) -> None:
    participant, *_ = await scene.confirmed("asem@example.org")
    change = {"most_meetings": 12}

    refused = await participant.call("PATCH", scene.path, change, version=3)
    assert problem(refused, 403) == "forbidden"
    missing = await scene.organizer.call("PATCH", scene.path, change)
    assert problem(missing, 428) == "precondition_required"
    stale = await scene.organizer.call("PATCH", scene.path, change, version=2)
    assert problem(stale, 409) == "changed_meanwhile"
    changed = await scene.organizer.change("PATCH", scene.path, change, 3)
    assert (changed["most_meetings"], changed["version"]) == (12, 4)
    unknown = await scene.organizer.call("PATCH", scene.path, {"colour": "red"}, version=4)
    assert problem(unknown, 422)
    nothing = await scene.organizer.call("PATCH", scene.path, {"names": None}, version=4)
    assert problem(nothing, 422) == "invalid"


async def test_what_happens_is_told_in_order(world: World) -> None:
    scene = await set_scene(world, "announced", "open", "running", "held", "closed")
    changed = await scene.organizer.call("PATCH", scene.path, {"series": "S"}, version=6)

    events = await world.told()

    assert problem(changed, 409) == "wrong_state"
    mine = [e for e in events if e.subject == scene.docking_event["id"]]
    assert told_types(mine) == [
        "docking_event_announced",
        "docking_event_opened",
        "docking_event_started",
        "docking_event_held",
        "docking_event_closed",
    ]
    assert [e.sequence for e in mine] == [1, 2, 3, 4, 5]
    assert {str(e.tenant) for e in mine} == {scene.tenant["id"]}
    assert mine[0].zone == "Asia/Urumqi"  # type: ignore[attr-defined]


async def test_venues_come_and_go(scene: Scene) -> None:
    online = a_venue(kind="online", country=None, city=None, link="https://meet.example", tables=[])
    version = scene.docking_event["version"]
    with_online = await scene.organizer.change(
        "PUT", f"{scene.path}/venues/{online['id']}", online, version
    )
    session = await scene.organizer.post(
        f"{scene.path}/sessions",
        {
            "kind": "training",
            "names": text("en", "How to"),
            "venue_id": online["id"],
            "start": "2030-05-01T10:00:00+02:00",
            "end": "2030-05-01T12:00:00+02:00",
        },
    )

    in_use = await scene.organizer.call(
        "DELETE", f"{scene.path}/venues/{online['id']}", version=with_online["version"]
    )
    await scene.organizer.move(f"sessions/{session['id']}", session, "cancelled")
    without = await scene.organizer.change(
        "DELETE", f"{scene.path}/venues/{online['id']}", None, with_online["version"]
    )

    assert len(with_online["venues"]) == 2
    assert problem(in_use, 409) == "conflict"
    assert len(without["venues"]) == 1
    main = without["venues"][0]["id"]
    only_replaced = await scene.organizer.call(
        "DELETE", f"{scene.path}/venues/{main}", version=without["version"]
    )
    assert problem(only_replaced, 422) == "invalid"


async def test_an_interpreter_becomes_a_person_with_an_account(scene: Scene) -> None:
    entry, version = str(uuid4()), scene.docking_event["version"]
    body = {
        "email": "olga@example.org",
        "names": {"native": "Ольга", "latin": "Olga"},
        "languages": ["ru", "en"],
    }
    path = f"{scene.path}/interpreters/{entry}"
    changed = await scene.organizer.change("PUT", path, body, version)
    again = await scene.organizer.change(
        "PUT", path, {"languages": ["ru", "en", "ar"]}, changed["version"]
    )

    (engaged,) = again["interpreters"]
    assert engaged["languages"] == ["ru", "en", "ar"]
    assert engaged["person_id"] == changed["interpreters"][0]["person_id"]
    events = [e for e in await scene.world.told() if "docking_event_changed" in e.type]
    assert str(events[-1].interpreters[0].interpreter_id) == engaged["person_id"]  # type: ignore[attr-defined]
    asked = {"person_ids": [engaged["person_id"]], "docking_event_id": scene.docking_event["id"]}
    named = await scene.organizer.post("names", asked)
    assert named["persons"] == {engaged["person_id"]: {"native": "Ольга", "latin": "Olga"}}
    participant, *_ = await scene.confirmed("asem@example.org")
    assert (await participant.post("names", asked))["persons"] == named["persons"]
    assert (await scene.administrator.post("names", asked))["persons"] == {}
    gone = await scene.organizer.change("DELETE", path, None, again["version"])
    assert gone["interpreters"] == []
    assert (await scene.organizer.post("names", asked))["persons"] == {}


async def test_sessions_are_seen_by_whom_they_are_for(scene: Scene) -> None:
    invited, _, participation = await scene.confirmed("asem@example.org")
    other, *_ = await scene.confirmed("bolat@example.org", country="UZ")
    times = {"start": "2030-05-01T04:00:00Z", "end": "2030-05-01T05:00:00Z"}
    venue = {"venue_id": scene.docking_event["venues"][0]["id"], **times}
    for kind, more in (
        ("plenary", {"visibility": "public"}),
        ("panel", {"visibility": "registered"}),
        ("closed_roundtable", {"invited": [participation["id"]]}),
    ):
        await scene.organizer.post(
            f"{scene.path}/sessions", {"kind": kind, "names": text("en", kind), **venue, **more}
        )

    async def seen(person) -> set[str]:  # type: ignore[no-untyped-def]
        return {s["kind"] for s in (await person.get(f"{scene.path}/sessions"))["items"]}

    assert await seen(scene.world.anybody) == {"plenary"}
    assert await seen(other) == {"plenary", "panel"}
    assert await seen(invited) == {"plenary", "panel", "closed_roundtable"}
    assert await seen(scene.organizer) == {"plenary", "panel", "closed_roundtable"}
    agenda = await invited.get(f"{scene.path}/me")
    assert len(agenda["sessions"]) == 3
    hidden = next(s for s in agenda["sessions"] if s["kind"] == "closed_roundtable")
    assert problem(await other.call("GET", f"sessions/{hidden['id']}"), 404) == "not_found"
    outside = {"start": "2030-05-09T04:00:00Z", "end": "2030-05-09T05:00:00Z"}
    late = await scene.organizer.call(
        "PATCH", f"sessions/{hidden['id']}", outside, version=hidden["version"]
    )
    assert problem(late, 422) == "invalid"


async def test_sessions_of_a_draft_are_told_when_it_is_announced(world: World) -> None:
    scene = await set_scene(world, "announced")
    draft = await scene.organizer.post(
        f"tenants/{scene.tenant['id']}/docking-events",
        {
            "code": "LATER",
            "names": text("en", "Later"),
            "starts_on": "2030-05-01",
            "ends_on": "2030-05-02",
            "organizers": [{"organization_id": scene.host["id"], "role": "host"}],
            "venues": [a_venue()],
        },
    )
    path = f"docking-events/{draft['id']}"
    session = await scene.organizer.post(
        f"{path}/sessions",
        {
            "kind": "matchmaking",
            "names": text("en", "Meetings"),
            "venue_id": draft["venues"][0]["id"],
            "start": "2030-05-01T04:00:00Z",
            "end": "2030-05-01T06:00:00Z",
            "slot_minutes": 30,
        },
    )
    before = [e for e in await world.told() if e.subject in (draft["id"], session["id"])]
    await scene.organizer.move(path, draft, "announced")
    after = [e for e in await world.told() if e.subject in (draft["id"], session["id"])]

    assert before == []
    assert told_types(after) == ["docking_event_announced", "session_planned"]


async def test_a_code_is_used_once_in_a_tenant(scene: Scene) -> None:
    body = {
        "code": "TD-2030",
        "names": text("en", "Twice"),
        "starts_on": "2030-06-01",
        "ends_on": "2030-06-02",
    }
    path = f"tenants/{scene.tenant['id']}/docking-events"

    assert problem(await scene.organizer.call("POST", path, body), 409) == "taken"
    unknown = {
        **body,
        "code": "X2",
        "organizers": [{"organization_id": str(uuid4()), "role": "host"}],
    }
    assert problem(await scene.organizer.call("POST", path, unknown), 404) == "not_found"


async def test_lists_are_read_a_page_at_a_time(scene: Scene) -> None:
    for n in range(5):
        await scene.organizer.post(
            "organizations", an_organization(names={"native": f"Org {n}", "language": "en"})
        )
    seen: list[str] = []
    cursor = None
    while True:
        page = await scene.organizer.get(
            "organizations", q="org", limit=2, **({"cursor": cursor} if cursor else {})
        )
        seen += [o["names"]["native"] for o in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert seen == [f"Org {n}" for n in range(5)]
    broken = await scene.organizer.call("GET", "organizations", cursor="nonsense")
    assert problem(broken, 422) == "invalid"


async def test_roles_end_when_they_are_taken_away(scene: Scene) -> None:
    roles = await scene.administrator.get(f"tenants/{scene.tenant['id']}/roles")
    role = roles["items"][0]["id"]

    await scene.administrator.call("DELETE", f"tenants/{scene.tenant['id']}/roles/{role}")

    refused = await scene.organizer.call("PATCH", scene.path, {"series": "S"}, version=3)
    assert problem(refused, 403) == "forbidden"
    assert problem(await scene.organizer.call("GET", f"tenants/{scene.tenant['id']}"), 404)


async def test_an_organizer_of_one_docking_event_has_no_power_over_another(world: World) -> None:
    one, other = await set_scene(world), await set_scene(world)
    email = "helper@example.org"
    await one.organizer.post(
        f"tenants/{one.tenant['id']}/roles",
        {"email": email, "role": "organizer", "docking_event_id": one.docking_event["id"]},
    )
    helper = await world.sign_in(email)

    await helper.change("PATCH", one.path, {"series": "S"}, one.docking_event["version"])
    refused = await helper.call("PATCH", other.path, {"series": "S"}, version=3)
    assert problem(refused, 403) == "forbidden"
    body = {"email": "x@example.org", "role": "organizer"}
    more = await helper.call("POST", f"tenants/{one.tenant['id']}/roles", body)
    assert problem(more, 403) == "forbidden"
    foreign = {**body, "docking_event_id": other.docking_event["id"]}
    crossed = await one.organizer.call("POST", f"tenants/{one.tenant['id']}/roles", foreign)
    assert problem(crossed, 404) == "not_found"


async def test_a_merge_is_told_and_can_be_undone(scene: Scene) -> None:
    one = await scene.organizer.post("organizations", an_organization(aliases=["Platform"]))
    other = await scene.organizer.post(
        "organizations", an_organization(names={"native": "Other", "language": "en"})
    )

    merged = await scene.organizer.post(
        f"organizations/{one['id']}/merge", {"into_id": other["id"]}
    )
    shown = await scene.organizer.get(f"organizations/{other['id']}")
    back = await scene.organizer.post(f"organizations/{one['id']}/unmerge")

    assert (merged["state"], merged["merged_into"]) == ("merged", other["id"])
    assert shown["merged_from"] == [one["id"]]
    assert {"Platform", "Пример"} <= set(shown["aliases"])
    assert (back["state"], back["merged_into"]) == ("active", None)
    mine = [e for e in await scene.world.told() if e.subject == one["id"]]
    assert told_types(mine) == [
        "organization_registered",
        "organization_merged",
        "organization_unmerged",
    ]
    participant, *_ = await scene.confirmed("asem@example.org")
    refused = await participant.call(
        "POST", f"organizations/{one['id']}/merge", {"into_id": other["id"]}
    )
    assert problem(refused, 403) == "forbidden"


async def test_a_deadline_ends_applications(scene: Scene) -> None:
    until = (scene.world.clock.now() + timedelta(hours=1)).isoformat()
    await scene.organizer.change(
        "PATCH", scene.path, {"deadlines": {"apply_until": until}}, scene.docking_event["version"]
    )
    await scene.confirmed("asem@example.org")
    asem = await scene.world.sign_in("asem@example.org")
    own = await asem.post("organizations", an_organization(country="UZ"))
    body = {"organization_id": own["id"], "persons": [{"names": {"native": "N"}}]}
    scene.world.clock.time += timedelta(hours=1)

    late = await asem.call("POST", f"{scene.path}/participations", body)

    assert problem(late, 409) == "too_late"
    entered = await scene.organizer.post(f"{scene.path}/participations", body)
    assert entered["state"] == "applied"
