"""Registration for tests: an app on a database, and people who speak to it over HTTP."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine
from techdock_contracts import matching as told
from techdock_contracts.event import Event
from techdock_registration.adapters import tables
from techdock_registration.adapters.post import KeptPost
from techdock_registration.adapters.transaction import SqlBegin
from techdock_registration.adapters.writing import FiledLetters
from techdock_registration.app import reactions, sign_in
from techdock_registration.app.delivery import Office, deliver
from techdock_registration.app.ports import Post
from techdock_registration.wiring import build
from techdock_shared.cache.ports import Cache, Poke
from techdock_shared.messaging.broker import open_broker
from techdock_shared.service import Service
from techdock_shared.sql.engine import reading
from typing_extensions import override

from support.clock import FrozenClock

KEY = b"a deployment key of the tests...."
NOW = datetime(2030, 5, 1, 12, tzinfo=UTC)
PUBLIC_URL = "https://techdock.example"

Json = dict[str, Any]


class NoCache(Cache):
    """A cache that is away: everything comes from the database."""

    @property
    @override
    def available(self) -> bool:
        return False

    @override
    async def get(self, key: str) -> bytes | None:
        return None

    @override
    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        return [None] * len(keys)

    @override
    async def set(self, key: str, value: bytes, ttl_s: float) -> bool:
        return False

    @override
    async def set_many(self, values: Mapping[str, bytes], ttl_s: float) -> bool:
        return False

    @override
    async def claim(self, key: str, value: bytes, ttl_s: float) -> bytes | None:
        return None

    @override
    async def delete(self, *keys: str) -> bool:
        return False

    @override
    async def incr(self, key: str, by: int = 1, ttl_s: float | None = None) -> int | None:
        return None

    @override
    async def take(self, key: str, rate_per_s: float, burst: int) -> float | None:
        return 0.0

    @override
    async def add(self, key: str, member: str, ttl_s: float) -> bool:
        return False

    @override
    async def remove(self, key: str, member: str) -> bool:
        return False

    @override
    async def count(self, key: str) -> int | None:
        return None

    @override
    async def publish(self, channel: str, body: bytes) -> bool:
        return False

    @override
    def subscribe(self, *channels: str) -> AbstractAsyncContextManager[AsyncIterator[Poke]]:
        raise AssertionError("no test of registration listens to pokes")

    @override
    async def close(self) -> None:
        pass


@dataclass
class Person:
    """Somebody at a client.

    Attributes:
        token: Empty for somebody who has not signed in.
    """

    client: httpx.AsyncClient
    token: str = ""

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        version: int | None = None,
        key: str | None = None,
        **query: Any,
    ) -> httpx.Response:
        """Send a request; a POST gets a new Idempotency-Key unless one is given."""
        headers = {}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if method == "POST":
            headers["Idempotency-Key"] = key or uuid4().hex
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return await self.client.request(
            method, f"/v1/{path}", json=body, headers=headers, params=query
        )

    async def get(self, path: str, **query: Any) -> Json:
        return done(await self.call("GET", path, **query))

    async def post(self, path: str, body: Any = None) -> Json:
        return done(await self.call("POST", path, body))

    async def change(self, method: str, path: str, body: Any, version: int) -> Json:
        return done(await self.call(method, path, body, version=version))

    async def move(self, path: str, thing: Json, *states: str) -> Json:
        for to in states:
            thing = done(
                await self.call("POST", f"{path}/state", {"to": to}, version=thing["version"])
            )
        return thing


def done(response: httpx.Response) -> Json:
    """The answer of a request that must have gone well."""
    assert response.is_success, f"{response.request.url} {response.status_code} {response.text}"
    answer: Json = response.json() if response.content else {}
    return answer


def problem(response: httpx.Response, status: int) -> str:
    """The code of a problem that must have this status."""
    assert response.status_code == status, f"{response.status_code} {response.text}"
    code: str = response.json()["code"]
    return code


@dataclass
class World:
    """Registration on a database, with its people."""

    engine: AsyncEngine
    service: Service
    client: httpx.AsyncClient
    clock: FrozenClock
    post: Post = field(default_factory=KeptPost)

    @property
    def begin(self) -> SqlBegin:
        return SqlBegin(self.engine, self.clock)

    @property
    def anybody(self) -> Person:
        return Person(self.client)

    async def sign_in(self, email: str) -> Person:
        """Sign a known address in by a one-time link."""
        ticket = await sign_in.issue_sign_in_link(email, self.begin, self.clock)
        session = await self.anybody.post("sessions", {"ticket": ticket})
        return Person(self.client, session["token"])

    async def administrator(self) -> Person:
        await sign_in.create_administrator("admin@example.org", self.begin, self.clock)
        return await self.sign_in("admin@example.org")

    async def deliver(self) -> int:
        office = Office(self.begin, self.clock, self.post, FiledLetters(), PUBLIC_URL)
        return await deliver(office)

    async def told(self) -> list[Event]:
        """What lies in the outbox, oldest first, without tombstones."""
        async with reading(self.engine) as connection:
            rows = await connection.execute(tables.outbox.select().order_by(tables.outbox.c.id))
            bodies = [row.body for row in rows.all() if row.body is not None]
        events = [Event.from_bytes(body) for body in bodies]
        return [event for event in events if event is not None]


@asynccontextmanager
async def open_world(
    engine: AsyncEngine, cache: Cache | None = None, post: Post | None = None
) -> AsyncIterator[World]:
    """Run registration's app on a database, without its background tasks."""
    clock = FrozenClock(NOW)
    service = build(
        engine,
        open_broker(["localhost:9"]),
        cache or NoCache(),
        KEY,
        clock,
        post=post,
        public_url=PUBLIC_URL,
    )
    transport = httpx.ASGITransport(app=service.http)
    async with httpx.AsyncClient(transport=transport, base_url="http://registration") as client:
        yield World(engine, service, client, clock, post or KeptPost())


def text(original: str, words: str, **versions: str) -> Json:
    """A text in its original language and others."""
    every = {original: words, **versions}
    return {
        "original": original,
        "versions": {tag: {"text": w, "status": "human"} for tag, w in every.items()},
    }


def a_venue(**changes: Any) -> Json:
    return {
        "id": str(uuid4()),
        "kind": "main",
        "names": text("en", "Hall"),
        "city": text("en", "Urumqi"),
        "country": "CN",
        "zone": "Asia/Urumqi",
        "tables": [{"id": str(uuid4()), "label": "T01", "equipment": ["video_link"]}],
    } | changes


def an_organization(**changes: Any) -> Json:
    return {
        "kind": "enterprise",
        "names": {"native": "Пример", "latin": "Primer", "language": "ru"},
        "country": "KZ",
        "example": True,
    } | changes


def a_person(email: str | None, **changes: Any) -> Json:
    person: Json = {
        "names": {"native": "Асем", "latin": "Asem"},
        "role": "head",
        "mode": "on_site",
        "languages": ["ru", "en"],
    }
    return person | ({"email": email} if email else {}) | changes


def a_profile(organization_id: str, docking_event_id: str, **changes: Any) -> Json:
    return {
        "organization_id": organization_id,
        "kind": "need",
        "docking_events": [docking_event_id],
        "texts": {
            "title": text("ru", "Опреснение воды"),
            "description": text("ru", "Нужна установка", en="A plant is needed"),
        },
        "trl_least": 5,
        "cooperation": ["licence"],
        "languages": ["ru"],
    } | changes


@dataclass
class Scene:
    """A docking event that is open, with its organizer and a confirmed participant."""

    world: World
    administrator: Person
    organizer: Person
    tenant: Json
    docking_event: Json
    host: Json

    @property
    def path(self) -> str:
        return f"docking-events/{self.docking_event['id']}"

    async def confirmed(self, email: str, **organization: Any) -> tuple[Person, Json, Json]:
        """A person, signed in, of a new organization that takes part."""
        made = await self.organizer.post("organizations", an_organization(**organization))
        participation = await self.organizer.post(
            f"{self.path}/participations",
            {"organization_id": made["id"], "persons": [a_person(email)]},
        )
        path = f"participations/{participation['id']}"
        participation = await self.organizer.move(path, participation, "vetted", "confirmed")
        return await self.world.sign_in(email), made, participation


async def set_scene(world: World, *states: str) -> Scene:
    """Plan a docking event and move it to these states; announced and open, if none are named."""
    administrator = await world.administrator()
    tenant = await administrator.post(
        "tenants",
        {
            "code": f"centre-{uuid4().hex[:6]}",
            "names": text("zh-Hans", "中心", en="Centre"),
            "zone": "Asia/Urumqi",
            "languages": ["zh-Hans", "en"],
        },
    )
    email = f"organizer-{uuid4().hex[:6]}@example.org"
    await administrator.post(f"tenants/{tenant['id']}/roles", {"email": email, "role": "organizer"})
    organizer = await world.sign_in(email)
    host = await organizer.post("organizations", an_organization(kind="authority", country="CN"))
    today = world.clock.now().date()
    docking_event = await organizer.post(
        f"tenants/{tenant['id']}/docking-events",
        {
            "code": "TD-2030",
            "names": text("zh-Hans", "对接活动", en="Docking event"),
            "starts_on": today.isoformat(),
            "ends_on": (today + timedelta(days=1)).isoformat(),
            "languages": ["zh-Hans", "en", "ru"],
            "organizers": [{"organization_id": host["id"], "role": "host"}],
            "venues": [a_venue()],
        },
    )
    path = f"docking-events/{docking_event['id']}"
    docking_event = await organizer.move(path, docking_event, *(states or ("announced", "open")))
    return Scene(world, administrator, organizer, tenant, docking_event, host)


def ids(items: list[Json]) -> set[UUID]:
    return {UUID(item["id"]) for item in items}


async def accepted(scene: Scene, asking: str, asked: str) -> None:
    """Let matching tell that two participations want to meet."""
    head = {
        "tenant": UUID(scene.tenant["id"]),
        "docking_event_id": UUID(scene.docking_event["id"]),
        "request_id": uuid4(),
        "asking_participation_id": UUID(asking),
        "asked_participation_id": UUID(asked),
        "time": scene.world.clock.now(),
        "subject": "request",
        "occurred_on": scene.world.clock.now().date(),
    }
    async with scene.world.begin() as transaction:
        await reactions.accepted(told.MeetingAccepted(id=uuid4(), **head), transaction)
