"""Mails: planned once for a cause, written in the reader's language, sent with a lease."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from support.databases import DATABASES, database
from support.registration import Scene, World, open_world, problem, set_scene
from techdock_contracts import matching as told
from techdock_registration.adapters import tables
from techdock_registration.app import reactions
from techdock_registration.app.ports import Letter, Post
from techdock_shared.errors import Invalid, Unavailable
from typing_extensions import override


@dataclass
class Recorder(Post):
    """A mail server that writes down what it gets, or refuses it."""

    got: list[tuple[str, Letter, str]] = field(default_factory=list)
    away: bool = False
    unknown: bool = False

    @property
    @override
    def keeps(self) -> bool:
        return False

    @override
    async def send(self, to: str, letter: Letter, message_id: str, language: str) -> None:
        if self.unknown:
            raise Invalid("the mail server refuses the address")
        if self.away:
            raise Unavailable("the mail server does not answer")
        self.got.append((to, letter, message_id))


def head(scene: Scene, asking: str, asked: str) -> dict:  # type: ignore[type-arg]
    return {
        "id": uuid4(),
        "tenant": UUID(scene.tenant["id"]),
        "docking_event_id": UUID(scene.docking_event["id"]),
        "request_id": UUID(int=5),
        "asking_participation_id": UUID(asking),
        "asked_participation_id": UUID(asked),
        "time": scene.world.clock.now(),
        "subject": "request",
        "occurred_on": scene.world.clock.now().date(),
    }


async def pair(scene: Scene):  # type: ignore[no-untyped-def]
    asem, _, mine = await scene.confirmed("asem@example.org")
    bolat, _, theirs = await scene.confirmed(
        "bolat@example.org", names={"native": "Болат ЖШС", "latin": "Bolat LLP", "language": "kk"}
    )
    await scene.world.deliver()
    persons = [UUID(p["persons"][0]["person_id"]) for p in (mine, theirs)]
    return (asem, bolat), (mine, theirs), persons


async def newest(person, reason: str):  # type: ignore[no-untyped-def]
    return [m for m in (await person.get("me/mails"))["items"] if m["reason"] == reason]


async def test_those_concerned_are_told_in_their_language(scene: Scene) -> None:
    (asem, bolat), (mine, theirs), persons = await pair(scene)
    me = await bolat.get("me")
    await bolat.change("PATCH", "me", {"language": "zh-Hans"}, me["version"])
    bolat = await scene.world.sign_in("bolat@example.org")
    facts = head(scene, mine["id"], theirs["id"])
    requested = told.MeetingRequested(
        **facts,
        asking_persons=(persons[0],),
        asked_persons=(persons[1],),
        expires_at=scene.world.clock.now() + timedelta(days=3),
    )
    accepted = told.MeetingAccepted(**(facts | {"id": uuid4()}))
    for _ in range(2):  # an event may be given to the handler again after a crash
        async with scene.world.begin() as transaction:
            await reactions.requested(requested, transaction)
            await reactions.accepted(accepted, transaction)
    await scene.world.deliver()

    (asked,) = await newest(bolat, "request_received")
    (answered,) = await newest(asem, "request_answered")
    assert "希望" in asked["subject"]
    assert "Пример (Primer)" in asked["subject"]
    assert "对接活动" in asked["body"]
    assert answered["language"] == "ru"
    assert answered["subject"] == "Болат ЖШС (Bolat LLP): запрос встречи принят"


async def test_both_sides_of_a_proposal_are_asked_and_nobody_is_asked_again(scene: Scene) -> None:
    (asem, bolat), (mine, theirs), persons = await pair(scene)
    facts = head(scene, mine["id"], theirs["id"])
    proposal_id, until = uuid4(), scene.world.clock.now() + timedelta(days=3)
    proposed = told.MeetingProposed(
        **{name: facts[name] for name in ("tenant", "docking_event_id", "time")},
        id=uuid4(),
        subject=str(proposal_id),
        proposal_id=proposal_id,
        participations=(UUID(mine["id"]), UUID(theirs["id"])),
        persons=((persons[0],), (persons[1],)),
        expires_at=until,
    )
    requested = told.MeetingRequested(
        **facts,
        asking_persons=(persons[0],),
        asked_persons=(persons[1],),
        expires_at=until,
        proposal_id=proposal_id,
    )
    async with scene.world.begin() as transaction:
        await reactions.proposed(proposed, transaction)
        await reactions.requested(requested, transaction)
        await reactions.accepted(told.MeetingAccepted(**(facts | {"id": uuid4()})), transaction)
    await scene.world.deliver()

    (first,) = await newest(asem, "request_received")
    (second,) = await newest(bolat, "request_received")
    assert first["subject"] == "Предлагается встреча: Болат ЖШС (Bolat LLP)"
    assert "Пример (Primer)" in second["body"]
    assert len(await newest(asem, "request_answered")) == 1


async def test_after_a_counter_proposal_the_other_side_is_told(scene: Scene) -> None:
    (asem, bolat), (mine, theirs), persons = await pair(scene)
    facts = head(scene, mine["id"], theirs["id"])
    sides = {"asking_persons": (persons[0],), "asked_persons": (persons[1],)}
    async with scene.world.begin() as transaction:
        await reactions.requested(
            told.MeetingRequested(**facts, **sides, expires_at=scene.world.clock.now()),
            transaction,
        )
        again = facts | {"id": uuid4()}
        await reactions.countered(told.MeetingCountered(**again, **sides, slots=2), transaction)
        last = facts | {"id": uuid4()}
        await reactions.declined(told.MeetingDeclined(**last), transaction)
    await scene.world.deliver()

    assert len(await newest(asem, "request_answered")) == 1
    (declined,) = await newest(bolat, "request_answered")
    assert "отклонён" in declined["subject"]


async def test_a_timetable_and_its_changes_are_told_to_who_meets(scene: Scene) -> None:
    (asem, bolat), (mine, theirs), persons = await pair(scene)
    organizer, now = scene.organizer, scene.world.clock.now()
    parties = tuple(
        told.Party(
            participation_id=UUID(p["id"]),
            organization_id=UUID(p["organization"]["id"]),
            group_id=uuid4(),
            country="KZ",
            persons=(person,),
        )
        for p, person in zip((mine, theirs), persons, strict=True)
    )
    place = {
        "tenant": UUID(scene.tenant["id"]),
        "docking_event_id": UUID(scene.docking_event["id"]),
        "time": now,
        "subject": "meeting",
    }
    facts = place | {
        "meeting_id": UUID(int=9),
        "timetable_version": 1,
        "parties": parties,
        "start": now + timedelta(hours=1),
        "end": now + timedelta(hours=2),
        "zone": "Asia/Urumqi",
        "session_id": uuid4(),
        "venue_id": uuid4(),
    }
    async with scene.world.begin() as transaction:
        await reactions.booked(told.MeetingBooked(id=uuid4(), **facts), transaction)
        await reactions.published(
            told.TimetablePublished(
                id=uuid4(),
                **place,
                timetable_id=uuid4(),
                timetable_version=1,
                booked=1,
                moved=0,
                cancelled=0,
                unplaced=0,
            ),
            transaction,
        )
        later = facts | {"start": now + timedelta(hours=3), "end": now + timedelta(hours=4)}
        await reactions.moved(told.MeetingMoved(id=uuid4(), **later), transaction)
        gone = place | {"meeting_id": UUID(int=9), "timetable_version": 2}
        await reactions.cancelled(told.MeetingCancelled(id=uuid4(), **gone), transaction)
    await scene.world.deliver()

    assert await newest(bolat, "timetable_published")
    cancelled, moved = sorted(await newest(asem, "meeting_moved"), key=lambda m: m["subject"])
    moved, cancelled = (
        (cancelled, moved) if "перенесена" in cancelled["subject"] else (moved, cancelled)
    )
    assert "23:00 (Asia/Urumqi)" in moved["body"] or "21:00 (Asia/Urumqi)" in moved["body"]
    assert "1 мая 2030" in moved["body"]
    assert "отменена" in cancelled["subject"]
    ledger = (await organizer.get(f"{scene.path}/mails"))["items"]
    assert {m["reason"] for m in ledger} >= {"invitation", "timetable_published", "meeting_moved"}
    assert all(
        m["ticket"] is None and "ticket=***" in m["body"]
        for m in ledger
        if m["reason"] == "invitation"
    )


@pytest.mark.parametrize("kind", DATABASES)
async def test_by_smtp_no_secret_stays_and_failures_are_tried_again(
    kind: str, tmp_path: Path
) -> None:
    post = Recorder()
    async with (
        database(kind, tmp_path, tables.metadata) as engine,
        open_world(engine, post=post) as world,
    ):
        admin = await world.administrator()
        post.away = True
        await world.anybody.post("sign-in-links", {"email": "admin@example.org"})
        assert await world.deliver() == 1
        assert await world.deliver() == 0, "not at once again"
        (waiting,) = (await admin.get("mails"))["items"]
        assert (waiting["state"], waiting["attempts"]) == ("planned", 1)
        world.clock.time += timedelta(minutes=2)
        post.away = False
        assert await world.deliver() == 1

        ((to, letter, message_id),) = post.got
        (sent,) = (await admin.get("mails"))["items"]
        assert (to, message_id) == ("admin@example.org", sent["id"])
        assert "ticket=" in letter.body
        assert sent["ticket"] is None
        assert "ticket=***" in sent["body"]
        ticket = letter.body.split("ticket=")[1].split()[0]
        assert (await world.anybody.post("sessions", {"ticket": ticket}))["token"]


async def test_a_refused_address_fails_for_good_and_can_be_sent_again(world: World) -> None:
    world.post = post = Recorder(unknown=True)
    admin = await world.administrator()
    await world.anybody.post("sign-in-links", {"email": "admin@example.org"})
    await world.deliver()
    (failed,) = (await admin.get("mails", state="failed"))["items"]
    assert failed["error"] == "the mail server refuses the address"

    post.unknown = False
    again = await admin.post(f"mails/{failed['id']}/resend")
    assert again["state"] == "planned"
    await world.deliver()

    assert [to for to, *_ in post.got] == ["admin@example.org"]
    sent = await admin.get("mails", state="sent")
    assert len(sent["items"]) == 1


async def test_a_lease_keeps_others_away_until_it_ends(world: World) -> None:
    await world.administrator()
    await world.anybody.post("sign-in-links", {"email": "admin@example.org"})
    async with world.begin() as transaction:
        (mail,) = await transaction.mails.due(world.clock.now(), 10)
        await transaction.mails.save(mail.take(world.clock.now()))

    assert await world.deliver() == 0, "its sender may still be at work"
    world.clock.time += timedelta(minutes=2)
    assert await world.deliver() == 1, "its sender died"


async def test_the_ledger_is_for_organizers_and_administrators(world: World) -> None:
    scene, elsewhere = await set_scene(world), await set_scene(world)
    asem, *_ = await scene.confirmed("asem@example.org")
    await world.deliver()
    mails = (await scene.organizer.get(f"{scene.path}/mails"))["items"]

    assert problem(await asem.call("GET", f"{scene.path}/mails"), 403) == "forbidden"
    assert problem(await scene.organizer.call("GET", "mails"), 403) == "forbidden"
    foreign = await elsewhere.organizer.call("POST", f"mails/{mails[0]['id']}/resend")
    assert problem(foreign, 404) == "not_found"
