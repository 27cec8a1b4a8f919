"""Proposed meetings in a table; a pair of participations has one in a docking event."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Row, delete, or_, select
from sqlalchemy.exc import IntegrityError
from techdock_contracts.matching import MeetingProposed
from techdock_shared.errors import Conflict, NotFound
from techdock_shared.ids import uuid7
from typing_extensions import override

from techdock_matching.adapters import tables
from techdock_matching.adapters.lookups import SqlLookups
from techdock_matching.adapters.statements import save_versions
from techdock_matching.adapters.unit import MatchingUnit
from techdock_matching.app import repositories_plan
from techdock_matching.domain.proposal import Proposal, ProposalState

CONTENT = TypeAdapter(Proposal)
PORTION = 500


def to_proposal(row: Row[Any]) -> Proposal:
    """Return the proposal of a row."""
    return replace(CONTENT.validate_json(row.content), version=row.version)


def _row(proposal: Proposal) -> dict[str, Any]:
    return {
        "tenant_id": proposal.tenant_id,
        "docking_event_id": proposal.docking_event_id,
        "participation_low": proposal.low_id,
        "participation_high": proposal.high_id,
        "state": proposal.state,
        "content": CONTENT.dump_json(proposal, exclude={"version"}).decode(),
    }


class SqlProposals(repositories_plan.Proposals):
    """Proposals, one row each."""

    def __init__(self, unit: MatchingUnit) -> None:
        self._unit = unit
        self._connection = unit.connection
        self._at = unit.clock.now()

    @override
    async def get(self, id: UUID) -> Proposal:
        p = tables.proposals
        row = (await self._connection.execute(select(p).where(p.c.id == id))).one_or_none()
        if row is None:
            raise NotFound(f"no proposal {id}")
        return to_proposal(row)

    @override
    async def save(self, proposals: Sequence[Proposal]) -> Sequence[Proposal]:
        for start in range(0, len(proposals), PORTION):
            part = proposals[start : start + PORTION]
            rows = [(one.id, one.version, _row(one)) for one in part]
            try:
                await save_versions(self._connection, tables.proposals, rows)
            except IntegrityError as error:
                raise Conflict("two participations have another proposal") from error
        await self._tell([one for one in proposals if one.state is ProposalState.PROPOSED])
        return [replace(one, version=one.version + 1) for one in proposals]

    async def _tell(self, sent: Sequence[Proposal]) -> None:
        """Announce what both sides are to be asked; a proposal is in this state once."""
        if not sent:
            return
        lookups = SqlLookups(self._connection)
        found = await lookups.participations(sent[0].docking_event_id)
        contacts = {one.id: (one.contact_id,) for one in found}
        for one in sent:
            if one.expires_at is None or {one.low_id, one.high_id} - contacts.keys():
                continue
            event = MeetingProposed(
                id=uuid7(),
                time=self._at,
                subject=str(one.id),
                tenant=one.tenant_id,
                docking_event_id=one.docking_event_id,
                proposal_id=one.id,
                participations=(one.low_id, one.high_id),
                persons=(contacts[one.low_id], contacts[one.high_id]),
                expires_at=one.expires_at,
            )
            self._unit.tell(event)

    @override
    async def remove(self, ids: Collection[UUID]) -> None:
        p, wanted = tables.proposals, list(ids)
        for start in range(0, len(wanted), PORTION):
            some = p.c.id.in_(wanted[start : start + PORTION])
            drafts = p.c.state == ProposalState.DRAFTED
            await self._connection.execute(delete(p).where(some, drafts))

    @override
    async def find(
        self,
        docking_event_id: UUID,
        *,
        parties: Collection[UUID] | None = None,
        states: Collection[str] = (),
        after: UUID | None = None,
        limit: int | None = None,
    ) -> Sequence[Proposal]:
        p = tables.proposals
        statement = select(p).where(p.c.docking_event_id == docking_event_id)
        if parties is not None:
            of = list(parties)
            mine = or_(p.c.participation_low.in_(of), p.c.participation_high.in_(of))
            statement = statement.where(mine)
        if states:
            statement = statement.where(p.c.state.in_(list(states)))
        if after is not None:
            statement = statement.where(p.c.id > after)
        statement = statement.order_by(p.c.id).limit(limit)
        return [to_proposal(row) for row in await self._connection.execute(statement)]

    @override
    async def dismissed(self, profile_ids: Collection[UUID]) -> Mapping[UUID, frozenset[UUID]]:
        d = tables.dismissals
        found: dict[UUID, set[UUID]] = {}
        statement = select(d.c.profile_id, d.c.counterpart_id)
        statement = statement.where(d.c.profile_id.in_(list(profile_ids)))
        for row in await self._connection.execute(statement):
            found.setdefault(row.profile_id, set()).add(row.counterpart_id)
        return {one: frozenset(others) for one, others in found.items()}
