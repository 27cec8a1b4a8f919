"""Ids, pauses, points and services: the small things that everything stands on."""

import asyncio
import random

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from techdock_shared import crash
from techdock_shared.backoff import Backoff
from techdock_shared.ids import random_id, uuid7
from techdock_shared.service import Service
from techdock_shared.sql.outage import is_outage


def test_ids_grow_and_are_version_7() -> None:
    ids = [uuid7() for _ in range(5000)]

    assert ids == sorted(ids)
    assert len(set(ids)) == 5000
    assert {(each.version, each.variant) for each in ids} == {(7, ids[0].variant)}
    assert random_id().version == 4


@given(ms=st.integers(1, 2**47))
def test_an_id_carries_its_moment(ms: int) -> None:
    assert uuid7(ms).int >> 80 == ms
    assert uuid7(ms) != uuid7(ms)


@given(seed=st.integers())
def test_pauses_are_capped_and_begin_anew(seed: int) -> None:
    backoff = Backoff(0.1, 5.0, random.Random(seed))

    pauses = [backoff.next_s() for _ in range(40)]
    assert all(0 <= pause <= min(5.0, 0.1 * 2**tries) for tries, pause in enumerate(pauses))
    backoff.reset()
    assert backoff.next_s() <= 0.1


def test_a_point_does_nothing_without_a_hook() -> None:
    passed: list[str] = []
    crash.point("a")
    crash.install(passed.append)
    crash.point("b")
    crash.install(None)
    crash.point("c")

    assert passed == ["b"]


async def test_a_service_restarts_what_fails_and_closes_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("techdock_shared.service.FIRST_PAUSE_S", 0.001)
    begun, closed = 0, []
    enough = asyncio.Event()

    async def fails_twice() -> None:
        nonlocal begun
        begun += 1
        if begun < 3:
            raise RuntimeError("no")
        enough.set()
        await asyncio.Event().wait()

    async def close() -> None:
        closed.append(begun)

    async with Service(FastAPI(), [fails_twice], close).running():
        await asyncio.wait_for(enough.wait(), 5)
        assert closed == []
    assert closed == [3]


async def test_a_task_that_swallows_its_cancellation_is_cancelled_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("techdock_shared.service.CANCEL_AGAIN_S", 0.001)
    begun, swallowed = asyncio.Event(), []

    async def swallows() -> None:
        begun.set()
        for turn in range(3):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                swallowed.append(turn)
        await asyncio.Event().wait()

    async with asyncio.timeout(5), Service(FastAPI(), [swallows]).running():
        await begun.wait()
    assert swallowed == [0, 1, 2]


@pytest.mark.parametrize(
    ("error", "outage"),
    [
        (ConnectionResetError(), True),
        (TimeoutError(), True),
        (KeyError(), False),
        (OSError(), False),
    ],
)
def test_what_counts_as_an_outage(error: Exception, outage: bool) -> None:
    assert is_outage(error) is outage
