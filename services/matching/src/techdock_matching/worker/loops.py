"""What the worker does: it ranks and it solves, each in a loop that outlives its failures."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine
from techdock_shared.backoff import Backoff
from techdock_shared.cache.ports import Cache
from techdock_shared.cache.redis import open_cache
from techdock_shared.clock import Clock, SystemClock
from techdock_shared.sql import jobs, wake
from techdock_shared.sql.engine import open_engine
from techdock_shared.sql.lease import exclusive
from techdock_shared.sql.worker import Work, Worker

from techdock_matching.adapters import tables
from techdock_matching.adapters.answerer import Answerer, SharedIndex
from techdock_matching.adapters.catalogue import Catalogue
from techdock_matching.adapters.encoders import DEFAULT, NONE, encoder_for
from techdock_matching.adapters.glossary import lexicon
from techdock_matching.adapters.index import InProcessIndex
from techdock_matching.adapters.index_pgvector import PgvectorIndex
from techdock_matching.adapters.lists import CHANNEL, WAKE
from techdock_matching.adapters.quick_start import QuickStart
from techdock_matching.adapters.ranking import SqlRankingStore
from techdock_matching.adapters.tasks import to_task
from techdock_matching.adapters.timetables import RUN_JOB
from techdock_matching.adapters.transaction import SqlBegin, SqlBeginReading
from techdock_matching.adapters.watching import watch
from techdock_matching.app.mutual_planning import draft
from techdock_matching.app.ports import Index, Solver
from techdock_matching.app.previewing import Previewer
from techdock_matching.app.ranking import QUIET_S, Ranker
from techdock_matching.app.repositories_plan import TaskKind
from techdock_matching.app.solving import Poke, give_up, solve
from techdock_matching.domain.ranking.weights import STANDARD
from techdock_matching.settings import Settings
from techdock_matching.worker.answering import Place, answering
from techdock_matching.worker.poking import Pokes

log = structlog.get_logger(__name__)

POLL_S = 1.0
"""How long a missed wake-up may delay a list."""

LONGEST_PAUSE_S = 5.0
CANCEL_S = 0.2
CONNECTIONS = 4


async def rank(
    engine: AsyncEngine,
    cache: Cache,
    clock: Clock,
    glossary: Path | None,
    place: Place | None,
    told: Callable[[], None],
    *,
    packs: Path | None = None,
    encoder_choice: str = DEFAULT,
    quiet_s: float = QUIET_S,
    index_url: str | None = None,
) -> None:
    """Keep the match lists, as the only one of the deployment, until something fails.

    Args:
        packs: Folder of language packs.
        encoder_choice: A name, none, or a directory.
        quiet_s: How long nothing must have come until all lists are computed anew.
        place: Where questions are answered once the index is loaded; None: nowhere.
        index_url: A PostgreSQL with pgvector that keeps the index; None: it is kept in memory.
    """
    wakened = wake.of(engine, WAKE)
    pokes = Pokes(cache)
    async with exclusive(engine, "matching.ranker") as held:
        await held.listen(CHANNEL, told)
        concepts = await asyncio.to_thread(lexicon, glossary, packs)
        catalogue = Catalogue(concepts)
        encoder = await asyncio.to_thread(encoder_for, encoder_choice)
        kept: Index
        if index_url is None:
            kept = InProcessIndex(concepts, encoder)
        else:
            kept = await asyncio.to_thread(PgvectorIndex, index_url, concepts, encoder)
        index = SharedIndex(kept, catalogue)
        store = SqlRankingStore(engine, clock, STANDARD, pokes.note)
        ranker = Ranker(index, store, clock, encoder, quiet_s=quiet_s)
        await ranker.load()
        looking = previewing(engine, Previewer(index, store, clock), clock)
        beside = [asyncio.create_task(each.run()) for each in (looking, pokes)]
        if place is not None:
            answerer = Answerer(index, catalogue, store, clock)
            lacking = ["encoder"] if encoder is None and encoder_choice != NONE else []
            answers = answering(answerer, place, clock, lacking=lacking)
            beside.append(asyncio.create_task(answers))
        try:
            while not any(each.done() for each in beside):
                wakened.clear()
                await held.check()
                worked = await ranker.step()
                worked = await ranker.explain_step() or worked
                worked = await ranker.embed_step() or worked
                if not worked and not await ranker.fill_step():
                    # Not wait_for: it swallows a cancellation that comes with the wake-up.
                    with suppress(TimeoutError):
                        async with asyncio.timeout(POLL_S):
                            await wakened.wait()
            for each in beside:
                if each.done():
                    each.result()
        finally:
            for each in beside:
                each.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            if isinstance(kept, PgvectorIndex):
                await asyncio.to_thread(kept.close)


def previewing(engine: AsyncEngine, previewer: Previewer, clock: Clock) -> Worker:
    """Return who finds out what other weights would change; it needs the ranker's index."""

    async def do(work: Work) -> Mapping[str, Any] | None:
        async def told(done: int, total: int) -> None:
            await work.save({"done": done, "total": total})

        ordered = work.job.payload
        docking_event_id = UUID(ordered["docking_event_id"])
        return await previewer.preview(docking_event_id, ordered["values"], told)

    return Worker(engine, tables.plumbing.jobs, {TaskKind.PREVIEW: do}, clock=clock)


async def plan(engine: AsyncEngine, cache: Cache, clock: Clock) -> None:
    """Do the runs that organizers ask for, until something fails."""

    async def poke(channel: str) -> None:
        await cache.publish(channel, b"")

    solver = QuickStart()
    solver.warm()
    await solving(engine, solver, clock, poke).run()


def solving(engine: AsyncEngine, solver: Solver, clock: Clock, poke: Poke) -> Worker:
    """Return who does the runs that organizers ask for."""
    begin, read = SqlBegin(engine, clock), SqlBeginReading(engine, clock)

    async def do(work: Work) -> Mapping[str, Any] | None:
        run_id = UUID(work.job.payload["run_id"])
        await solve(run_id, begin, solver, clock, poke)
        return None

    async def given_up(job: jobs.Job, why: str) -> None:
        await give_up(UUID(job.payload["run_id"]), why, begin, poke)

    async def mutual(work: Work) -> Mapping[str, Any] | None:
        async def told(done: int, total: int) -> None:
            await work.save({"done": done, "total": total})

        return await draft(to_task(work.job), read, begin, told)

    handlers = {RUN_JOB: do, TaskKind.PLAN: mutual}
    return Worker(engine, tables.plumbing.jobs, handlers, clock=clock, given_up={RUN_JOB: given_up})


async def keep_going(task: Callable[[], Awaitable[None]]) -> None:
    """Run a task for ever; after a failure run it again, after a pause."""
    backoff = Backoff(0.1, LONGEST_PAUSE_S)
    while True:
        begun = asyncio.get_running_loop().time()
        try:
            await task()
        except Exception:
            log.exception("a task of the matching worker failed and is started again")
        if asyncio.get_running_loop().time() - begun > LONGEST_PAUSE_S:
            backoff.reset()
        await asyncio.sleep(backoff.next_s())


async def work(
    engine: AsyncEngine,
    cache: Cache,
    clock: Clock,
    *,
    tasks: str,
    stopped: asyncio.Event,
    glossary: Path | None = None,
    packs: Path | None = None,
    encoder: str = DEFAULT,
    quiet_s: float = QUIET_S,
    place: Place | None = None,
    index_url: str | None = None,
) -> None:
    """Rank and solve until told to stop.

    Args:
        glossary: Technology concepts of one's own.
        packs: Folder of language packs.
        encoder: Of sentences: a name, none, or a directory.
        quiet_s: How long nothing must have come until all lists are computed anew.
        place: Where questions are answered that need the ranker's index; None: nowhere.
        tasks: rank, solve, or all.
        index_url: A PostgreSQL with pgvector that keeps the index; None: it is kept in memory.
    """

    def wake_all() -> None:
        wake.of(engine, WAKE).set()
        wake.of(engine, jobs.WAKE).set()

    running: list[Callable[[], Awaitable[None]]] = [partial(watch, engine, wake_all)]
    if tasks in ("all", "rank"):
        ranking = partial(rank, engine, cache, clock, glossary, place, wake_all)
        chosen = partial(ranking, packs=packs, encoder_choice=encoder, quiet_s=quiet_s)
        running.append(partial(chosen, index_url=index_url))
    if tasks in ("all", "solve"):
        running.append(partial(plan, engine, cache, clock))
    doing = [asyncio.create_task(keep_going(task)) for task in running]
    await stopped.wait()
    left = set(doing)
    while left:
        # Again and again: what a task awaits may swallow a cancellation.
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=CANCEL_S)


async def work_by(
    settings: Settings, on_parents_end: Callable[[Callable[[], object]], None]
) -> None:
    """Work by the settings until a signal comes, or the parent is gone.

    Args:
        on_parents_end: Takes what is to be called, from whatever thread, when the parent of
            this process has ended.
    """
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)
    on_parents_end(partial(loop.call_soon_threadsafe, stopped.set))
    engine = open_engine(
        settings.database_url.get_secret_value(),
        connections=CONNECTIONS,
        statement_timeout_s=30.0,
        application="techdock matching worker",
    )
    cache = open_cache(settings.redis_url.get_secret_value())
    try:
        await work(
            engine,
            cache,
            SystemClock(),
            tasks=settings.worker_tasks,
            stopped=stopped,
            glossary=settings.glossary,
            packs=settings.language_packs,
            encoder=settings.encoder,
            quiet_s=settings.quiet_s,
            place=place_of(settings),
            index_url=None if settings.index_url is None else settings.index_url.get_secret_value(),
        )
    finally:
        await cache.close()
        await engine.dispose()


def place_of(settings: Settings) -> Place | None:
    """Return where the settings want questions answered."""
    if settings.worker_socket is not None:
        return Place(settings.worker_socket)
    if settings.worker_port is None:
        return None
    key = settings.deployment_key_file.read_bytes().strip()
    return Place(host=settings.worker_host, port=settings.worker_port, key=key)
