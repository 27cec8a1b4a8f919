"""The broker of the embedded program: FastStream's KafkaBroker over a log in one file."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, cast

from aiokafka import AIOKafkaProducer
from faststream._internal.parser import DefaultCodec
from techdock_contracts import topics as declared
from techdock_contracts.topics import Topic
from typing_extensions import override

from techdock_shared.messaging.broker import Broker
from techdock_shared.messaging.log.admin import Admin
from techdock_shared.messaging.log.consumer import Consumer
from techdock_shared.messaging.log.members import Members
from techdock_shared.messaging.log.producer import Producer
from techdock_shared.messaging.log.storage import Storage


class EmbeddedBroker(Broker):
    """A broker without a server. Subscribers, acknowledgement and retry are FastStream's own.

    The seam is `_connect`, the one that FastStream's test broker uses too.
    """

    def __init__(self, path: Path, topics: Iterable[Topic] = declared.ALL) -> None:
        """Name the log.

        Args:
            path: The file; its folder must exist.
            topics: Those that may be written and read; any other is refused.
        """
        super().__init__(["embedded"], topics)
        self._path = path
        self._storage: Storage | None = None
        self._members: Members | None = None

    @override
    async def _connect(self) -> Callable[..., Any]:
        storage = Storage(self._path, self.topics)
        await storage.open()
        members = Members(storage)
        config = self.config.broker_config
        await config.producer.connect(
            cast(AIOKafkaProducer, Producer(storage)),
            serializer=config.fd_config._serializer,  # noqa: SLF001 - as FastStream's own config does
            codec=config.broker_codec or DefaultCodec(),
        )
        config.admin = Admin(storage)
        config.builder = partial(Consumer, storage=storage, members=members)
        self._storage, self._members = storage, members
        return config.builder

    @override
    async def stop(self, *reason: Any) -> None:
        """Stop receiving, finish what is being written, and close the file."""
        await super().stop(*reason)
        if self._members is not None:
            await self._members.end()
            self._members = None
        if self._storage is not None:
            await self._storage.close()
            self._storage = None
