"""Long work on a terminal: a bar for a person, plain lines otherwise."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from techdock_shared.errors import Invalid

from techdock_embedded.client import Client, Json
from techdock_embedded.commands.app import errors, interactive

POLL_S = 0.2
LINE_EVERY_S = 5.0


class Shown:
    """Tells a person how far a work is."""

    def __init__(self, what: str, bar: Progress | None) -> None:
        self._what = what
        self._bar = bar
        self._task = bar.add_task(what, total=None) if bar else None
        self._told_at = float("-inf")

    def tell(self, what: str, done: int, total: int) -> None:
        """Name the present part of the work, and show how far it is."""
        if what != self._what:
            self._what, self._told_at = what, float("-inf")
            if self._bar is not None and self._task is not None:
                self._bar.update(self._task, description=what)
        self.at(done, total)

    def at(self, done: int, total: int | None) -> None:
        """Show how far it is."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, total=total)
            return
        now = asyncio.get_running_loop().time()
        if now - self._told_at >= LINE_EVERY_S or done == total:
            self._told_at = now
            errors.print(f"{self._what}: {done} of {total if total is not None else '?'}")


@contextmanager
def shown(what: str) -> Iterator[Shown]:
    """Show a work while the block runs."""
    if not interactive():
        yield Shown(what, None)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=errors, transient=True) as bar:
        yield Shown(what, bar)


async def follow_job(api: Client, path: str, what: str) -> Json:
    """Wait for a job's end and show its progress; returns the job.

    Raises:
        Invalid: It failed, or somebody cancelled it.
    """
    with shown(what) as bar:
        while True:
            job = await api.get(path)
            progress = job.get("progress") or {}
            if "done" in progress:
                bar.at(progress["done"], progress.get("total"))
            if job["state"] in ("failed", "cancelled"):
                raise Invalid(f"{what}: the job {job['state']}: {job.get('error') or 'no reason'}")
            if job["state"] == "done":
                return job
            await asyncio.sleep(POLL_S)
