"""R1 in one process: jobs and the delivery of mails die at any point; each is done once."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from support.clock import NOON, FrozenClock
from support.crashes import Died, dying_at
from support.databases import DATABASES, database
from support.delivering import in_order, listened
from support.matching import World
from support.matching_app import Matching, matching
from support.readers import READERS, make_tables
from support.registration import open_world, text
from support.tales import tale
from techdock_matching.adapters.search.planner import LocalSearchPlanner
from techdock_registration.app import ports
from techdock_reporting.adapters import tables as reporting
from techdock_reporting.adapters.rebuild import SqlRebuilder
from techdock_reporting.adapters.transaction import SqlBegin
from techdock_reporting.entrypoints.jobs import handlers
from techdock_shared.sql.jobs import DONE, Job, find
from techdock_shared.sql.worker import Worker
from typing_extensions import override

JOB_POINTS = (
    "job.after_claim",
    "job.before_save",
    "job.after_save",
    "job.before_finish",
    "job.after_finish",
    "transaction.before_commit",
    "transaction.after_commit",
)
LEASE = timedelta(seconds=11)
MAIL_LEASE = timedelta(minutes=3)


@pytest.mark.parametrize("point", JOB_POINTS)
@pytest.mark.parametrize("kind", DATABASES)
async def test_a_rebuild_dies(kind: str, point: str, tmp_path: Path) -> None:
    reader, clock = READERS["reporting"], FrozenClock(NOON)
    async with database(kind, tmp_path) as engine:
        await make_tables(reader, engine)
        await reader.hear(engine, in_order(listened(tale(1), reader.handlers)))
        expected = await reader.model(engine)
        async with SqlBegin(engine, clock)() as transaction:
            job_id = await transaction.ask_for("rebuild", {})

        def new_worker() -> Worker:
            rebuild = handlers(SqlRebuilder(engine, clock))
            return Worker(engine, reporting.plumbing.jobs, rebuild, clock=clock)

        with dying_at(point) as died, suppress(Died):
            await new_worker().work_once()
        assert died == [point]
        if point != "transaction.before_commit":  # That of the claim: the job is free.
            assert not await new_worker().work_once(), "the lease is not over"
        clock.time += LEASE
        job = await _done(new_worker(), job_id, engine)

        assert job.result
        assert len(job.result["sha256"]) == 64
        assert await reader.model(engine) == expected
        f = reporting.facts
        async with engine.connect() as connection:
            generations = (await connection.execute(select(f.c.generation).distinct())).all()
        assert len(generations) == 1


async def _done(worker: Worker, job_id: UUID, engine: AsyncEngine) -> Job:
    while await worker.work_once():
        pass
    async with engine.connect() as connection:
        job = await find(connection, reporting.plumbing.jobs, job_id)
    assert job.state == DONE
    return job


@pytest.mark.parametrize(
    "point", [p for p in JOB_POINTS if "save" not in p and "before_commit" not in p]
)
async def test_a_timetable_run_dies(point: str, tmp_path: Path) -> None:
    world = World()
    async with matching("sqlite", tmp_path) as app:
        organizer = app.organizer(world)
        where = f"/docking-events/{world.docking_event}"
        await _agree(app, world)
        run = await organizer.post(f"{where}/timetable-runs", {"seconds": 1, "seed": 1}, 202)
        with dying_at(point) as died, suppress(Died):
            await app.work(LocalSearchPlanner())
        assert died == [point]
        app.clock.time += LEASE
        await app.work(LocalSearchPlanner())

        run = await organizer.get(f"/timetable-runs/{run['id']}")
        assert run["state"] == "done"
        drafts = (await organizer.get(f"{where}/timetables"))["items"]
        assert [draft["id"] for draft in drafts] == [run["timetable_id"]]


async def _agree(app: Matching, world: World) -> None:
    people = ("ana", "bek")
    await app.hear(world.announced(), world.opened(), world.session_planned())
    await app.hear(*(world.participant(name) for name in people))
    ana, bek = (app.participant(world, name) for name in people)
    body = {"asked_participation_id": str(world.participation("bek"))}
    sent = await ana.post(f"/docking-events/{world.docking_event}/requests", body, 201)
    await bek.post(f"/requests/{sent['id']}/state", {"to": "accepted"}, version=1)


@dataclass
class Outside(ports.Post):
    """A mail server: what it was given stays given, whoever dies."""

    got: list[tuple[str, str]] = field(default_factory=list)

    @property
    @override
    def keeps(self) -> bool:
        return False

    @override
    async def send(self, to: str, letter: ports.Letter, message_id: str, language: str) -> None:
        self.got.append((to, message_id))


MAIL_POINTS = ("mail.after_take", "mail.before_send", "mail.before_save", "mail.after_save")


@pytest.mark.parametrize("point", MAIL_POINTS)
@pytest.mark.parametrize("kind", DATABASES)
async def test_the_delivery_of_a_mail_dies(kind: str, point: str, tmp_path: Path) -> None:
    post, people = Outside(), [f"p{n}@example.org" for n in range(3)]
    t = READERS["registration"].tables
    async with (
        database(kind, tmp_path, t.metadata) as engine,
        open_world(engine, post=post) as dying,
        open_world(engine, post=post) as restarted,
    ):
        admin = await dying.administrator()
        tenant = {
            "code": "centre",
            "names": text("en", "T"),
            "zone": "Asia/Urumqi",
            "languages": ["en"],
        }
        path = f"tenants/{(await admin.post('tenants', tenant))['id']}/roles"
        for email in people:
            await admin.post(path, {"email": email, "role": "organizer"})
        with dying_at(point) as died, suppress(Died):
            await dying.deliver()
        assert died == [point]
        restarted.clock.time += MAIL_LEASE
        await restarted.deliver()
        assert await restarted.deliver() == 0

        # Everybody is told; who was under way at most once more, under the same id.
        assert {to for to, _ in post.got} == set(people)
        assert len(set(post.got)) == len(people)
        assert len(post.got) - len(people) == (point == "mail.before_save")
        async with engine.connect() as connection:
            states = (await connection.execute(select(t.mails.c.state))).scalars().all()
        assert states == ["sent"] * len(people)


async def test_a_kept_mail_whose_writer_dies_has_one_link_that_works(tmp_path: Path) -> None:
    metadata = READERS["registration"].tables.metadata
    for point in ("mail.after_take", "mail.before_save", "mail.after_save"):
        async with (
            database("sqlite", tmp_path, metadata, point.replace(".", "_")) as engine,
            open_world(engine) as world,
        ):
            admin = await world.administrator()
            await world.anybody.post("sign-in-links", {"email": "admin@example.org"})
            with dying_at(point) as died, suppress(Died):
                await world.deliver()
            assert died == [point]
            world.clock.time += MAIL_LEASE
            await world.deliver()

            (mail,) = (await admin.get("me/mails"))["items"]
            assert mail["state"] == "sent"
            assert (await world.anybody.post("sessions", {"ticket": mail["ticket"]}))["token"]
