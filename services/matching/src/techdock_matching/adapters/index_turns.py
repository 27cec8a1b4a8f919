"""Whose turn it is: questions of people wait for a portion of long work, not for all of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock


class Turns:
    """One thread at a time, in the order in which they came.

    Python's lock alone would be taken again by whoever gives it back; so whoever wants it passes a
    second one first, and long work that comes back for its next portion stands behind those who
    waited meanwhile.
    """

    def __init__(self) -> None:
        """Let anybody in."""
        self._next, self._turn = Lock(), Lock()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Wait for a turn and take it; not from within another one."""
        with self._next:
            self._turn.acquire()
        try:
            yield
        finally:
            self._turn.release()
