"""Tells waiting tasks of this process that a transaction which matters to them has committed."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

_notes: WeakKeyDictionary[Connection, set[str]] = WeakKeyDictionary()
_served: WeakKeyDictionary[Engine, set[str]] = WeakKeyDictionary()
_waiting: WeakKeyDictionary[Engine, dict[str, asyncio.Event]] = WeakKeyDictionary()


def of(engine: AsyncEngine, name: str) -> asyncio.Event:
    """Return the event that is set after each commit that noted the name.

    Who waits clears it before looking, so that no commit is missed.
    """
    events = _waiting.setdefault(engine.sync_engine, {})
    return events.setdefault(name, asyncio.Event())


def note(connection: AsyncConnection, name: str) -> None:
    """Ask that who waits for the name be woken once this transaction has committed."""
    if connection.sync_connection is not None:
        _notes.setdefault(connection.sync_connection, set()).add(name)


def take_notes(connection: AsyncConnection) -> frozenset[str]:
    """Return and forget what the transaction noted."""
    if connection.sync_connection is None:
        return frozenset()
    return frozenset(_notes.pop(connection.sync_connection, ()))


@contextmanager
def served(engine: AsyncEngine, name: str) -> Iterator[None]:
    """Tell that the one who waits for the name, of all processes, is in this one."""
    names = _served.setdefault(engine.sync_engine, set())
    names.add(name)
    try:
        yield
    finally:
        names.discard(name)


def is_served(connection: AsyncConnection, name: str) -> bool:
    """Say whether this process waits for the name, so that no other needs to be told."""
    return name in _served.get(connection.sync_engine, ())
