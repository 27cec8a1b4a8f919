"""A published profile is ranked, enters the lists of the others, and leaves them again."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from support.clock import FrozenClock
from support.databases import DATABASES, database
from support.embedding import LetterEncoder
from support.matching import NOON, World, named, text
from support.ranking_rig import TOPICS, Rig, embed_all, settle
from techdock_matching.adapters import tables
from techdock_matching.adapters.glossary import lexicon
from techdock_matching.adapters.lists import unpacked
from techdock_matching.adapters.ranking import EXPLANATION
from techdock_matching.adapters.transaction import SqlBegin
from techdock_matching.app import ranking
from techdock_matching.app.ports import Filter


@pytest.fixture(params=DATABASES)
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    async with database(request.param, tmp_path, tables.metadata) as engine:
        yield Rig(engine, FrozenClock(NOON), World())


async def test_a_published_offer_stands_in_the_list_of_the_need_that_it_fits(rig: Rig) -> None:
    await rig.hear(*rig.fair())
    ranker = await rig.ranker()
    await settle(ranker)
    assert (await rig.list_of("need0.0.profile"))[0] in {
        named("offer0.0.profile"),
        named("offer0.1.profile"),
    }
    late = rig.world.profile("late", "offer3.0", "offer", "solar pump", TOPICS[1][1])
    await rig.hear(late)
    assert await ranker.step()
    assert named("late") in (await rig.list_of("need1.0.profile"))[:3]
    assert (await rig.list_of("late"))[0] in {
        named("need1.0.profile"),
        named("need1.1.profile"),
    }


async def test_a_removed_profile_leaves_all_lists(rig: Rig) -> None:
    await rig.hear(*rig.fair())
    ranker = await rig.ranker()
    await settle(ranker)
    assert named("offer0.0.profile") in await rig.list_of("need0.0.profile")
    await rig.hear(rig.world.removed("offer0.0.profile"))
    await settle(ranker)
    assert await rig.list_of("offer0.0.profile") == []
    for places in (await rig.all_lists()).values():
        assert named("offer0.0.profile").bytes not in places


async def test_mended_lists_equal_those_computed_anew(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "LENGTH", 5)
    told = rig.fair(copies=4)
    await rig.hear(*told)
    ranker = await rig.ranker()
    await settle(ranker)
    # A revision, a removal and a new one: less than a quarter, so the statistics stay.
    await rig.hear(
        rig.world.profile("offer0.0.profile", "offer0.0", "offer", *TOPICS[2], revision=2),
        rig.world.removed("offer1.1.profile"),
        rig.world.profile("new", "need2.1", "need", *TOPICS[4]),
    )
    await settle(ranker)
    assert not rig.index.statistics.stale
    wanted = Filter(NOON.date(), rig.world.docking_event)
    anew = {key: list(places) for key, places in rig.index.lists(wanted, 5).items()}
    stored = {key[0]: list(unpacked(places)) for key, places in (await rig.all_lists()).items()}
    assert stored == anew


async def test_a_restarted_ranker_computes_nothing_that_is_there(rig: Rig) -> None:
    await rig.hear(*rig.fair())
    await settle(await rig.ranker())
    before = await rig.all_lists()
    async with rig.engine.begin() as connection:
        await connection.execute(tables.match_lists.update().values(version=77))
    again = await rig.ranker()
    await settle(again)
    assert await rig.all_lists() == before
    async with rig.engine.connect() as connection:
        versions = select(tables.match_lists.c.version).distinct()
        assert (await connection.execute(versions)).scalars().all() == [77]


async def test_an_import_is_ranked_as_a_whole(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking, "BULK", 5)
    monkeypatch.setattr(ranking, "SETTLING_S", 0.01)
    ranker = await rig.ranker()
    await rig.hear(*rig.fair())
    await settle(ranker)
    wanted = Filter(NOON.date(), rig.world.docking_event)
    anew = {key: list(places) for key, places in rig.index.lists(wanted, 50).items()}
    stored = {key[0]: list(unpacked(places)) for key, places in (await rig.all_lists()).items()}
    assert stored == anew
    async with rig.engine.connect() as connection:
        assert (await connection.execute(select(tables.ranking_queue))).all() == []


async def test_reasons_are_written_for_both_sides(rig: Rig) -> None:
    await rig.hear(*rig.fair())
    ranker = await rig.ranker()
    await settle(ranker)
    while await ranker.fill_step():
        pass
    async with SqlBegin(rig.engine, rig.clock)() as transaction:
        need = await transaction.lookups.profile(named("need0.0.profile"))
        offer = await transaction.lookups.profile(named("offer0.0.profile"))
        here = (await transaction.lists.explanations(need, [offer]))[offer.id]
        there = (await transaction.lists.explanations(offer, [need]))[need.id]
    assert here.reasons == there.reasons_there
    assert here.reasons
    assert here.quotes[0].mine == there.quotes[0].theirs


async def test_with_another_recipe_lists_and_reasons_are_made_anew(rig: Rig) -> None:
    ru = {"title": text("Капельное орошение хлопчатника на засоленных почвах", "ru")}
    zh = {"title": text("盐渍化土壤棉花滴灌系统", "zh-Hans")}
    await rig.hear(
        *rig.fair(),
        rig.world.organization("farm"),
        rig.world.organization("maker"),
        rig.world.profile("ru", "farm", "need", "", texts=ru),
        rig.world.profile("zh", "maker", "offer", "", texts=zh),
    )
    plain = await rig.ranker()
    await settle(plain)
    while await plain.fill_step():
        pass
    assert named("zh") not in await rig.list_of("ru")

    knowing = await rig.ranker(lexicon())
    while await knowing.fill_step():
        pass
    # Two English offers say the same, and stand beside the Chinese one.
    assert named("zh") in (await rig.list_of("ru"))[:3]
    assert named("ru") in (await rig.list_of("zh"))[:3]
    async with SqlBegin(rig.engine, rig.clock)() as transaction:
        need = await transaction.lookups.profile(named("ru"))
        offer = await transaction.lookups.profile(named("zh"))
        why = (await transaction.lists.explanations(need, [offer]))[offer.id]
        same = await transaction.lookups.profile(named("need0.0.profile"))
        other = await transaction.lookups.profile(named("offer0.0.profile"))
        assert (await transaction.lists.explanations(same, [other]))[other.id].reasons
    assert "concepts" in {reason.code for reason in why.reasons}
    assert why.quotes[0].language_there == "zh"


# Meaning ----------------------------------------------------------------------------------------


async def told(rig: Rig, owner: str) -> set[str]:
    e = tables.explanations
    async with rig.engine.connect() as connection:
        statement = select(e.c.content).where(e.c.need_id == named(owner))
        found = [EXPLANATION.validate_json(row[0]) for row in await connection.execute(statement)]
    return {reason.code for one in found for reason in one.reasons}


async def test_lists_come_without_vectors_and_improve_with_them(rig: Rig) -> None:
    await rig.hear(*rig.fair())
    encoder = LetterEncoder()
    ranker = await rig.embedding(encoder)
    await settle(ranker)
    sparse = await rig.all_lists()
    assert sparse
    assert encoder.asked == 0
    await embed_all(ranker)
    assert encoder.asked == len(TOPICS)  # Once for each text, however many publish it.
    assert await rig.all_lists() != sparse


async def test_a_profile_that_comes_later_is_ranked_at_once_and_again_with_its_vector(
    rig: Rig,
) -> None:
    await rig.hear(*rig.fair())
    ranker = await rig.embedding(LetterEncoder())
    await embed_all(ranker)
    await rig.hear(rig.world.profile("late", "need3.0", "need", "solar pump", "water for wells"))
    assert await ranker.step()
    first = await rig.all_lists()
    assert any(key[0] == named("late") for key in first)
    await embed_all(ranker)
    assert await rig.all_lists() != first
    assert "meaning" in await told(rig, "late")


async def test_what_was_embedded_is_not_embedded_again(rig: Rig) -> None:
    await rig.hear(*rig.fair())
    await embed_all(await rig.embedding(LetterEncoder()))
    lists = await rig.all_lists()
    again = LetterEncoder()
    await embed_all(await rig.embedding(again))
    assert again.asked == 0
    assert await rig.all_lists() == lists
    other = LetterEncoder("letters-2")
    await embed_all(await rig.embedding(other))
    assert other.asked == len(TOPICS)


async def test_an_embedding_that_was_broken_off_goes_on(rig: Rig) -> None:
    await rig.hear(*rig.fair())
    whole = await rig.embedding(LetterEncoder())
    await embed_all(whole)
    lists = await rig.all_lists()
    v = tables.vectors
    async with rig.engine.begin() as connection:
        kept = (await connection.execute(select(v.c.content_hash))).scalars().all()
        await connection.execute(delete(v).where(v.c.content_hash.in_(kept[:3])))
    rest = LetterEncoder()
    ranker = await rig.embedding(rest)
    await embed_all(ranker)
    assert rest.asked == 3
    assert await rig.all_lists() == lists


async def test_a_damaged_vector_is_embedded_anew(rig: Rig) -> None:
    await rig.hear(*rig.fair())
    await embed_all(await rig.embedding(LetterEncoder()))
    async with rig.engine.begin() as connection:
        await connection.execute(update(tables.vectors).values(vector=b"short"))
    again = LetterEncoder()
    await embed_all(await rig.embedding(again))
    assert again.asked > 0
