"""Who reads which partition: members of a group hold leases, kept by the process they live in."""

import os
import sqlite3
import subprocess
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import uuid4

import orjson
from aiokafka.errors import CommitFailedError

LEASE_S = 5.0
"""How long a process may be silent before its partitions go to others."""


@dataclass(frozen=True, slots=True)
class Session:
    """A process that uses the log.

    Attributes:
        host: Which processes its `pid` can be compared with.
        birth: When the process started, in whatever unit the system tells: a pid is used again.
    """

    id: str
    host: str
    pid: int
    birth: str


@dataclass(frozen=True, slots=True)
class Member:
    """A consumer of a group."""

    id: str
    group: str
    topics: tuple[str, ...]


def this_session() -> Session:
    """Return a new session of this process."""
    return Session(uuid4().hex, host(), os.getpid(), birth_of(os.getpid()) or "")


def keep(
    session: Session, members: Sequence[Member], now: float, connection: sqlite3.Connection
) -> dict[str, set[int]]:
    """Renew the lease of a session, end those of dead ones, and share out the partitions.

    Args:
        session: Of this process.
        members: All of its consumers.
        now: The machine's monotonic clock, in seconds; all processes read the same one.
        connection: To the log, in a transaction.

    Returns:
        The partitions that each member may read, by member.
    """
    connection.execute(
        "INSERT INTO session VALUES(?, ?, ?, ?, ?) "
        "ON CONFLICT(id) DO UPDATE SET expires = excluded.expires",
        (session.id, session.host, session.pid, session.birth, now + LEASE_S),
    )
    connection.executemany(
        "INSERT INTO member VALUES(?, ?, ?, ?) ON CONFLICT(id) DO NOTHING",
        [(m.id, m.group, session.id, orjson.dumps(m.topics).decode()) for m in members],
    )
    _end_dead(session, now, connection)
    return {member.id: _share(member, connection) for member in members}


def leave(members: Collection[str], connection: sqlite3.Connection) -> None:
    """Give back what the members read."""
    for member in members:
        connection.execute("DELETE FROM owner WHERE member = ?", (member,))
        connection.execute("DELETE FROM member WHERE id = ?", (member,))


def end(session: Session, connection: sqlite3.Connection) -> None:
    """End a session and its members."""
    rows = connection.execute("SELECT id FROM member WHERE session = ?", (session.id,)).fetchall()
    leave([row[0] for row in rows], connection)
    connection.execute("DELETE FROM session WHERE id = ?", (session.id,))


def commit(member: Member, offsets: dict[int, int], connection: sqlite3.Connection) -> None:
    """Store how far a group is.

    Raises:
        CommitFailedError: A partition was given to another member meanwhile; it starts where
            the group was, and what this member did since is done again by it.
    """
    owned = _owned(member, connection)
    lost = offsets.keys() - owned
    if lost:
        raise CommitFailedError(f"{member.group} lost {len(lost)} partitions to another member")
    connection.executemany(
        "INSERT INTO committed VALUES(?, ?, ?) "
        "ON CONFLICT(grp, partition) DO UPDATE SET next = excluded.next",
        [(member.group, partition, next_) for partition, next_ in offsets.items()],
    )


def _end_dead(session: Session, now: float, connection: sqlite3.Connection) -> None:
    rows = connection.execute(
        "SELECT id, host, pid, birth, expires FROM session WHERE id <> ?", (session.id,)
    ).fetchall()
    for id_, host, pid, birth, expires in rows:
        # A lease that ends too far ahead was written before the machine started anew.
        alive = now <= expires <= now + 2 * LEASE_S
        if alive and host == session.host:
            alive = birth_of(pid) == (birth or None)
        if not alive:
            end(Session(id_, host, pid, birth), connection)


def _share(member: Member, connection: sqlite3.Connection) -> set[int]:
    rows = connection.execute(
        "SELECT id, topics FROM member WHERE grp = ? ORDER BY id", (member.group,)
    ).fetchall()
    wanted: set[int] = set()
    for topic in member.topics:
        readers = [id_ for id_, topics in rows if topic in orjson.loads(topics)]
        partitions = connection.execute(
            "SELECT id, number FROM partition WHERE topic = ?", (topic,)
        ).fetchall()
        wanted |= {id_ for id_, number in partitions if readers[number % len(readers)] == member.id}
    surplus = _owned(member, connection) - wanted
    connection.executemany(
        "DELETE FROM owner WHERE grp = ? AND partition = ?",
        [(member.group, partition) for partition in surplus],
    )
    # One that another member still holds is left to it until it gives it back.
    connection.executemany(
        "INSERT INTO owner VALUES(?, ?, ?) ON CONFLICT(grp, partition) DO NOTHING",
        [(member.group, partition, member.id) for partition in wanted],
    )
    return _owned(member, connection)


def _owned(member: Member, connection: sqlite3.Connection) -> set[int]:
    rows = connection.execute(
        "SELECT partition FROM owner WHERE grp = ? AND member = ?", (member.group, member.id)
    ).fetchall()
    return {row[0] for row in rows}


def birth_of(pid: int) -> str | None:
    """Return when a process of this machine started; None when there is none."""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            # The name stands in parentheses and may hold anything; field 22 counts after it.
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            return None
        # A zombie has died already; nobody has asked for its exit code yet.
        return None if fields[0] in {"Z", "X"} else fields[19]
    command = ("ps", "-o", "lstart=", "-p", str(pid))
    told = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed
    return told.stdout.strip() or None


@cache
def host() -> str:
    """Name the set of processes whose pids mean the same as ours."""
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return "this machine"
