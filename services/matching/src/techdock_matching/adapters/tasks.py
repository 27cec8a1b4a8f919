"""Work that organizers ask for, as jobs of the worker."""

from typing import Any
from uuid import UUID

from techdock_shared.errors import NotFound
from techdock_shared.sql import jobs
from typing_extensions import override

from techdock_matching.adapters import tables
from techdock_matching.adapters.lists import tell_worker
from techdock_matching.adapters.unit import MatchingUnit
from techdock_matching.app import repositories_plan
from techdock_matching.app.repositories_plan import Task, TaskKind


def to_task(job: jobs.Job) -> Task:
    """Return what a job was asked for, and how far it is."""
    ordered: dict[str, Any] = dict(job.payload)
    return Task(
        id=job.id,
        kind=TaskKind(job.kind),
        docking_event_id=UUID(ordered.pop("docking_event_id")),
        ordered=ordered,
        state=job.state,
        progress=job.progress or {},
        result=job.result,
        failure=job.error if job.state == jobs.FAILED else None,
    )


class SqlTasks(repositories_plan.Tasks):
    """Tasks as jobs."""

    def __init__(self, unit: MatchingUnit) -> None:
        self._connection = unit.connection
        self._at = unit.clock.now()

    @override
    async def order(self, task: Task) -> Task:
        payload = {"docking_event_id": str(task.docking_event_id), **task.ordered}
        table = tables.plumbing.jobs
        await jobs.enqueue(self._connection, table, task.kind, payload, now=self._at, id=task.id)
        await tell_worker(self._connection)
        return task

    @override
    async def get(self, id: UUID, kind: TaskKind) -> Task:
        job = await jobs.find(self._connection, tables.plumbing.jobs, id)
        if job.kind != kind:
            raise NotFound(f"no {kind} {id}")
        return to_task(job)
