"""Asks the process that ranks, over a Unix socket or over TCP.

The socket lies in a directory that only this account may enter. Over TCP each question is signed
with the deployment's key. Questions and answers are the dataclasses of `app/asking.py` as JSON.
"""

from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx
import structlog
from pydantic import TypeAdapter, ValidationError
from techdock_shared.clock import Clock
from techdock_shared.errors import NotFound
from techdock_shared.http.services import passed_on, service_credential
from typing_extensions import override

from techdock_matching.app.asking import (
    Alike,
    Asking,
    Counterpart,
    Draft,
    Found,
    Hit,
    RankerStarting,
    Wanted,
)

log = structlog.get_logger(__name__)

ASK_S = 5.0
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LikeQuestion:
    """The arguments of `Asking.like`."""

    profile_id: UUID
    kind: str
    reach: frozenset[UUID]
    limit: int


@dataclass(frozen=True, slots=True)
class SameQuestion:
    """The arguments of `Asking.same`."""

    draft: Draft
    limit: int


@dataclass(frozen=True, slots=True)
class RankQuestion:
    """The arguments of `Asking.rank`."""

    profile_id: UUID
    docking_event_id: UUID | None
    limit: int
    without: frozenset[UUID]


WANTED = TypeAdapter(Wanted)
LIKE = TypeAdapter(LikeQuestion)
SAME = TypeAdapter(SameQuestion)
RANK = TypeAdapter(RankQuestion)
FOUND = TypeAdapter(Found)
HITS = TypeAdapter(tuple[Hit, ...])
ALIKE = TypeAdapter(tuple[Alike, ...])
COUNTERPARTS = TypeAdapter(tuple[Counterpart, ...])


class HttpAsking(Asking):
    """Asks over HTTP; whatever goes wrong, the ranker is not there now."""

    def __init__(self, client: httpx.AsyncClient, key: bytes | None, clock: Clock) -> None:
        """Take a client whose base URL is the ranker's.

        Args:
            key: Of the deployment, to sign questions; None where a Unix socket needs none.
        """
        self._client = client
        self._key = key
        self._clock = clock

    @override
    async def find(self, wanted: Wanted) -> Found:
        return await self._ask("find", WANTED.dump_json(wanted), FOUND)

    @override
    async def like(
        self, profile_id: UUID, kind: str, reach: frozenset[UUID], limit: int
    ) -> tuple[Hit, ...]:
        question = LikeQuestion(profile_id, kind, reach, limit)
        return await self._ask("like", LIKE.dump_json(question), HITS)

    @override
    async def same(self, draft: Draft, limit: int) -> tuple[Alike, ...]:
        return await self._ask("same", SAME.dump_json(SameQuestion(draft, limit)), ALIKE)

    @override
    async def rank(
        self,
        profile_id: UUID,
        docking_event_id: UUID | None,
        limit: int,
        without: frozenset[UUID] = frozenset(),
    ) -> tuple[Counterpart, ...]:
        question = RankQuestion(profile_id, docking_event_id, limit, without)
        return await self._ask("rank", RANK.dump_json(question), COUNTERPARTS)

    async def _ask(self, question: str, body: bytes, answer: TypeAdapter[T]) -> T:
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid4())}
        if self._key is not None:
            credential = service_credential("matching", self._key, self._clock.now())
            headers["Authorization"] = f"Bearer {credential}"
        path = f"/v1/questions/{question}"
        try:
            response = await self._client.post(
                path, content=body, headers={**headers, **passed_on()}, timeout=ASK_S
            )
            if response.status_code == httpx.codes.OK:
                return answer.validate_json(response.content)
        except httpx.HTTPError as error:
            log.info("the ranker does not answer", question=question, error=repr(error))
            raise RankerStarting("the ranker is not there yet; ask again in a moment") from error
        except ValidationError as error:
            log.warning("the ranker's answer is none", question=question, error=str(error))
            raise RankerStarting("the ranker is of another version; ask again later") from error
        if response.status_code == httpx.codes.NOT_FOUND:
            raise NotFound(_detail(response))
        log.info("the ranker refuses", question=question, status=response.status_code)
        raise RankerStarting("the ranker cannot answer now; ask again in a moment")


def _detail(response: httpx.Response) -> str:
    try:
        problem: Any = response.json()
    except ValueError:
        problem = None
    return str(problem.get("detail", "")) if isinstance(problem, dict) else "no such profile"
