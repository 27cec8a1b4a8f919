"""Names of organizations, which matching does not keep."""

from collections.abc import Collection, Mapping
from typing import Protocol
from uuid import UUID


class Names(Protocol):
    """Asks registration, which keeps names, at the moment of drawing; best effort."""

    async def of_organizations(self, ids: Collection[UUID], language: str) -> Mapping[UUID, str]:
        """Return the names that could be had, in the reader's script where there is one.

        It never raises because registration is away: what is missing is drawn without a name.
        """
        ...


class NoNames:
    """Knows nobody's name: where no registration is within reach."""

    async def of_organizations(self, ids: Collection[UUID], language: str) -> Mapping[UUID, str]:  # noqa: ARG002 - a port
        """Return nothing."""
        return {}
