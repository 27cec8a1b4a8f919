"""The log of the real program: what happened, and nobody's secrets or addresses."""

from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from support.programs import Embedded
from support.waiting import until
from techdock_embedded.client import Client, Refused

ADDRESS = "observed.person@story.example"
PASSWORD = "correct horse battery staple"
BROWSER = {"Sec-Fetch-Site": "same-origin"}
SPOKEN = "a message that only two people read"


async def come_in(
    http: httpx.AsyncClient, administrator: Client, secrets: dict[str, str]
) -> Client:
    """Ask for a link, redeem it on the page, and set a password."""
    tenant = await administrator.post(
        "registration/v1/tenants",
        {
            "code": f"t-{uuid4().hex[:8]}",
            "names": {"original": "en", "versions": {"en": {"text": "Centre"}}},
            "zone": "Asia/Urumqi",
            "languages": ["en"],
        },
    )
    roles = f"registration/v1/tenants/{tenant['id']}/roles"
    await administrator.post(roles, {"email": ADDRESS, "role": "organizer"})

    async def ticket() -> str | None:
        mails = administrator.every("registration/v1/mails", to=ADDRESS)
        return next((m["ticket"] for m in [m async for m in mails] if m["ticket"]), None)

    secrets["ticket"] = await until("a link", ticket)
    await http.get(f"/sign-in?ticket={secrets['ticket']}", follow_redirects=True)
    redeemed = await http.post(f"/sign-in/{secrets['ticket']}", headers=BROWSER)
    secrets["session"] = redeemed.cookies["techdock_session"]
    person = administrator.signed_in(secrets["session"])
    await person.send("PUT", "registration/v1/me/password", json={"password": PASSWORD})
    return person


async def go_wrong(http: httpx.AsyncClient, secrets: dict[str, str]) -> None:
    """Send secrets to where they do not belong, as people and programs do."""
    key = {"Idempotency-Key": str(uuid4())}
    await http.get(f"/api/registration/v1/nothing/{secrets['token']}")
    await http.get(f"/api/registration/v1/me?token={secrets['token']}")
    await http.get(f"/api/matching/v1/calendars/{secrets['token']}.ics")
    await http.post(
        "/api/registration/v1/sessions", json={"ticket": secrets["ticket"]}, headers=key
    )
    await http.post(
        "/api/registration/v1/sessions",
        json={"email": ADDRESS, "password": PASSWORD, "surprise": SPOKEN},
        headers=key,
    )
    broken = f'{{"email": "{ADDRESS}", "password": "{PASSWORD}"'
    json = {"Content-Type": "application/json", **key}
    await http.post("/api/registration/v1/sessions", content=broken, headers=json)
    await http.post(
        "/sign-in/password", data={"email": ADDRESS, "password": PASSWORD}, headers=BROWSER
    )


async def test_no_secret_and_no_address_is_in_the_log(tmp_path: Path) -> None:
    program = Embedded(tmp_path / "data")
    command = ("token", "admin@story.example", "--administrator", "--data", str(program.data))
    secrets = {"administrator": program.command(*command).strip(), "password": PASSWORD}
    program.start()
    try:
        async with httpx.AsyncClient(base_url=program.url, timeout=30) as http:
            administrator = Client(http, secrets["administrator"])
            person = await come_in(http, administrator, secrets)
            made = await person.post(
                "registration/v1/tokens", {"name": "program", "scopes": ["read"]}
            )
            secrets["token"] = made["token"]
            await person.signed_in(made["token"]).get("registration/v1/me/export")
            with pytest.raises(Refused):
                await person.post("registration/v1/profiles", {"surprise": SPOKEN})
            await go_wrong(http, secrets)
            await person.send("DELETE", "registration/v1/me")
    finally:
        program.stop()
    log = program.log_file.read_text()
    assert "/v1/sessions" in log
    assert "/sign-in/{ticket}" in log
    secrets |= {"address": ADDRESS, "person": ADDRESS.partition("@")[0], "words": SPOKEN}
    told = {name for name, secret in secrets.items() if secret in log}
    assert not told, "\n".join(
        line[:300] for line in log.splitlines() if any(secrets[name] in line for name in told)
    )


def test_the_program_keeps_its_folder_to_itself(tmp_path: Path) -> None:
    program = Embedded(tmp_path / "data")
    program.start()
    try:
        assert program.data.stat().st_mode & 0o077 == 0
        assert (program.data / "deployment.key").stat().st_mode & 0o077 == 0
    finally:
        program.stop()
