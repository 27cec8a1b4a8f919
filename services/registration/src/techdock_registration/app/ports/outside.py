"""Ports of what is no database: passwords, the text of letters, the post."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Passwords(Protocol):
    """Hashes passwords so that guessing is expensive; few at a time, because it costs us too."""

    async def hash(self, password: str) -> str:
        """Return a hash to be stored."""
        ...

    async def fits(self, password: str, password_hash: str | None) -> bool:
        """Whether a password is the one of a hash; takes as long when there is no hash."""
        ...


@dataclass(frozen=True, slots=True)
class Letter:
    """A rendered mail: plain text."""

    subject: str
    body: str


class Letters(Protocol):
    """Renders mails in the language of who reads them."""

    def write(self, reason: str, language: str, values: Mapping[str, str]) -> Letter:
        """Return the text; English when there is no text in the language."""
        ...

    def moment(self, at: datetime, language: str) -> str:
        """Return a local time in words that no reader can mistake."""
        ...


class Post(Protocol):
    """Takes mails to their readers."""

    @property
    def keeps(self) -> bool:
        """Whether mails stay here to be shown on a page, because there is no SMTP server."""
        ...

    async def send(self, to: str, letter: Letter, message_id: str, language: str) -> None:
        """Return once the mail server has it.

        Raises:
            Unavailable: The server does not answer or does not take it now.
            Invalid: The server refuses it for good.
        """
        ...
