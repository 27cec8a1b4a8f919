"""Hears that another process committed to the database: within milliseconds, without a broker."""

import asyncio
import sqlite3
from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncEngine

LOOK_S = 0.03


async def watch(engine: AsyncEngine, told: Callable[[], None]) -> None:
    """Call back after each commit of whatever process to a SQLite database; for ever.

    One look costs some microseconds. On PostgreSQL there is nothing to do: who holds a lease
    listens on its connection.
    """
    if engine.dialect.name != "sqlite":
        return
    database = sqlite3.connect(f"file:{engine.url.database}?mode=ro", uri=True)
    try:
        last = None
        while True:
            (version,) = database.execute("PRAGMA data_version").fetchone()
            if version != last:
                last = version
                told()
            await asyncio.sleep(LOOK_S)
    finally:
        database.close()
