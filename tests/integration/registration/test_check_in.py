"""Check-in: the first look counts, all are kept, and what was offline is merged."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import func, select
from support.registration import Scene, problem, text
from techdock_contracts import registration as told
from techdock_registration.adapters import tables
from techdock_shared.sql.engine import reading


async def test_the_first_look_counts_and_all_are_kept(scene: Scene) -> None:
    asem, _, mine = await scene.confirmed("asem@example.org")
    ticket = (await asem.get(f"{scene.path}/me"))["ticket"]
    path = f"{scene.path}/attendance"

    first = await scene.organizer.call("POST", path, {"ticket": ticket, "device": "door"})
    person = mine["persons"][0]["person_id"]
    again = await scene.organizer.call("POST", path, {"person_id": person, "device": "desk"})

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["device"] == "door"
    (event,) = [e for e in await scene.world.told() if isinstance(e, told.CheckedIn)]
    assert (event.country, event.mode, event.session_id) == ("KZ", "on_site", None)
    assert event.occurred_on.isoformat() == "2030-05-01"
    async with reading(scene.world.engine) as connection:
        kept = await connection.execute(select(func.count()).select_from(tables.attendance))
        assert kept.scalar_one() == 2
    (counted,) = (await scene.organizer.get(f"{path}/counts"))["items"]
    assert counted == {"session_id": None, "persons": 1}
    assert len((await scene.organizer.get(path))["items"]) == 1


async def test_only_organizers_check_in_and_only_known_tickets(scene: Scene) -> None:
    asem, *_ = await scene.confirmed("asem@example.org")
    path = f"{scene.path}/attendance"
    ticket = {"ticket": (await asem.get(f"{scene.path}/me"))["ticket"]}

    assert problem(await asem.call("POST", path, ticket), 403) == "forbidden"
    unknown = await scene.organizer.call("POST", path, {"ticket": str(uuid4())})
    assert problem(unknown, 404) == "not_found"
    both = await scene.organizer.call("POST", path, ticket | {"person_id": str(uuid4())})
    assert problem(both, 422) == "invalid"
    later = (scene.world.clock.now() + timedelta(hours=1)).isoformat()
    ahead = await scene.organizer.call("POST", path, ticket | {"at": later})
    assert problem(ahead, 422) == "invalid"


async def test_offline_looks_are_merged_once_and_in_the_order_of_time(scene: Scene) -> None:
    asem, *_ = await scene.confirmed("asem@example.org")
    bolat, *_ = await scene.confirmed("bolat@example.org", country="UZ")
    session = await scene.organizer.post(
        f"{scene.path}/sessions",
        {
            "kind": "plenary",
            "names": text("en", "Opening"),
            "venue_id": scene.docking_event["venues"][0]["id"],
            "start": "2030-05-01T10:00:00Z",
            "end": "2030-05-01T13:00:00Z",
        },
    )
    tickets = [(await p.get(f"{scene.path}/me"))["ticket"] for p in (asem, bolat)]
    now = scene.world.clock.now()

    def look(ticket: str, minutes: int, **more: str) -> dict[str, str]:
        at = (now - timedelta(minutes=minutes)).isoformat()
        return {"id": str(uuid4()), "ticket": ticket, "at": at, "device": "gate 2"} | more

    looks = [
        look(tickets[0], 10),
        look(tickets[0], 30),
        look(tickets[1], 20, session_id=session["id"]),
        look(str(uuid4()), 5),
    ]
    path = f"{scene.path}/attendance"

    first = await scene.organizer.post(f"{path}/batch", {"items": looks})
    again = await scene.organizer.post(f"{path}/batch", {"items": looks})

    assert (first["new"], first["known"], first["refused"]) == (2, 1, 1)
    assert (again["new"], again["known"], again["refused"]) == (0, 3, 1)
    assert first["items"][0]["id"] == looks[1]["id"], "the earlier look counts"
    assert first["items"][3]["code"] == "not_found"
    events = [e for e in await scene.world.told() if isinstance(e, told.CheckedIn)]
    assert [str(e.attendance_id) for e in events] == [looks[1]["id"], looks[2]["id"]]
    in_session = (await scene.organizer.get(path, session_id=session["id"]))["items"]
    assert [a["id"] for a in in_session] == [looks[2]["id"]]


async def test_badges_are_for_organizers(scene: Scene) -> None:
    asem, *_ = await scene.confirmed("asem@example.org")
    ticket = (await asem.get(f"{scene.path}/me"))["ticket"]

    badges = await scene.organizer.call("GET", f"{scene.path}/tickets")

    assert badges.json()[0]["persons"][0]["ticket"] == ticket
    problem(await asem.call("GET", f"{scene.path}/tickets"), 403)
