"""Meeting requests in tables; the pairs of persons that an open one keeps are unique."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Row, delete, insert, or_, select, tuple_
from sqlalchemy.exc import IntegrityError
from techdock_shared.errors import NotFound
from typing_extensions import override

from techdock_matching.adapters import tables
from techdock_matching.adapters.statements import save_versions
from techdock_matching.adapters.translate import of_request
from techdock_matching.adapters.unit import MatchingUnit
from techdock_matching.app import repositories
from techdock_matching.domain.happenings import Countered, Requested
from techdock_matching.domain.meeting_request import (
    AlreadyRequested,
    MeetingRequest,
    RequestState,
)

CONTENT = TypeAdapter(MeetingRequest)
EXCLUDED = {"happened", "version"}


def to_request(row: Row[Any]) -> MeetingRequest:
    """Return the request of a row."""
    return replace(CONTENT.validate_json(row.content), version=row.version)


def _row(request: MeetingRequest) -> dict[str, Any]:
    return {
        "tenant_id": request.tenant_id,
        "docking_event_id": request.docking_event_id,
        "asking_participation_id": request.asking_id,
        "asked_participation_id": request.asked_id,
        "asking_profile_id": request.asking_profile_id,
        "asked_profile_id": request.asked_profile_id,
        "state": request.state,
        "expires_at": request.expires_at,
        "content": CONTENT.dump_json(request, exclude=EXCLUDED).decode(),
    }


class SqlRequests(repositories.Requests):
    """Requests in a table, one row each, and their pairs in another."""

    def __init__(self, unit: MatchingUnit) -> None:
        self._unit = unit
        self._connection = unit.connection
        self._at = unit.clock.now()

    @override
    async def get(self, id: UUID) -> MeetingRequest:
        r = tables.meeting_requests
        row = (await self._connection.execute(select(r).where(r.c.id == id))).one_or_none()
        if row is None:
            raise NotFound(f"no request {id}")
        return to_request(row)

    @override
    async def save(self, request: MeetingRequest) -> MeetingRequest:
        return (await self.save_all([request]))[0]

    @override
    async def save_all(self, requests: Sequence[MeetingRequest]) -> Sequence[MeetingRequest]:
        rows = [(request.id, request.version, _row(request)) for request in requests]
        await save_versions(self._connection, tables.meeting_requests, rows)
        for request in requests:
            await self._keep_pairs(request)
            self._unit.tell(*of_request(request, self._at))
        return [replace(one, version=one.version + 1, happened=()) for one in requests]

    async def _keep_pairs(self, request: MeetingRequest) -> None:
        p = tables.request_pairs
        new = any(isinstance(it, Requested | Countered) for it in request.happened)
        if request.version > 0 and (new or not request.is_open):
            await self._connection.execute(delete(p).where(p.c.request_id == request.id))
        if not (new and request.is_open):
            return
        rows = [
            {
                "docking_event_id": request.docking_event_id,
                "person_low": low,
                "person_high": high,
                "request_id": request.id,
            }
            for low, high in request.pairs
        ]
        try:
            await self._connection.execute(insert(p), rows)
        except IntegrityError as error:
            raise AlreadyRequested(
                "two of these persons have an open request in this docking event"
            ) from error

    @override
    async def find(
        self,
        docking_event_id: UUID,
        *,
        asking: Collection[UUID] | None = None,
        asked: Collection[UUID] | None = None,
        states: Collection[str] = (),
        after: UUID | None = None,
        limit: int | None = None,
    ) -> Sequence[MeetingRequest]:
        r = tables.meeting_requests
        statement = select(r).where(r.c.docking_event_id == docking_event_id)
        sides = []
        if asking is not None:
            sides.append(r.c.asking_participation_id.in_(list(asking)))
        if asked is not None:
            sides.append(r.c.asked_participation_id.in_(list(asked)))
        if sides:
            statement = statement.where(or_(*sides))
        if states:
            statement = statement.where(r.c.state.in_(list(states)))
        if after is not None:
            statement = statement.where(r.c.id > after)
        statement = statement.order_by(r.c.id).limit(limit)
        return [to_request(row) for row in await self._connection.execute(statement)]

    @override
    async def between(
        self, docking_event_id: UUID, mine: UUID, others: Collection[UUID]
    ) -> Sequence[MeetingRequest]:
        r = tables.meeting_requests
        pairs = [(mine, other) for other in others] + [(other, mine) for other in others]
        sides = tuple_(r.c.asking_participation_id, r.c.asked_participation_id)
        statement = (
            select(r)
            .where(r.c.docking_event_id == docking_event_id, sides.in_(pairs))
            .order_by(r.c.id)
        )
        return [to_request(row) for row in await self._connection.execute(statement)]

    @override
    async def overdue(self, at: datetime, limit: int) -> Sequence[MeetingRequest]:
        r = tables.meeting_requests
        waiting = (RequestState.SENT, RequestState.COUNTERED)
        statement = (
            select(r)
            .where(r.c.state.in_(waiting), r.c.expires_at <= at)
            .order_by(r.c.expires_at, r.c.id)
            .limit(limit)
        )
        return [to_request(row) for row in await self._connection.execute(statement)]
