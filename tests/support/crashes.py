"""The end of a process at a named point, inside the test's own."""

from collections.abc import Iterator
from contextlib import contextmanager

from techdock_shared import crash

CONSUMER_POINTS = (
    "consumer.before_claim",
    "consumer.after_claim",
    "consumer.before_commit",
    "transaction.before_commit",
    "transaction.after_commit",
    "consumer.after_commit",
    "consumer.before_ack",
)


class Died(BaseException):
    """The process ends here; no handler of exceptions may stop it."""


@contextmanager
def dying_at(point: str) -> Iterator[list[str]]:
    """Die the first time that the point is passed; yields the points at which it was so.

    Afterwards the test goes on with new objects over the same files: what was in memory is lost.
    """
    died: list[str] = []

    def hook(passed: str) -> None:
        if passed == point and not died:
            died.append(passed)
            raise Died

    crash.install(hook)
    try:
        yield died
    finally:
        crash.install(None)
