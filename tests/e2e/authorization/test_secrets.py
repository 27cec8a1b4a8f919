"""Links, tokens and tickets are for whom they are, and a narrow credential stays narrow."""

from uuid import uuid4

import pytest
from support.authorization import World
from support.waiting import until
from techdock_embedded.client import Client, Json, Refused

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def reader_of(client: Client) -> Client:
    made = await client.post("registration/v1/tokens", {"name": "reads", "scopes": ["read"]})
    return client.signed_in(made["token"])


async def kept_link(world: World, to: str) -> Json:
    """A mail to somebody with a link that still works."""

    async def found() -> Json | None:
        mails = world.inside.administrator.every("registration/v1/mails", to=to)
        return next((mail for mail in [m async for m in mails] if mail["ticket"]), None)

    return await until(f"a link to {to}", found)


async def test_a_token_that_only_reads_does_not_come_by_sign_in_links(world: World) -> None:
    address = f"late.{uuid4().hex[:8]}@story.example"
    roles = f"registration/v1/tenants/{world.things['own']['tenant_id']}/roles"
    await world.client("organizer").post(roles, {"email": address, "role": "analyst"})
    kept = await kept_link(world, address)
    assert kept["ticket"] in kept["body"]

    reading = await reader_of(world.inside.administrator)
    mails = [mail async for mail in reading.every("registration/v1/mails")]

    assert mails
    assert not [mail for mail in mails if mail["ticket"]]
    assert kept["ticket"] not in str(mails)


async def test_own_mails_and_export_hide_links_from_a_token_that_only_reads(world: World) -> None:
    mine = world.client("analyst")
    me = await mine.get("registration/v1/me")
    await mine.post("registration/v1/sign-in-links", {"email": me["email"]})
    await kept_link(world, me["email"])
    reading = await reader_of(mine)
    for path in ("registration/v1/me/mails", "registration/v1/me/export"):
        told = str(await reading.get(path))
        assert "sign_in_link" in told
        assert "'ticket': None" in told
        assert not [m for m in told.split("ticket=")[1:] if not m.startswith("***")]


async def test_a_token_gives_no_more_than_its_maker_has(world: World) -> None:
    made = await world.client("analyst").post(
        "registration/v1/tokens", {"name": "writes", "scopes": ["write"]}
    )
    narrow = world.inside.administrator.signed_in(made["token"])
    with pytest.raises(Refused) as refused:
        await narrow.post("registration/v1/tokens", {"name": "all", "scopes": ["read", "write"]})
    assert refused.value.status == 422


async def test_an_organizer_reads_that_a_mail_was_sent_and_not_its_link(world: World) -> None:
    path = f"registration/v1/docking-events/{world.things['own']['docking_event_id']}/mails"
    mails = [mail async for mail in world.client("organizer").every(path)]
    assert mails
    assert not [mail for mail in mails if mail["ticket"]]


async def test_a_dropped_token_and_an_ended_session_open_nothing(world: World) -> None:
    made = await world.client("analyst").post(
        "registration/v1/tokens", {"name": "short", "scopes": ["read"]}
    )
    narrow = world.inside.administrator.signed_in(made["token"])
    await narrow.get("registration/v1/me")
    await world.client("analyst").send("DELETE", f"registration/v1/tokens/{made['id']}")
    for path in (
        "registration/v1/me",
        "matching/v1/projects",
        "reporting/v1/ministry/answers",
    ):
        with pytest.raises(Refused) as refused:
            await narrow.get(path)
        assert refused.value.status == 401, path
