"""Files that organizers sent, and the jobs that apply them, in tables."""

import json
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from techdock_shared.errors import NotFound
from techdock_shared.sql import jobs
from typing_extensions import override

from techdock_registration.adapters import tables
from techdock_registration.app import ports
from techdock_registration.app.ports.spreadsheets import ImportFile, ImportJob

JOB = "import"


class SqlImports(ports.Imports):
    """Files in a table; jobs in that of all jobs."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    @override
    async def accept(self, file: ImportFile) -> None:
        row = {
            "id": file.id,
            "docking_event_id": file.docking_event_id,
            "account_id": file.account_id,
            "kind": file.kind,
            "name": file.name[:300],
            "options": json.dumps(dict(file.options)),
            "content": file.content,
            "created_at": file.created_at,
        }
        await self._connection.execute(insert(tables.import_files), row)
        payload = {"import_id": str(file.id), "account_id": str(file.account_id)}
        await jobs.enqueue(
            self._connection,
            tables.plumbing.jobs,
            JOB,
            payload,
            now=file.created_at,
            id=file.id,
        )

    @override
    async def file(self, id: UUID) -> ImportFile:
        t = tables.import_files
        row = (await self._connection.execute(select(t).where(t.c.id == id))).one_or_none()
        if row is None:
            raise NotFound(f"no import {id}")
        return ImportFile(
            row.id,
            row.docking_event_id,
            row.account_id,
            row.kind,
            row.name,
            json.loads(row.options),
            row.content,
            row.created_at,
        )

    @override
    async def job(self, id: UUID) -> ImportJob:
        t = tables.import_files
        columns = select(t.c.docking_event_id, t.c.kind, t.c.name, t.c.options)
        row = (await self._connection.execute(columns.where(t.c.id == id))).one_or_none()
        if row is None:
            raise NotFound(f"no import {id}")
        job = await jobs.find(self._connection, tables.plumbing.jobs, id)
        said = job.result or job.progress or {"done": 0, "total": json.loads(row.options)["rows"]}
        return ImportJob(
            id, row.docking_event_id, row.kind, row.name, job.state, dict(said), job.error
        )

    @override
    async def drop_content(self, id: UUID) -> None:
        t = tables.import_files
        await self._connection.execute(update(t).where(t.c.id == id).values(content=b""))
