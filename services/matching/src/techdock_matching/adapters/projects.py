"""Cooperation projects in tables."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Row, insert, select
from techdock_shared.errors import NotFound
from typing_extensions import override

from techdock_matching.adapters import tables
from techdock_matching.adapters.statements import save_version
from techdock_matching.adapters.translate import of_project
from techdock_matching.adapters.unit import MatchingUnit
from techdock_matching.app import repositories
from techdock_matching.domain.project import CooperationProject

CONTENT = TypeAdapter(CooperationProject)
EXCLUDED = {"happened", "version"}


def to_project(row: Row[Any]) -> CooperationProject:
    """Return the project of a row."""
    return replace(CONTENT.validate_json(row.content), version=row.version)


class SqlProjects(repositories.Projects):
    """Projects in a table, one row each."""

    def __init__(self, unit: MatchingUnit) -> None:
        self._unit = unit
        self._connection = unit.connection
        self._at = unit.clock.now()

    @override
    async def get(self, id: UUID) -> CooperationProject:
        p = tables.projects
        row = (await self._connection.execute(select(p).where(p.c.id == id))).one_or_none()
        if row is None:
            raise NotFound(f"no project {id}")
        return to_project(row)

    @override
    async def save(self, project: CooperationProject) -> CooperationProject:
        values = {
            "tenant_id": project.tenant_id,
            "docking_event_id": project.docking_event_id,
            "meeting_id": project.meeting_id,
            "state": "open" if project.ended_on is None else "ended",
            "stage": project.stage,
            "content": CONTENT.dump_json(project, exclude=EXCLUDED).decode(),
        }
        await save_version(self._connection, tables.projects, project.id, project.version, values)
        if project.version == 0:
            rows = [
                {"organization_id": party.organization_id, "project_id": project.id}
                for party in project.parties
            ]
            await self._connection.execute(insert(tables.project_parties), rows)
        self._unit.tell(*of_project(project, self._at))
        return replace(project, version=project.version + 1, happened=())

    @override
    async def find(
        self,
        *,
        docking_event_id: UUID | None = None,
        organizations: Collection[UUID] | None = None,
        after: UUID | None = None,
        limit: int | None = None,
    ) -> Sequence[CooperationProject]:
        p, o = tables.projects, tables.project_parties
        statement = select(p)
        if docking_event_id is not None:
            statement = statement.where(p.c.docking_event_id == docking_event_id)
        if organizations is not None:
            theirs = select(o.c.project_id).where(o.c.organization_id.in_(list(organizations)))
            statement = statement.where(p.c.id.in_(theirs))
        if after is not None:
            statement = statement.where(p.c.id > after)
        statement = statement.order_by(p.c.id).limit(limit)
        return [to_project(row) for row in await self._connection.execute(statement)]
