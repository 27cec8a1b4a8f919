"""The administrator's side of the log, as FastStream asks for it; topics are declared by us."""

from collections.abc import Sequence
from typing import Any

from faststream.kafka.helpers.admin import AdminService, CreateResult
from typing_extensions import override

from techdock_shared.messaging.log.storage import Storage


class Admin(AdminService):
    """Makes no topics: they come from the contracts, and no other exists."""

    __slots__ = ("_storage",)

    def __init__(self, storage: Storage) -> None:
        super().__init__()
        self._storage = storage

    @override
    async def connect(self, **connection_kwargs: Any) -> None:
        """Connect to nothing: the storage is open."""

    @override
    async def disconnect(self) -> None:
        """Leave the storage to the broker."""

    @override
    async def create_topics(self, topics: Sequence[Any]) -> list[CreateResult]:
        """Refuse topics that are not declared."""
        for topic in topics:
            self._storage.partitions(topic.name)
        return [CreateResult(topic.name, None) for topic in topics]
