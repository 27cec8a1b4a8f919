"""Data folders of earlier releases, kept as text: one SQL dump per database, and what people read."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
from techdock_embedded.client import Client, Json

from support.story import Story, text

FOLDERS = Path(__file__).parents[1] / "e2e" / "upgrade"
ADMINISTRATOR = "admin@story.example"
AS_OF = "2026-12-31"
KEY = "deployment.key"


@dataclass(frozen=True)
class Read:
    """What people of the kept docking event read at the end.

    Attributes:
        tag: Part of their mail addresses.
        figures: The organizer's, as of AS_OF.
        timetable: Of `farm`.
        calendar: Path of farm's calendar feed, and the UIDs in it.
    """

    tag: str
    docking_event: str
    figures: Json
    timetable: Json
    project: Json
    calendar: str
    uids: list[str]


def keep(folder: Path, into: Path) -> None:
    """Write the databases of a folder at rest as SQL, and its key."""
    into.mkdir(parents=True)
    for database in sorted(folder.glob("*.db")):
        with closing(sqlite3.connect(database)) as connection:
            lines = "\n".join(connection.iterdump())
        (into / f"{database.stem}.sql").write_text(lines + "\n", encoding="utf-8")
    (into / KEY).write_text((folder / KEY).read_text())


def restore(kept: Path, folder: Path) -> None:
    """Make a folder again out of what was kept."""
    folder.mkdir(mode=0o700)
    for dump in sorted(kept.glob("*.sql")):
        with closing(sqlite3.connect(folder / f"{dump.stem}.db")) as connection:
            connection.executescript(dump.read_text(encoding="utf-8"))
    (folder / KEY).write_text((kept / KEY).read_text())
    (folder / KEY).chmod(0o600)


async def read(story: Story, calendar: str) -> Read:
    """Read what is compared after an upgrade; farm and the organizer are signed in."""
    assert story.organizer
    figures = f"reporting/v1/docking-events/{story.docking_event['id']}/figures"
    farm = story.people["farm"]
    projects = [one async for one in farm.every("matching/v1/projects")]
    feed = (await story.administrator.signed_in(None).send("GET", calendar)).text
    uids = [line for line in feed.splitlines() if line.startswith(("UID", "SEQUENCE"))]
    return Read(
        story.tag,
        story.docking_event["id"],
        (await story.organizer.get(figures, as_of=AS_OF))["figures"],
        await story.counterpart_timetable("farm"),
        await farm.get(f"matching/v1/projects/{projects[0]['id']}"),
        calendar,
        uids,
    )


def irrigation(language: str, words: str) -> Json:
    """The texts of a need or an offer about drip irrigation."""
    return {
        "title": text(language, **{language: words}, en="Drip irrigation for saline soil"),
        "summary": text(language, **{language: words}, en="Drip lines that salt does not clog."),
    }


async def play(url: str, token: str) -> Read:
    """Play a docking event up to a project, with a meeting held and one request open."""
    async with httpx.AsyncClient(base_url=url, timeout=30) as http:
        story = Story(Client(http, token))
        await story.open_tenant()
        await story.open_docking_event()
        await story.take_part("farm", "UZ", "ru", zone="Asia/Tashkent")
        await story.take_part("maker", "CN", "en", zone="Asia/Shanghai")
        need, offer = irrigation("ru", "Капельное орошение"), irrigation("uz", "Tomchilatib")
        await story.publish_profile("offer", "maker", "offer", texts=offer)
        await story.publish_profile("need", "farm", "need", texts=need)
        await story.see_each_other("need", "farm", "offer", within_s=60)
        await story.ask("farm", "maker")
        await story.answer("farm", "maker", "accepted")
        await story.publish_timetable()
        assert story.organizer
        now = await story.organizer.get(story.event_path)
        story.docking_event = await story.organizer.move(story.event_path, now, "running")
        await story.check_in("farm", "maker")
        await story.report_meetings(farm_maker="held")
        await story.cooperate("farm", "maker")
        await story.figures(HEADCOUNT=2, MEETINGS_HELD=1, INTENTIONS=1, unconfirmed_agreement=1)
        body = {"docking_event_id": story.docking_event["id"]}
        calendar = await story.people["farm"].post("matching/v1/calendars", body)
        return await read(story, calendar["url"].split("/api/", 1)[1])
