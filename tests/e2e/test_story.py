"""One docking event, end to end: register, match, meet, report. On whichever program is given."""

import csv
import io

import pytest
from support.story import Story, text
from techdock_embedded.client import Client, Refused

NEED = {
    "texts": {
        "title": text(
            "ru",
            ru="Капельное орошение для засоленных почв",
            en="Drip irrigation for saline soils",
        ),
        "summary": text(
            "ru",
            ru="Ищем систему капельного орошения хлопчатника на засоленных почвах.",
            en="We seek a drip irrigation system for cotton on saline soils.",
        ),
        "description": text(
            "ru",
            ru="Вода солоноватая, испарение высокое; нужны капельницы, которые не засоряются.",
            en="Brackish water, high evaporation; emitters that do not clog are needed.",
        ),
    },
    "trl_least": 7,
    "trl_most": 9,
    "cooperation": ["technical_cooperation"],
    "technology_keywords": ["drip irrigation", "saline soil", "emitter"],
    "ipc": ["A01G25/02"],
    "conditions": {"climate": ["arid"], "water": ["brackish"]},
}
OFFER = {
    "texts": {
        "title": text(
            "zh-Hans",
            zh_Hans="盐碱地抗堵塞滴灌系统",
            en="Anti-clogging drip irrigation for saline soils",
        ),
        "summary": text(
            "zh-Hans",
            zh_Hans="适用于微咸水的抗堵塞滴头和棉花滴灌系统。",
            en="Anti-clogging emitters and a drip irrigation system for cotton with brackish water.",
        ),
    },
    "trl": 8,
    "cooperation": ["technical_cooperation", "licence"],
    "technology_keywords": ["drip irrigation", "emitter", "brackish water"],
    "ipc": ["A01G25/02"],
    "conditions": {"climate": ["arid"], "water": ["brackish"]},
}
UNFIT = {
    "texts": {
        "title": text("en", en="Telemedicine cart"),
        "summary": text("en", en="A cart for remote ultrasound in rural clinics."),
    },
    "trl": 9,
    "technology_keywords": ["telemedicine"],
    "ipc": ["G16H40/67"],
}


async def test_one_docking_event_end_to_end(techdock_client: Client) -> None:
    story = Story(techdock_client)
    await story.open_tenant()
    await story.open_docking_event()
    await story.take_part("farm", "UZ", "ru", zone="Asia/Tashkent")
    await story.take_part("maker", "CN", "zh-Hans", zone="Asia/Shanghai")
    await story.take_part("clinic", "FR", "fr", zone="Europe/Paris")

    # A need in Russian stands in the list of the fitting offer, and has its own.
    await story.publish_profile("offer", "maker", "offer", **OFFER)
    await story.publish_profile("unfit", "clinic", "offer", **UNFIT)
    await story.publish_profile("need", "farm", "need", **NEED)
    theirs = await story.see_each_other("offer", "maker", "need", within_s=60)
    mine = await story.see_each_other("need", "farm", "offer", within_s=60)
    assert mine["reasons"]
    assert mine["reasons_there"]
    assert theirs["reasons"]
    best = await story.matches("need", "farm")
    assert best[0]["profile_id"] == story.profiles["offer"]["id"]

    # Requests: accepted, declined, and one left open that blocks nothing.
    await story.ask("farm", "maker")
    await story.answer("farm", "maker", "accepted")
    await story.ask("clinic", "maker")
    await story.answer("clinic", "maker", "declined")
    await story.ask("clinic", "farm")
    published = await story.publish_timetable()
    assert published["state"] == "published"
    assert [m["request_id"] for m in published["meetings"]] == [story.requests["farm->maker"]["id"]]

    # Everybody's own timetable, and a calendar that a stranger cannot guess.
    for who in ("farm", "maker"):
        assert len((await story.counterpart_timetable(who))["meetings"]) == 1
    assert (await story.counterpart_timetable("clinic"))["meetings"] == []
    calendar = await story.people["farm"].post(
        "matching/v1/calendars", {"docking_event_id": story.docking_event["id"]}
    )
    path = calendar["url"].split("/api/", 1)[1]
    ics = (await techdock_client.signed_in(None).send("GET", path)).text
    assert ics.count("BEGIN:VEVENT") == 1
    assert "SEQUENCE:0" in ics
    assert "Maker" in ics

    # Contacts are shown after both accepted, and only then.
    contacts = await story.people["farm"].get(
        f"registration/v1/participations/{story.participations['maker']['id']}/contacts"
    )
    assert story.mail_of("maker") in str(contacts)
    with pytest.raises(Refused) as refused:
        await story.people["clinic"].get(
            f"registration/v1/participations/{story.participations['farm']['id']}/contacts"
        )
    assert refused.value.status in (403, 404)

    # The day.
    assert story.organizer
    story.docking_event = await story.organizer.get(story.event_path)
    story.docking_event = await story.organizer.move(
        story.event_path, story.docking_event, "running"
    )
    await story.check_in("farm", "maker", "clinic")
    await story.report_meetings(farm_maker="held")
    await story.cooperate("farm", "maker")

    # The organizer's exact figures.
    await story.figures(
        HEADCOUNT=3,
        FOREIGN=2,
        COUNTRIES=3,
        NEEDS=1,
        OFFERS=2,
        MEETINGS_BOOKED=1,
        MEETINGS_HELD=1,
        INTENTIONS=1,
        AGREEMENTS=0,
        EVENTS_HELD=0,
        unconfirmed_agreement=1,
    )

    # Held and closed: the ministry sees totals only, and nothing small.
    for state in ("held", "closed"):
        now = await story.organizer.get(story.event_path)
        story.docking_event = await story.organizer.move(story.event_path, now, state)
    await story.figures(EVENTS_HELD=1)
    answer = await story.people["analyst"].get("reporting/v1/ministry/figures", as_of="2999-12-31")
    assert answer["figures"][0]["value"] == 1
    totals = answer["docking_events"][0]["figures"]
    assert {(figure["value"], figure["flag"]) for figure in totals} == {(None, "[c]")}
    with pytest.raises(Refused) as refused:
        await story.people["analyst"].get(
            f"reporting/v1/docking-events/{story.docking_event['id']}/figures"
        )
    assert refused.value.status == 403
    download = await story.people["analyst"].send(
        "GET", "reporting/v1/ministry/figures", params={"as_of": "2999-12-31", "format": "csv"}
    )
    assert download.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(download.content.decode("utf-8-sig"))))
    assert rows[0][0] == "answer"
    earlier = await story.people["analyst"].get("reporting/v1/ministry/answers")
    assert len(earlier["items"]) == 2

    # Everyone concerned was told, in the mail ledger with a reason.
    reasons = {mail["reason"] async for mail in story.organizer.every(f"{story.event_path}/mails")}
    assert {"request_received", "request_answered", "timetable_published"} <= reasons
