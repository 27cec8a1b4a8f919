"""Reads a log that nobody writes, whole and in order: to bring it to another one."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import orjson

from techdock_shared.messaging.log.storage import MOST_OFFSETS, Headers

Message = tuple[str, bytes | None, bytes | None, Headers]
"""topic, key, value (None: a tombstone), headers."""


def messages(path: Path) -> Iterator[Message]:
    """Yield every message of a log, each partition in its order.

    Args:
        path: The file, not in use.
    """
    query = (
        "SELECT topic, key, value, headers FROM record "
        "JOIN partition ON partition.id = record.at / ? ORDER BY at"
    )
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        for topic, key, value, headers in connection.execute(query, (MOST_OFFSETS,)):
            found = orjson.loads(headers) if headers else []
            yield topic, key, value, tuple((name, text.encode("latin-1")) for name, text in found)
