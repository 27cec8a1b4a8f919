"""Who takes part, who sees whom, and what becomes of a person who goes."""

from uuid import uuid4

from support.registration import (
    Scene,
    World,
    a_person,
    accepted,
    an_organization,
    problem,
    set_scene,
)
from techdock_contracts import registration as ours


async def test_a_participant_applies_and_an_organizer_confirms(scene: Scene) -> None:
    first, *_ = await scene.confirmed("asem@example.org")
    own = await first.post("organizations", an_organization(country="UZ"))
    applied = await first.post(
        f"{scene.path}/participations",
        {
            "organization_id": own["id"],
            "persons": [
                a_person("head@example.org"),
                a_person(None, role="adviser", mode="remote", zone="Asia/Tashkent"),
            ],
            "contact": "head@example.org",
            "least_meetings": 2,
        },
    )
    path = f"participations/{applied['id']}"

    refused = await first.call("POST", f"{path}/state", {"to": "vetted"}, version=1)
    assert problem(refused, 403) == "forbidden"
    early = await scene.organizer.call("POST", f"{path}/state", {"to": "confirmed"}, version=1)
    assert problem(early, 409) == "wrong_state"
    confirmed = await scene.organizer.move(path, applied, "vetted", "confirmed")
    assert confirmed["state"] == "confirmed"

    event = [e for e in await scene.world.told() if isinstance(e, ours.ParticipationConfirmed)][-1]
    assert str(event.contact_id) == confirmed["contact_id"]
    assert {p.mode for p in event.persons} == {"on_site", "remote"}
    assert event.country == "UZ"
    body = event.to_bytes().decode()
    assert "head@example.org" not in body
    assert "Асем" not in body


async def test_what_is_wrong_with_an_application_is_said(scene: Scene) -> None:
    stranger, organization, _ = await scene.confirmed("asem@example.org")
    other = await scene.organizer.post("organizations", an_organization(country="UZ"))
    path = f"{scene.path}/participations"

    async def refused(person, **changes) -> str:  # type: ignore[no-untyped-def]
        body = {"organization_id": other["id"], "persons": [a_person("new@example.org")]} | changes
        response = await person.call("POST", path, body)
        return f"{response.status_code} {response.json()['code']}"

    assert await refused(stranger) == "403 forbidden"
    twice = {"organization_id": organization["id"]}
    assert await refused(scene.organizer, **twice) == "409 already_applied"
    same_person = {"persons": [a_person("asem@example.org")]}
    assert await refused(scene.organizer, **same_person) == "409 already_applied"
    nameless = {"persons": [{"email": "x@example.org"}]}
    assert await refused(scene.organizer, **nameless) == "422 invalid"
    elsewhere = {"persons": [a_person("x@example.org", venue_id=str(uuid4()))]}
    assert await refused(scene.organizer, **elsewhere) == "422 invalid"
    nobody = {"contact": 5}
    assert await refused(scene.organizer, **nobody) == "422 invalid"


async def test_changing_who_comes_keeps_persons_and_tells_the_whole(scene: Scene) -> None:
    asem, _, participation = await scene.confirmed("asem@example.org")
    path = f"participations/{participation['id']}"
    person = participation["persons"][0]

    changed = await asem.change(
        "PATCH",
        path,
        {
            "persons": [
                {"person_id": person["person_id"], "role": "head", "mode": "remote"},
                a_person("bek@example.org", role="member"),
            ],
            "most_meetings": 6,
        },
        participation["version"],
    )
    same = await asem.change("PATCH", path, {"most_meetings": 6}, changed["version"])

    assert same["version"] == changed["version"]
    assert changed["persons"][0]["person_id"] == person["person_id"]
    assert changed["contact_id"] == person["person_id"]
    events = [e for e in await scene.world.told() if e.subject == participation["id"]]
    assert [type(e) for e in events] == [ours.ParticipationConfirmed, ours.ParticipationChanged]
    assert events[-1].most_meetings == 6  # type: ignore[attr-defined]
    bek = await scene.world.sign_in("bek@example.org")
    assert (await bek.get(f"{scene.path}/me"))["ticket"]
    await asem.change(
        "PATCH", path, {"persons": [{"person_id": person["person_id"]}]}, same["version"]
    )
    assert problem(await bek.call("GET", f"{scene.path}/me"), 404) == "not_found"


async def test_everybody_sees_what_they_may(world: World) -> None:
    scene, elsewhere = await set_scene(world), await set_scene(world)
    asem, _, mine = await scene.confirmed("asem@example.org")
    bolat, _, theirs = await scene.confirmed("bolat@example.org", country="UZ")
    outsider, *_ = await elsewhere.confirmed("out@example.org", country="TJ")
    path = f"participations/{mine['id']}"

    own, brief = await asem.get(path), await bolat.get(path)
    assert own["persons"][0]["email"] == "asem@example.org"
    assert brief["persons"][0]["email"] is None
    assert brief["least_meetings"] is None
    assert problem(await outsider.call("GET", path), 404) == "not_found"
    assert problem(await outsider.call("GET", f"{scene.path}/directory"), 403) == "forbidden"
    assert problem(await elsewhere.organizer.call("GET", path), 404) == "not_found"
    directory = (await bolat.get(f"{scene.path}/directory"))["items"]
    assert {p["id"] for p in directory} == {mine["id"], theirs["id"]}
    listed = (await bolat.get(f"{scene.path}/participations"))["items"]
    assert [p["id"] for p in listed] == [theirs["id"]]
    everything = (await scene.organizer.get(f"{scene.path}/participations", country="UZ"))["items"]
    assert [p["id"] for p in everything] == [theirs["id"]]
    foreign = await bolat.call("PATCH", path, {"least_meetings": 1}, version=mine["version"])
    assert problem(foreign, 403) == "forbidden"


async def test_names_are_given_to_who_shares_a_docking_event(world: World) -> None:
    scene, elsewhere = await set_scene(world), await set_scene(world)
    asem, organization, mine = await scene.confirmed("asem@example.org")
    bolat, *_ = await scene.confirmed("bolat@example.org", country="UZ")
    outsider, *_ = await elsewhere.confirmed("out@example.org", country="TJ")
    person = mine["persons"][0]["person_id"]
    wanted = {
        "person_ids": [person],
        "participation_ids": [mine["id"]],
        "organization_ids": [organization["id"]],
    }

    for someone in (asem, bolat, scene.organizer):
        names = await someone.post("names", wanted)
        assert names["persons"] == {person: {"native": "Асем", "latin": "Asem"}}
        assert names["participations"][mine["id"]]["country"] == "KZ"
    names = await outsider.post("names", wanted)
    assert (names["persons"], names["participations"]) == ({}, {})
    assert names["organizations"][organization["id"]]["latin"] == "Primer"


async def test_contacts_open_once_both_sides_accepted(scene: Scene) -> None:
    asem, _, mine = await scene.confirmed("asem@example.org")
    bolat, _, theirs = await scene.confirmed("bolat@example.org", country="UZ")
    third, *_ = await scene.confirmed("third@example.org", country="TJ")
    path = f"participations/{mine['id']}/contacts"
    assert problem(await bolat.call("GET", path), 403) == "forbidden"

    await accepted(scene, mine["id"], theirs["id"])

    (contact,) = (await bolat.get(path))["items"]
    assert contact["email"] == "asem@example.org"
    assert (await asem.get(f"participations/{theirs['id']}/contacts"))["items"]
    assert problem(await third.call("GET", path), 403) == "forbidden"


async def test_a_withdrawal_is_told_and_ends_what_the_person_may(scene: Scene) -> None:
    asem, _, mine = await scene.confirmed("asem@example.org")

    gone = await asem.move(f"participations/{mine['id']}", mine, "withdrawn")

    assert gone["state"] == "withdrawn"
    assert isinstance((await scene.world.told())[-1], ours.ParticipationWithdrawn)
    assert (await asem.get("me"))["participations"] == []
    assert problem(await asem.call("GET", f"{scene.path}/directory"), 403) == "forbidden"


async def test_an_erased_person_is_counted_and_never_named(scene: Scene) -> None:
    asem, _, mine = await scene.confirmed("asem@example.org")
    await scene.world.deliver()
    export = await asem.get("me/export")
    assert export["account"]["email"] == "asem@example.org"
    assert export["mails"]
    before = [e.id for e in await scene.world.told()]

    assert (await asem.call("DELETE", "me")).status_code == 204

    problem(await asem.call("GET", "me"), 401)
    assert [e.id for e in await scene.world.told()] == before
    shown = await scene.organizer.get(f"participations/{mine['id']}")
    assert shown["persons"][0]["names"] is None
    assert shown["persons"][0]["email"] is None
    mails = await scene.organizer.get(f"{scene.path}/mails")
    assert "asem@example.org" not in str(mails)
    again = await scene.organizer.post("organizations", an_organization(country="UZ"))
    back = await scene.organizer.post(
        f"{scene.path}/participations",
        {"organization_id": again["id"], "persons": [a_person("asem@example.org")]},
    )
    assert back["persons"][0]["person_id"] != mine["persons"][0]["person_id"]


async def test_consents_are_only_added(scene: Scene) -> None:
    asem, *_ = await scene.confirmed("asem@example.org")
    for given in (True, False):
        await asem.post("me/consents", {"purpose": "matching", "text_version": "1", "given": given})

    said = (await asem.get("me/consents"))["items"]

    assert [s["given"] for s in said] == [True, False]


async def test_a_person_changes_what_the_account_says(scene: Scene) -> None:
    asem, *_ = await scene.confirmed("asem@example.org")
    me = await asem.get("me")

    changed = await asem.change(
        "PATCH", "me", {"names": {"native": "Әсем"}, "language": "kk"}, me["version"]
    )

    assert (changed["names"]["native"], changed["language"]) == ("Әсем", "kk")
    assert (await asem.get("principal"))["language"] == "kk"
    wrong = await asem.call("PATCH", "me", {"language": "klingon!"}, version=changed["version"])
    assert problem(wrong, 422) == "invalid"


async def test_organizers_see_how_many_are_in_each_state(scene: Scene) -> None:
    path = f"{scene.path}/participations"
    before = await scene.organizer.get(f"{path}/counts")
    first, *_ = await scene.confirmed("asem@example.org")
    await scene.confirmed("bek@example.org")
    own = await first.post("organizations", an_organization(country="UZ"))
    await first.post(
        path, {"organization_id": own["id"], "persons": [a_person("head@example.org")]}
    )
    found = await scene.organizer.get(f"{path}/counts")
    assert before == {"items": []}
    assert found == {
        "items": [{"state": "applied", "count": 1}, {"state": "confirmed", "count": 2}]
    }
    assert problem(await first.call("GET", f"{path}/counts"), 403) == "forbidden"
    nowhere = f"docking-events/{uuid4()}/participations/counts"
    assert problem(await scene.organizer.call("GET", nowhere), 404) == "not_found"
