"""Long works of reporting, by the kind of their job."""

from collections.abc import Mapping
from typing import Any

from techdock_shared.sql.worker import JobHandler, Work

from techdock_reporting.app.ports import Rebuilder


def handlers(rebuilder: Rebuilder) -> Mapping[str, JobHandler]:
    """Return what to do for each kind of job."""

    async def rebuild(work: Work) -> Mapping[str, Any]:
        async def progress(done: int, total: int) -> None:
            await work.save({"done": done, "total": total})

        return {"sha256": await rebuilder.rebuild(progress)}

    return {"rebuild": rebuild}
