"""Makes sure that a running Techdock has the demo docking event, and who can look at it how."""

import json
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from rich.console import Console

from techdock_embedded.client import Client
from techdock_embedded.compose import Techdock
from techdock_embedded.demo.day import Day
from techdock_embedded.demo.earlier import hold_earlier_edition
from techdock_embedded.demo.load import ANALYST, ORGANIZER, Demo
from techdock_embedded.folder import Folder
from techdock_embedded.people import own_token, sign_in_link, ticket

MARK = "demo.json"
NOON = 12


async def prepare(
    inside: Techdock, folder: Folder, address: str, console: Console
) -> dict[str, str]:
    """Fill the demo where it is not complete yet.

    Returns:
        A one-time sign-in link for each of the three users.
    """
    mark = folder.root / MARK
    if mark.exists():
        state = json.loads(mark.read_text())
    else:
        state = {"first_day": _first_day().isoformat()}
        mark.write_text(json.dumps(state))
    if "participant" not in state:
        state["participant"] = await _fill(inside, state["first_day"], console)
        mark.write_text(json.dumps(state))
    users = {
        "organizer": ORGANIZER,
        "participant": state["participant"],
        "ministry analyst": ANALYST,
    }
    return {who: await sign_in_link(inside, email, address) for who, email in users.items()}


def _first_day() -> date:
    """Today once it is noon at the main venue, so that meetings are over and others ahead."""
    now = datetime.now(ZoneInfo("Asia/Shanghai"))
    return now.date() - timedelta(days=now.hour < NOON)


async def _fill(inside: Techdock, first_day: str, console: Console) -> str:
    async with inside.http() as http:
        administrator = Client(http, await own_token(inside))

        async def sign_in(email: str) -> Client:
            body = {"ticket": await ticket(inside, email)}
            session = await administrator.post("registration/v1/sessions", body)
            return administrator.signed_in(session["token"])

        def told(what: str, things: int) -> None:
            console.print(f"{what} ({things})" if things > 1 else what)

        demo = Demo(administrator, sign_in, date.fromisoformat(first_day), told)
        await demo.open_tenant()
        await demo.register_organizations()
        await hold_earlier_edition(demo)
        await demo.open_docking_event()
        await demo.let_take_part()
        await demo.publish_profiles()
        day = Day(demo)
        await day.ask()
        await day.publish_timetable()
        await day.begin()
        await day.cooperate()
        return demo.hero
