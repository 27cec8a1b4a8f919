"""R4: whatever is delivered twice or out of order, the read models end as they would have.

A case is a tale (random, whole, coherent) that one database hears in order and another in any
order within and across subjects and topics, a fifth of it twice, in batches of any size.
"""

import random
from pathlib import Path

import pytest
from support.databases import NEEDS_POSTGRES, database
from support.delivering import disturbed, in_order, listened
from support.readers import READERS, Template, make_tables, template
from support.tales import tale

TALES, WAYS = 20, 5
ON_POSTGRES = 4


@pytest.mark.parametrize("name", ["matching", "reporting"])
async def test_any_delivery_gives_the_read_models_of_the_undisturbed_one(
    name: str, tmp_path: Path
) -> None:
    reader, empty = READERS[name], await template(READERS[name], tmp_path)
    for seed in range(TALES):
        records = listened(tale(seed), reader.handlers)
        expected = await _heard_in_order(name, empty, seed)
        for way in range(WAYS):
            async with empty.copied() as engine:
                await reader.hear(engine, disturbed(random.Random(f"{seed}.{way}"), records))
                assert await reader.model(engine) == expected, f"tale {seed}, way {way}"


@NEEDS_POSTGRES
@pytest.mark.parametrize("name", ["matching", "reporting"])
async def test_the_same_over_postgresql(name: str, tmp_path: Path) -> None:
    reader, empty = READERS[name], await template(READERS[name], tmp_path)
    for seed in range(ON_POSTGRES):
        async with database("postgresql", tmp_path) as engine:
            await make_tables(reader, engine)
            expected = await _heard_in_order(name, empty, seed)
            await reader.hear(
                engine, disturbed(random.Random(seed), listened(tale(seed), reader.handlers))
            )
            assert await reader.model(engine) == expected, f"tale {seed}"


async def _heard_in_order(name: str, empty: Template, seed: int) -> dict[str, object]:
    reader = READERS[name]
    async with empty.copied() as engine:
        await reader.hear(engine, in_order(listened(tale(seed), reader.handlers)))
        model = await reader.model(engine)
    assert not any(model["left"].values())
    return model
