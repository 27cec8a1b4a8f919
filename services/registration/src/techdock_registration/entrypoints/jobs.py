"""Long work of registration: imports."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from techdock_shared.clock import Clock
from techdock_shared.sql.worker import JobHandler, Work

from techdock_registration.app import imports
from techdock_registration.app.ports import Begin, Spreadsheets, Transaction


def handlers(begin: Begin, clock: Clock, sheets: Spreadsheets) -> Mapping[str, JobHandler]:
    """Return what to do for each kind of job."""

    async def apply_import(work: Work) -> Mapping[str, Any] | None:
        async def save(transaction: Transaction, progress: Mapping[str, Any]) -> None:
            # In the same transaction as the rows: a takeover neither repeats nor misses any.
            await work.save(progress, transaction.connection)  # type: ignore[attr-defined]  # a SqlUnit

        import_id = UUID(work.job.payload["import_id"])
        before = work.job.progress or {}
        return await imports.apply(import_id, before, save, begin, clock, sheets)

    return {"import": apply_import}
