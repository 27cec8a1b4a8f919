"""The catalogue over HTTP: the server asks the ranker, which asks its index; who may read what."""

import asyncio
import os
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.matching import World, named
from support.matching_app import Json, Matching, matching
from support.waiting import until
from techdock_contracts.texts import Text, Version
from techdock_matching.adapters.answerer import Answerer, SharedIndex
from techdock_matching.adapters.asking import HttpAsking
from techdock_matching.adapters.catalogue import Catalogue
from techdock_matching.adapters.child import WorkerChild
from techdock_matching.adapters.glossary import lexicon
from techdock_matching.adapters.index import InProcessIndex
from techdock_matching.adapters.ranking import SqlRankingStore
from techdock_matching.app.asking import RankerStarting, Wanted
from techdock_matching.app.ranking import Ranker
from techdock_matching.domain.ranking.weights import STANDARD
from techdock_matching.worker.answering import app_of

KEY = b"k" * 32


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[Matching]:
    async with matching("sqlite", tmp_path) as opened:
        yield opened


@asynccontextmanager
async def ranking(app: Matching) -> AsyncIterator[Ranker]:
    """Run the ranker's side in this process; the server asks it as it would over TCP."""
    catalogue = Catalogue(lexicon())
    index = SharedIndex(InProcessIndex(lexicon()), catalogue)
    store = SqlRankingStore(app.engine, app.clock, STANDARD)
    ranker = Ranker(index, store, app.clock)
    await ranker.load()
    answerer = Answerer(index, catalogue, store, app.clock)
    transport = httpx.ASGITransport(app_of(answerer, KEY, app.clock))
    async with httpx.AsyncClient(transport=transport, base_url="http://ranker") as client:
        app.service.http.state.asking = HttpAsking(client, KEY, app.clock)
        try:
            yield ranker
        finally:
            answerer.close()


async def settled(ranker: Ranker) -> None:
    while await ranker.step():
        pass


async def fair(app: Matching) -> World:
    world = World()
    russian = Text(original="ru", versions={"ru": Version(text="Капельное орошение хлопка")})
    await app.hear(
        world.announced(), world.participant("ana"), world.participant("bek"),
        world.profile("need", "ana", "need", "drip irrigation for cotton"),
        world.profile("offer", "bek", "offer", "drip irrigation lines for cotton fields"),
        world.profile("robot", "bek", "offer", "robot that cleans solar panels"),
        world.profile("капля", "bek", "offer", "", texts={"title": russian}),
    )  # fmt: skip
    return world


def ids(found: Json) -> list[str]:
    return [item["profile_id"] for item in found["items"]]


async def test_the_catalogue_answers_at_once_and_forgets_at_once(app: Matching) -> None:
    world = await fair(app)
    ana = app.participant(world, "ana")
    async with ranking(app) as ranker:
        await settled(ranker)
        found = await ana.get("/search", q="滴灌")
        assert set(ids(found)) == {str(named(n)) for n in ("need", "offer", "капля")}
        assert found["facets"]["kind"] == {"need": 1, "offer": 2}
        assert found["complete"]
        offers = await ana.get("/search", q="irigation cotton", kind="offer")
        assert ids(offers)[0] == str(named("offer"))
        assert offers["instead"] == "irrigation cotton"
        await app.hear(world.profile("late", "bek", "offer", "drip irrigation kit"))
        await settled(ranker)
        assert str(named("late")) in ids(await ana.get("/search", q='"irrigation kit"'))
        await app.hear(world.removed("late"))
        # Even before the ranker hears of it: the server looks whether it is still published.
        assert ids(await ana.get("/search", q='"irrigation kit"')) == []


async def test_pages_follow_each_other(app: Matching) -> None:
    world = await fair(app)
    ana = app.participant(world, "ana")
    async with ranking(app) as ranker:
        await settled(ranker)
        seen: list[str] = []
        query: dict[str, Any] = {"limit": 1, "docking_event_id": str(world.docking_event)}
        while True:
            page = await ana.get("/search", **query)
            seen += ids(page)
            assert page["total"] == 4
            if page["next"] is None:
                break
            query["cursor"] = page["next"]
        assert len(seen) == len(set(seen)) == 4


async def test_who_takes_part_nowhere_finds_nothing(app: Matching) -> None:
    world = await fair(app)
    async with ranking(app) as ranker:
        await settled(ranker)
        await app.stranger().get("/search", 403, q="drip")
        await app.stranger().get(
            "/search", 404, q="drip", docking_event_id=str(world.docking_event)
        )
        await app.stranger().get(f"/profiles/{named('offer')}/like", 404)
        assert (await app.organizer(world).get("/search", q="drip"))["total"] == 2


async def test_duplicates_are_named_with_their_sentences(app: Matching) -> None:
    world = await fair(app)
    ana = app.participant(world, "ana")
    body = {"kind": "offer", "texts": {"title": {"en": "Drip irrigation lines for cotton fields"}}}
    async with ranking(app) as ranker:
        await settled(ranker)
        found = await ana.post("/duplicates", body)
        first = found["items"][0]
        assert first["profile_id"] == str(named("offer"))
        assert first["likeness"] == "same"
        assert first["quotes"]
        own = await ana.post("/duplicates", {**body, "exclude": str(named("offer"))})
        assert str(named("offer")) not in ids(own)
        await ana.post(
            "/duplicates", {"kind": "offer", "texts": {"title": {"en": "x" * 70_000}}}, 422
        )
        assert ids(await ana.post("/duplicates", {"kind": "offer", "texts": {}})) == []


async def test_a_need_is_ranked_for_its_own_people_and_organizers(app: Matching) -> None:
    world = await fair(app)
    path = f"/profiles/{named('need')}/counterparts"
    async with ranking(app) as ranker:
        await settled(ranker)
        found = await app.participant(world, "ana").get(path)
        assert ids(found)[0] == str(named("offer"))
        assert found["items"][0]["reasons"]
        assert [item["rank"] for item in found["items"]] == list(range(1, len(found["items"]) + 1))
        await app.organizer(world).get(path, docking_event_id=str(world.docking_event))
        await app.participant(world, "bek").get(path, 403)
        await app.participant(world, "ana").get(path, 404, docking_event_id=str(named("no")))


@pytest.mark.parametrize("q", ["", "🚜", "\u202e", "x" * 400, '"', "%", "the"])
async def test_odd_queries_are_answered(app: Matching, q: str) -> None:
    world = await fair(app)
    async with ranking(app) as ranker:
        await settled(ranker)
        found = await app.participant(world, "ana").get("/search", q=q)
        assert found["total"] == len(found["items"])
        await app.participant(world, "ana").get("/search", 422, q="x" * 401)


async def test_without_the_ranker_titles_must_do_or_one_comes_again(app: Matching) -> None:
    world = await fair(app)
    ana = app.participant(world, "ana")
    found = await ana.get("/search", q="drip", docking_event_id=str(world.docking_event))
    assert not found["complete"]
    assert str(named("offer")) in ids(found)
    answer = await ana.call("GET", "/search", q="drip")
    assert answer.status_code == 503
    assert answer.json()["code"] == "ranker_starting"
    assert answer.headers["retry-after"]


async def test_questions_over_tcp_are_signed(app: Matching) -> None:
    catalogue = Catalogue(lexicon())
    index = SharedIndex(InProcessIndex(), catalogue)
    store = SqlRankingStore(app.engine, app.clock, STANDARD)
    answerer = Answerer(index, catalogue, store, app.clock)
    transport = httpx.ASGITransport(app_of(answerer, KEY, app.clock))
    async with httpx.AsyncClient(transport=transport, base_url="http://ranker") as client:
        wanted = Wanted("x", frozenset())
        assert (await HttpAsking(client, KEY, app.clock).find(wanted)).total == 0
        for key in (b"another", None):
            with pytest.raises(RankerStarting):
                await HttpAsking(client, key, app.clock).find(wanted)
        broken = await client.post("/v1/questions/find", content=b"{}")
        assert broken.status_code in {400, 401}
    answerer.close()


async def test_a_worker_answers_over_its_socket_and_again_after_it_was_killed(
    tmp_path: Path,
) -> None:
    async with matching("sqlite", tmp_path) as app:
        world = await fair(app)
        with tempfile.TemporaryDirectory(prefix="td-") as private:
            path = Path(private) / "ranker"
            child = WorkerChild(
                {
                    "TECHDOCK_MATCHING_DATABASE_URL": str(app.engine.url),
                    "TECHDOCK_MATCHING_REDIS_URL": "redis://127.0.0.1:9/0",
                    "TECHDOCK_MATCHING_WORKER_SOCKET": str(path),
                }
            )
            keeping = asyncio.create_task(child.keep())
            transport = httpx.AsyncHTTPTransport(uds=str(path))
            async with httpx.AsyncClient(transport=transport, base_url="http://ranker") as client:
                app.service.http.state.asking = HttpAsking(client, None, app.clock)

                async def answers() -> bool:
                    where = {"q": "drip", "docking_event_id": str(world.docking_event)}
                    found = await app.participant(world, "ana").get("/search", **where)
                    return bool(found["complete"] and found["total"] == 2)

                try:
                    await until("answers", answers, within_s=60)
                    first = child.pid
                    assert first is not None
                    assert oct(path.stat().st_mode)[-3:] == "600"
                    os.kill(first, signal.SIGKILL)

                    async def anew() -> bool:
                        return child.pid not in (None, first)

                    await until("anew", anew, within_s=60)
                    await until("answers again", answers, within_s=60)
                finally:
                    keeping.cancel()
                    with suppress(asyncio.CancelledError):
                        await keeping
