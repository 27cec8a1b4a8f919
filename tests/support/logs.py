"""What a module logs, whatever another test made of logging before."""

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import structlog


@contextmanager
def logged_by(module: str) -> Iterator[list[MutableMapping[str, Any]]]:
    """Collect the lines of one module's `log`, of every level.

    `structlog.testing.capture_logs` changes the shared configuration only, which a logger that
    was used before may no longer look at.

    Args:
        module: Its full name, like `techdock_shared.http.edge`.
    """
    capture = structlog.testing.LogCapture()
    logger = structlog.wrap_logger(
        None, processors=[capture], wrapper_class=structlog.make_filtering_bound_logger(0)
    )
    with patch(f"{module}.log", logger):
        yield capture.entries
