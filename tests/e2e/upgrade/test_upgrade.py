"""A data folder of every release opens, and its people read what they read before."""

import json
from pathlib import Path

import httpx
import pytest
from support import kept
from support.kept import ADMINISTRATOR, FOLDERS, Read
from support.programs import Embedded
from support.story import Story
from techdock_embedded.client import Client

KEPT = sorted(each.name for each in FOLDERS.iterdir() if (each / "read.json").exists())


def test_the_first_release_is_kept() -> None:
    assert "v0.1" in KEPT


@pytest.mark.parametrize("release", KEPT)
async def test_a_folder_of_an_earlier_release_opens_and_goes_on(
    release: str, tmp_path: Path
) -> None:
    before = Read(**json.loads((FOLDERS / release / "read.json").read_text(encoding="utf-8")))
    kept.restore(FOLDERS / release, tmp_path / "data")
    program = Embedded(tmp_path / "data")
    token = program.token(ADMINISTRATOR)
    # What is read below is derived anew, from a journal that the earlier release has written.
    assert "rebuilt" in program.command("rebuild", "--data", str(program.data))
    program.start()
    try:
        async with httpx.AsyncClient(base_url=program.url, timeout=30) as http:
            story = Story(Client(http, token), tag=before.tag)
            story.organizer = await story.sign_in(story.mail_of("organizer"))
            event = f"registration/v1/docking-events/{before.docking_event}"
            story.docking_event = await story.organizer.get(event)
            for who in ("farm", "maker"):
                story.people[who] = await story.sign_in(story.mail_of(who))

            assert await kept.read(story, before.calendar) == before
            assert story.docking_event["state"] == "running"

            # And it goes on: what is written now takes effect in the other services.
            parts = story.organizer.every(f"{event}/participations")
            found = {part["organization"]["id"]: part async for part in parts}
            me = await story.people["farm"].get("registration/v1/me")
            mine = next(found[part["organization_id"]] for part in me["participations"])
            story.organizations["farm"] = mine["organization"]
            again = kept.irrigation("ru", "Ещё капельное орошение")
            need = await story.publish_profile("again", "farm", "need", texts=again)
            assert need["state"] == "published"
            await story.figures(NEEDS=2)
    finally:
        program.stop()
