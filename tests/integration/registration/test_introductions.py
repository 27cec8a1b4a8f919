"""Who may apply learns nothing of whose a mail address is."""

from typing import Any
from uuid import UUID

from support.registration import Json, Person, Scene, a_person, an_organization, problem

GIVEN = {"native": "Кто-то", "latin": "Somebody"}
TRUE = {"native": "Асем", "latin": "Asem"}


async def applicant(scene: Scene) -> tuple[Person, str]:
    """Somebody who acts for two organizations, one of which is in the docking event."""
    person, *_ = await scene.confirmed("applicant@example.org", country="UZ")
    own = await person.post("organizations", an_organization(country="UZ"))
    return person, own["id"]


async def apply(scene: Scene, person: Person, organization: str, *comers: Json) -> Any:
    body = {"organization_id": organization, "persons": list(comers)}
    return await person.call("POST", f"{scene.path}/participations", body)


def a_guess(email: str, **changes: Any) -> Json:
    return {"email": email, "names": GIVEN, "languages": []} | changes


def plain(participation: Json) -> Json:
    """An answer without what differs from one application to the next."""
    person = participation["persons"][0]
    fixed = {"id": 0, "organization": 0, "contact_id": participation["contact_id"]}
    assert fixed["contact_id"] == person["person_id"]
    return participation | {
        "id": 0,
        "organization": 0,
        "contact_id": 0,
        "persons": [person | {"person_id": 0, "email": ""}],
    }


async def test_an_application_does_not_tell_whether_an_address_is_known(scene: Scene) -> None:
    known, _, theirs = await scene.confirmed("asem@example.org")
    me = await known.get("me")
    await known.change("PATCH", "me", {"languages": ["kk", "ru"]}, me["version"])
    person, organization = await applicant(scene)
    other = (await person.post("organizations", an_organization(country="TJ")))["id"]

    nameless = [
        await apply(scene, person, organization, {"email": email})
        for email in ("asem@example.org", "nobody@example.org")
    ]
    first = await apply(scene, person, organization, a_guess("asem@example.org"))
    second = await apply(scene, person, other, a_guess("nobody@example.org"))

    assert [problem(answer, 422) for answer in nameless] == ["invalid", "invalid"]
    assert nameless[0].json()["detail"] == nameless[1].json()["detail"]
    assert (first.status_code, second.status_code) == (201, 201)
    assert plain(first.json()) == plain(second.json())
    shown = first.json()["persons"][0]
    assert shown["names"] == GIVEN
    assert shown["languages"] == []
    assert shown["person_id"] != theirs["persons"][0]["person_id"]
    read = await person.get(f"participations/{first.json()['id']}")
    assert read == first.json()
    organized = await scene.organizer.get(f"participations/{first.json()['id']}")
    assert organized["persons"][0]["names"] == TRUE
    assert organized["persons"][0]["person_id"] == theirs["persons"][0]["person_id"]


async def test_who_takes_part_already_comes_up_when_the_application_is_vetted(
    scene: Scene,
) -> None:
    await scene.confirmed("asem@example.org")
    person, organization = await applicant(scene)
    applied = (await apply(scene, person, organization, a_guess("asem@example.org"))).json()
    path = f"participations/{applied['id']}"

    vetted = await scene.organizer.call("POST", f"{path}/state", {"to": "vetted"}, version=1)
    assert problem(vetted, 409) == "already_applied"

    gone = await person.change(
        "PATCH", path, {"persons": [a_guess("new@example.org")]}, applied["version"]
    )
    moved = await scene.organizer.move(path, gone, "vetted", "confirmed")
    assert moved["state"] == "confirmed"


async def test_a_person_is_kept_under_the_id_that_the_applicant_knows(scene: Scene) -> None:
    person, organization = await applicant(scene)
    applied = (await apply(scene, person, organization, a_guess("new@example.org"))).json()
    path = f"participations/{applied['id']}"
    shown = applied["persons"][0]["person_id"]

    changed = await person.change(
        "PATCH", path, {"persons": [{"person_id": shown, "role": "head"}]}, applied["version"]
    )

    assert changed["persons"][0]["person_id"] == shown
    assert (changed["persons"][0]["role"], changed["persons"][0]["names"]) == ("head", GIVEN)
    organized = await scene.organizer.get(path)
    assert len(organized["persons"]) == 1


async def test_others_see_the_names_that_were_given_until_the_person_comes(scene: Scene) -> None:
    # The account is known: an organizer of something named it.
    tenant = f"tenants/{scene.tenant['id']}/roles"
    await scene.administrator.post(tenant, {"email": "asem@example.org", "role": "analyst"})
    asem = await scene.world.sign_in("asem@example.org")
    me = await asem.get("me")
    await asem.change("PATCH", "me", {"names": TRUE}, me["version"])
    person, organization = await applicant(scene)
    applied = (await apply(scene, person, organization, a_guess("asem@example.org"))).json()
    path = f"participations/{applied['id']}"
    await scene.world.sign_in("asem@example.org")
    assert (await person.get(path))["persons"][0]["names"] == GIVEN

    await scene.organizer.move(path, applied, "vetted", "confirmed")

    shown = (await person.get(path))["persons"][0]
    wanted = {"person_ids": [shown["person_id"]]}
    assert shown["names"] == GIVEN
    assert await _persons(person, wanted) == {shown["person_id"]: GIVEN}
    assert await _persons(scene.organizer, wanted) == {shown["person_id"]: TRUE}
    (contact,) = (await person.get(f"{path}/contacts"))["items"]
    assert contact["names"] == GIVEN
    listed = (await person.get(f"{scene.path}/directory"))["items"]
    assert GIVEN in [p["names"] for one in listed for p in one["persons"]]
    asem = await scene.world.sign_in("asem@example.org")
    assert (await person.get(path))["persons"][0]["names"] == TRUE
    assert await _persons(person, wanted) == {shown["person_id"]: TRUE}
    assert (await asem.get(f"{scene.path}/me"))["person"]["names"] == TRUE


async def _persons(person: Person, wanted: Json) -> Json:
    names: Json = (await person.post("names", wanted))["persons"]
    return names


async def test_an_introduction_goes_with_the_account_and_with_the_person(scene: Scene) -> None:
    person, organization = await applicant(scene)
    comers = [a_guess("one@example.org"), a_guess("two@example.org"), a_person(None, role="member")]
    applied = (await apply(scene, person, organization, *comers)).json()
    path = f"participations/{applied['id']}"
    kept = await _introduced(scene, applied)
    assert len(kept) == 2

    await person.change(
        "PATCH", path, {"persons": [{"person_id": applied["persons"][0]["person_id"]}]}, 1
    )
    assert len(await _introduced(scene, applied)) == 1
    one = await scene.world.sign_in("one@example.org")
    assert (await one.call("DELETE", "me")).status_code == 204

    assert await _introduced(scene, applied) == []
    assert (await person.get(path))["persons"][0]["names"] is None


async def _introduced(scene: Scene, participation: Json) -> list[Any]:
    async with scene.world.begin() as transaction:
        return await transaction.introductions.of([UUID(participation["id"])])
