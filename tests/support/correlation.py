"""A piece of a test that belongs to one request."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from techdock_shared.telemetry import reset_correlation, set_correlation


@contextmanager
def correlated(request_id: UUID) -> Iterator[None]:
    """Let what happens inside belong to a request."""
    before = set_correlation(request_id)
    try:
        yield
    finally:
        reset_correlation(before)
