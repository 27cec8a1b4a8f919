"""The journal's chain: every row seals the ones before it.

A row's seal is SHA-256 over the seal before it and the SHA-256 of its message. A message can be
removed later (erasure) and the chain still be verified, since only its hash is chained.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

GENESIS = bytes(32)
"""The seal before the first row."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the journal.

    Attributes:
        position: Position of the last row; 0 when empty.
        seal: Seal of the last row, 32 bytes.
        received_at: When the last row was received; never runs backwards.
    """

    position: int = 0
    seal: bytes = GENESIS
    received_at: datetime | None = None


def seal(before: bytes, body_sha256: bytes) -> bytes:
    """Return the seal of a row, 32 bytes."""
    return sha256(before + body_sha256).digest()


def broken(rows: Iterable[tuple[int, bytes, bytes, bytes | None]]) -> Iterator[str]:
    """Say where a journal is not what was sealed.

    Args:
        rows: From the first row on: position, SHA-256 of the message, seal, message (None once
            it was removed).

    Yields:
        One sentence for each row that does not hold; nothing for a sound journal.
    """
    before, expected = GENESIS, 1
    for position, body_sha256, sealed, body in rows:
        if position != expected:
            yield f"position {expected} is missing; found {position}"
        if body is not None and sha256(body).digest() != body_sha256:
            yield f"the message at position {position} is not the one received"
        if seal(before, body_sha256) != sealed:
            yield f"the seal at position {position} does not follow from the one before"
        before, expected = sealed, position + 1
