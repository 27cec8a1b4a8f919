"""A ranker on a database of its own, with a small fair."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from techdock_contracts.event import Event, Tombstone
from techdock_matching.adapters import tables
from techdock_matching.adapters.index import InProcessIndex
from techdock_matching.adapters.lists import unpacked
from techdock_matching.adapters.ranking import SqlRankingStore
from techdock_matching.adapters.transaction import SqlBegin
from techdock_matching.app.ranking import Ranker
from techdock_matching.domain.ranking.lexicon import Lexicon
from techdock_matching.domain.ranking.weights import STANDARD
from techdock_matching.entrypoints.messages import GROUP, HANDLERS
from techdock_shared.messaging.consumer import Consumer

from support.clock import FrozenClock
from support.embedding import LetterEncoder
from support.matching import World, deliver, named

TOPICS = (
    ("drip irrigation", "drip irrigation for saline soil and cotton fields"),
    ("solar pump", "solar powered water pump for remote wells"),
    ("cotton ginning", "ginning machine with low fibre loss for cotton"),
    ("greenhouse film", "greenhouse film that keeps the heat of the night"),
    ("wool washing", "washing of sheep wool with recycled water"),
    ("grain dryer", "dryer for wheat and barley with straw burner"),
)


@dataclass
class Rig:
    engine: AsyncEngine
    clock: FrozenClock
    world: World
    index: InProcessIndex = field(default_factory=InProcessIndex)

    async def hear(self, *events: Event | Tombstone) -> None:
        begin = SqlBegin(self.engine, self.clock)
        await deliver(Consumer(GROUP, HANDLERS, begin, first_pause_s=0.001), *events)

    async def ranker(self, lexicon: Lexicon | None = None) -> Ranker:
        store = SqlRankingStore(self.engine, self.clock, STANDARD)
        self.index = InProcessIndex(lexicon)
        ranker = Ranker(self.index, store, self.clock)
        await ranker.load()
        return ranker

    async def embedding(self, encoder: LetterEncoder) -> Ranker:
        store = SqlRankingStore(self.engine, self.clock, STANDARD)
        self.index = InProcessIndex(embedder=encoder)
        ranker = Ranker(self.index, store, self.clock, encoder)
        await ranker.load()
        return ranker

    async def list_of(self, name: str) -> list[UUID]:
        m = tables.match_lists
        async with self.engine.connect() as connection:
            statement = select(m.c.places).where(m.c.profile_id == named(name))
            places = (await connection.execute(statement)).scalar_one_or_none()
        return [] if places is None else [c.profile_id for c in unpacked(places)]

    async def all_lists(self) -> dict[tuple[UUID, UUID], bytes]:
        m = tables.match_lists
        async with self.engine.connect() as connection:
            columns = select(m.c.profile_id, m.c.docking_event_id, m.c.places)
            return {(r[0], r[1]): bytes(r[2]) for r in await connection.execute(columns)}

    def fair(self, copies: int = 2) -> list[Event | Tombstone]:
        told: list[Event | Tombstone] = [self.world.announced()]
        for number in range(copies):
            for index, (title, summary) in enumerate(TOPICS):
                for kind in ("need", "offer"):
                    owner = f"{kind}{index}.{number}"
                    told.append(self.world.organization(owner))
                    told.append(self.world.profile(f"{owner}.profile", owner, kind, title, summary))
        return told


async def settle(ranker: Ranker) -> None:
    while await ranker.step():
        pass


async def embed_all(ranker: Ranker) -> None:
    await settle(ranker)
    while await ranker.embed_step():
        pass
