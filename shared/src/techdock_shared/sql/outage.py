"""Which failures of a database are outages: the same statement may succeed later."""

import sqlite3

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

SQLITE_IS_OURS = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_MISUSE, sqlite3.SQLITE_RANGE}
"""Wrong SQL and wrong use: bugs, although the driver reports them like outages."""

POSTGRES_OUTAGES = ("08", "40", "53", "57", "58")
"""SQLSTATE classes: connection, rolled back (deadlock), resources (disk full, too many
connections), operator (shut down, statement timeout), system error."""

POSTGRES_LOCKED = "55P03"


def is_outage(error: BaseException) -> bool:
    """Say whether the database, not the caller, is at fault.

    A ConnectionError or TimeoutError counts: inside a transaction nothing but the database
    may be called over a network.
    """
    if isinstance(error, PoolTimeoutError | ConnectionError | TimeoutError):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        operational = isinstance(cause, sqlite3.OperationalError)
        return operational and (code & 0xFF) not in SQLITE_IS_OURS
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(cause, "sqlstate", None)
    if isinstance(state, str):
        return state.startswith(POSTGRES_OUTAGES) or state == POSTGRES_LOCKED
    # asyncpg's own complaints carry no state; "connection is closed" is the one that matters.
    return "connection" in str(cause).lower() and "closed" in str(cause).lower()
