"""Language as data: one text, its original language and its versions."""

from typing import Literal

from pydantic import Field

from techdock_contracts.event import Part


class Version(Part):
    """The text in one language."""

    text: str
    status: Literal["machine", "human", "approved"] = "human"


class Text(Part):
    """A text in its original language and any number of others."""

    original: str = Field(description="BCP 47 tag of the language it was written in.")
    versions: dict[str, Version] = Field(description="By BCP 47 tag; the original is among them.")
