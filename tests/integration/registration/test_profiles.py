"""Needs and offers: who writes them, who reads what of them, and what is told."""

from datetime import timedelta

from sqlalchemy import select
from support.registration import (
    Scene,
    World,
    a_profile,
    accepted,
    an_organization,
    problem,
    set_scene,
    text,
)
from techdock_contracts import registration as told
from techdock_registration.adapters import tables
from techdock_registration.app import profiles
from techdock_shared.sql.engine import reading


async def test_a_need_is_written_submitted_published_and_revised(scene: Scene) -> None:
    asem, organization, _ = await scene.confirmed("asem@example.org")
    draft = await asem.post(
        "profiles", a_profile(organization["id"], scene.docking_event["id"], sdg=[6])
    )
    path = f"profiles/{draft['id']}"
    assert (draft["state"], draft["revision"], draft["valid_until"]) == ("draft", 0, "2031-05-01")
    skipped = await asem.call("POST", f"{path}/state", {"to": "published"}, version=1)
    assert problem(skipped, 409) == "wrong_state"
    published = await asem.move(path, draft, "submitted", "published")
    revised = await asem.change("PATCH", path, {"trl_most": 8}, published["version"])
    same = await asem.change("PATCH", path, {"trl_most": 8}, revised["version"])
    gone = await asem.move(path, same, "withdrawn")

    assert (published["revision"], revised["revision"], same["version"]) == (
        1,
        2,
        revised["version"],
    )
    assert gone["state"] == "withdrawn"
    events = [e for e in await scene.world.told() if e.subject == draft["id"]]
    assert [type(e) for e in events] == [
        told.ProfileState,
        told.ProfilePublished,
        told.ProfileState,
        told.ProfileRevised,
        told.ProfileWithdrawn,
    ]
    state, publication = events[0], events[1]
    assert isinstance(state, told.ProfileState)
    assert isinstance(publication, told.ProfilePublished)
    assert state.texts["description"].versions["en"].text == "A plant is needed"
    assert publication.text_languages == ("en", "ru")
    assert "A plant is needed" not in publication.to_bytes().decode()
    assert [e.sequence for e in events if isinstance(e, told.ProfileState)] == [1, 2]
    async with reading(scene.world.engine) as connection:
        rows = await connection.execute(
            select(tables.outbox).where(tables.outbox.c.key == draft["id"])
        )
        tombstones = [row for row in rows.all() if row.body is None]
    assert len(tombstones) == 1


async def test_a_profile_is_published_by_who_takes_part(scene: Scene) -> None:
    asem, *_ = await scene.confirmed("asem@example.org")
    own = await asem.post("organizations", an_organization(country="UZ"))
    draft = await asem.post("profiles", a_profile(own["id"], scene.docking_event["id"]))
    submitted = await asem.move(f"profiles/{draft['id']}", draft, "submitted")

    early = await asem.call("POST", f"profiles/{draft['id']}/state", {"to": "published"}, version=2)

    assert problem(early, 409) == "not_confirmed"
    by_organizer = await scene.organizer.move(f"profiles/{draft['id']}", submitted, "published")
    assert by_organizer["state"] == "published"
    strange = a_profile(scene.host["id"], scene.docking_event["id"])
    assert problem(await asem.call("POST", "profiles", strange), 403) == "forbidden"
    at_once = await scene.organizer.post("profiles", strange | {"publish": True})
    assert at_once["state"] == "published"


async def test_others_read_only_what_is_open_to_them(world: World) -> None:
    scene, elsewhere = await set_scene(world), await set_scene(world)
    asem, organization, mine = await scene.confirmed("asem@example.org")
    bolat, _, theirs = await scene.confirmed("bolat@example.org", country="UZ")
    outsider, *_ = await elsewhere.confirmed("out@example.org", country="TJ")
    body = a_profile(
        organization["id"],
        scene.docking_event["id"],
        disclosure={"description": "accepted", "advantages": "nda", "trl": "accepted"},
    )
    body["texts"]["summary"] = text("ru", "Кратко")
    body["texts"]["advantages"] = text("ru", "Секрет")
    draft = await asem.post("profiles", body)
    path = f"profiles/{draft['id']}"
    assert problem(await bolat.call("GET", path), 404) == "not_found"
    published = await asem.move(path, draft, "submitted", "published")

    read = await bolat.get(path)
    (listed,) = (await bolat.get("profiles", docking_event_id=scene.docking_event["id"]))["items"]

    assert set(read["texts"]) == set(listed["texts"]) == {"title", "summary"}
    assert (read["trl_least"], read["own"]) == (None, False)
    assert set((await asem.get(path))["texts"]) == {"title", "summary", "description", "advantages"}
    state = next(e for e in await world.told() if isinstance(e, told.ProfileState))
    assert set(state.texts) == {"title", "summary"}
    assert state.trl_least is None
    assert problem(await outsider.call("GET", path), 404) == "not_found"
    assert (await outsider.get("profiles"))["items"] == []
    foreign = await bolat.call("PATCH", path, {"trl_most": 9}, version=published["version"])
    assert problem(foreign, 403) == "forbidden"
    await accepted(scene, mine["id"], theirs["id"])
    after = await bolat.get(path)
    assert set(after["texts"]) == {"title", "summary", "description"}
    assert after["trl_least"] == 5


async def test_profiles_are_found_by_kind_country_and_words(scene: Scene) -> None:
    asem, organization, _ = await scene.confirmed("asem@example.org")
    event = scene.docking_event["id"]
    await asem.post("profiles", a_profile(organization["id"], event))
    offer = a_profile(
        organization["id"], event, kind="offer", technology_keywords=["100% Membrane"]
    )
    offer["texts"]["title"] = text("en", "Cheap water")
    del offer["trl_least"]
    await asem.post("profiles", offer)

    async def titles(**query) -> list[str]:  # type: ignore[no-untyped-def]
        items = (await asem.get("profiles", mine=True, **query))["items"]
        return [p["texts"]["title"]["original"] for p in items]

    assert await titles() == ["en", "ru"]
    assert await titles(kind="need") == ["ru"]
    assert await titles(q="ВОДЫ") == ["ru"]
    assert await titles(q="100% mem") == ["en"]
    assert await titles(q="100_") == []
    assert await titles(country="KZ", state="draft") == ["en", "ru"]
    assert await titles(country="UZ") == []
    assert await titles(organization_id=scene.host["id"]) == []


async def test_a_profile_expires_with_its_validity(scene: Scene) -> None:
    asem, organization, _ = await scene.confirmed("asem@example.org")
    body = a_profile(
        organization["id"], scene.docking_event["id"], valid_until="2030-05-03", publish=True
    )
    profile = await asem.post("profiles", body)
    assert await profiles.expire(scene.world.begin, scene.world.clock) == 0
    scene.world.clock.time += timedelta(days=3)

    assert await profiles.expire(scene.world.begin, scene.world.clock) == 1

    asem = await scene.world.sign_in("asem@example.org")
    assert (await asem.get(f"profiles/{profile['id']}"))["state"] == "expired"
    assert isinstance((await scene.world.told())[-1], told.ProfileExpired)


async def test_what_is_wrong_with_a_profile_is_said_by_field(scene: Scene) -> None:
    asem, organization, _ = await scene.confirmed("asem@example.org")
    body = a_profile(organization["id"], scene.docking_event["id"], trl_least=0, sdg=[99])

    refused = await asem.call("POST", "profiles", body)

    assert problem(refused, 422) == "invalid"
    assert [e["where"] for e in refused.json()["errors"]] == ["trl_least", "sdg"]
    nowhere = a_profile(organization["id"], organization["id"])
    assert problem(await asem.call("POST", "profiles", nowhere), 422) == "invalid"


async def test_an_external_id_means_one_profile_in_a_docking_event(scene: Scene) -> None:
    asem, organization, _ = await scene.confirmed("asem@example.org")
    body = a_profile(organization["id"], scene.docking_event["id"], external_id="N1")
    await asem.post("profiles", body)

    assert problem(await asem.call("POST", "profiles", body), 409) == "taken"


async def test_too_long_a_state_is_refused_and_nothing_of_it_is_kept(scene: Scene) -> None:
    asem, organization, _ = await scene.confirmed("asem@example.org")
    body = a_profile(organization["id"], scene.docking_event["id"])
    # Written out, each of these is one byte in the request and six in the event's JSON.
    body["texts"] |= {
        name: text("en", "\x01" * 60_000, fr="\x01" * 30_000) for name in ("summary", "description")
    }
    answer = await asem.call("POST", "profiles", body)

    assert answer.status_code in (413, 422)


async def test_what_names_somebody_is_pointed_out_to_who_may_change_it(scene: Scene) -> None:
    asem, organization, _ = await scene.confirmed("asem@example.org", aliases=["Keruen Water"])
    bolat, *_ = await scene.confirmed("bolat@example.org", country="UZ")
    body = a_profile(
        organization["id"], scene.docking_event["id"], disclosure={"description": "accepted"}
    )
    said = "Made by KERUEN water; write to info@example.org."
    body["texts"]["summary"] = text("en", said)
    body["texts"]["description"] = text("en", "Dr. Ainur Bekova leads it.")
    draft = await asem.post("profiles", body)

    checks = await asem.get(f"profiles/{draft['id']}/checks")

    assert (checks["profile_id"], checks["version"]) == (draft["id"], draft["version"])
    found = checks["naming"]
    assert [(f["kind"], f["field"], f["text"]) for f in found] == [
        ("organization", "summary", "KERUEN water"),
        ("mail", "summary", "info@example.org"),
    ]
    assert all(said[f["start"] : f["end"]] == f["text"] and f["why"] for f in found)
    published = await asem.move(f"profiles/{draft['id']}", draft, "submitted", "published")
    assert published["state"] == "published"
    path = f"profiles/{draft['id']}/checks"
    assert problem(await bolat.call("GET", path), 403) == "forbidden"
