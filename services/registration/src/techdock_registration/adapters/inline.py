"""SQLite without a thread in between, for statements that take microseconds.

The driver hands every call to a thread of its own and waits for it: three hops for a statement,
each dearer than the statement. Inside a transaction, which is ours alone once it has begun, the
calls run where they are made; what may wait for a disk or another process (BEGIN, COMMIT) still
goes to the thread.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection


@asynccontextmanager
async def inline(connection: AsyncConnection) -> AsyncIterator[None]:
    """Run the statements of a SQLite transaction in place while the block lasts."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = (await connection.get_raw_connection()).driver_connection

    async def here(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return call(*args, **kwargs)

    driver._execute = here  # noqa: SLF001 - the one place where all its calls pass
    try:
        yield
    finally:
        del driver._execute  # noqa: SLF001 - as above
