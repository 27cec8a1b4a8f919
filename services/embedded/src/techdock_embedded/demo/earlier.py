"""The edition before, held and closed a year ago: a total for a ministry's analyst to read."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from techdock_embedded.client import Json
from techdock_embedded.demo import files
from techdock_embedded.demo.load import Demo, made_id

YEAR = timedelta(days=364)
"""A year back, on the same day of the week."""

STAYED_AWAY = 5
"""Every fifth organization of this year's was not there last year."""


async def hold_earlier_edition(demo: Demo) -> None:
    """Hold it in a few steps: one venue, participations, check-in at the door."""
    plan = demo.plan
    comers = [
        entry
        for number, entry in enumerate(demo.sheet)
        if number % STAYED_AWAY and entry["participation"]["state"] == "confirmed"
    ]
    demo.told("Recalling the edition of last year", len(comers))
    first_day = demo.first_day - YEAR
    event = await demo.organizer.post(
        f"registration/v1/tenants/{demo.tenant['id']}/docking-events",
        {
            "code": files.one("earlier.json")["code"],
            "names": files.one("earlier.json")["names"],
            "edition": plan["edition"] - 1,
            "starts_on": first_day.isoformat(),
            "ends_on": (first_day + timedelta(days=1)).isoformat(),
            "languages": plan["languages"],
            "programmes": plan["programmes"],
            "organizers": [
                {"organization_id": demo.organizations[o["organization"]]["id"], "role": o["role"]}
                for o in plan["organizers"]
            ],
        },
        key="demo earlier edition",
    )
    path = f"registration/v1/docking-events/{event['id']}"
    await _put_main_venue(demo, path)
    await demo.bring_event(path, "open")
    persons: list[str] = []

    async def take_part(entry: Json) -> None:
        body = {
            "external_id": entry["external_id"],
            "organization_id": demo.organizations[entry["external_id"]]["id"],
            "persons": [
                {
                    "email": p["email"],
                    "names": p["names"],
                    "role": p["role"],
                    "mode": "remote",
                    "zone": p["zone"],
                    "languages": p["languages"],
                }
                for p in entry["participation"]["persons"]
            ],
        }
        part = await demo.organizer.post(
            f"{path}/participations", body, key=f"demo earlier {entry['external_id']}"
        )
        done = await demo.bring(
            demo.organizer,
            f"registration/v1/participations/{part['id']}",
            *("applied", "vetted", "confirmed"),
        )
        persons.extend(person["person_id"] for person in done["persons"])

    await demo.each(comers, take_part)
    await demo.bring_event(path, "running")
    morning = datetime.combine(first_day, time(8, 30), ZoneInfo(plan["venues"][0]["zone"]))

    async def check_in(person: str) -> None:
        await demo.organizer.post(
            f"{path}/attendance",
            {"person_id": person, "at": morning.astimezone(UTC).isoformat()},
            key=f"demo earlier in {person}",
        )

    await demo.each(persons, check_in)
    await demo.bring_event(path, "closed")


async def _put_main_venue(demo: Demo, path: str) -> None:
    venue = demo.plan["venues"][0]
    id_ = made_id(f"earlier {venue['external_id']}")
    now = await demo.organizer.get(path)
    if any(known["id"] == id_ for known in now["venues"]):
        return
    body = {name: venue[name] for name in ("kind", "names", "city", "country", "zone", "capacity")}
    await demo.organizer.change("PUT", f"{path}/venues/{id_}", body, now["version"])
