"""The broker as all services use it: FastStream's KafkaBroker, which waits for its log to come.

A service starts, and takes writes, while the log is away; its events wait in the outbox.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError
from aiokafka.structs import RecordMetadata
from faststream import AckPolicy
from faststream._internal.parser import DefaultCodec
from faststream._internal.utils.data import filter_by_dict
from faststream.exceptions import IncorrectState
from faststream.kafka import KafkaBroker
from faststream.kafka.schemas.params import ConsumerConnectionParams
from techdock_contracts import topics as declared
from techdock_contracts.topics import Topic
from typing_extensions import override

from techdock_shared.backoff import Backoff
from techdock_shared.errors import Unavailable
from techdock_shared.messaging.kafka import PatientConsumer, declare

log = logging.getLogger(__name__)
faststream_log = logging.getLogger(f"{__name__}.faststream")

CONNECT_S = 10.0
START_S = 60.0
STOP_S = 10.0
LONGEST_PAUSE_S = 5.0

Headers = Sequence[tuple[str, bytes]]


class Broker(KafkaBroker):
    """A KafkaBroker that knows the declared topics only, and comes up whenever its log does.

    Attributes:
        topics: Those that may be written and read.
        ready: Set once it has connected and all subscribers receive.
    """

    def __init__(
        self,
        servers: Iterable[str],
        topics: Iterable[Topic] = declared.ALL,
        **settings: Any,
    ) -> None:
        """Prepare a broker; nothing is connected yet.

        Args:
            servers: `host:port`, one or more. FastStream takes a text as one host.
            topics: Those that may be written and read.
            settings: Of FastStream's KafkaBroker.
        """
        faststream_log.setLevel(logging.WARNING)
        super().__init__(
            list(servers),
            # The default commits first and loses what a crash interrupts.
            ack_policy=AckPolicy.NACK_ON_ERROR,
            # Ours are no HTTP bodies: records are read and checked by `record`.
            apply_types=False,
            graceful_timeout=STOP_S,
            logger=faststream_log,
            **settings,
        )
        self.topics = tuple(topics)
        self._names = {topic.name for topic in self.topics}
        self.ready = asyncio.Event()

    async def send(
        self, topic: str, key: bytes, body: bytes | None, headers: Headers
    ) -> "asyncio.Future[RecordMetadata]":
        """Send a message; the future is done when the log has it for good.

        Messages of one partition stay in the order in which they were sent.

        Raises:
            Unavailable: The log is away.
            UnknownTopicOrPartitionError: The topic is not declared.
        """
        if topic not in self._names:
            raise UnknownTopicOrPartitionError(
                f"{topic} is not declared; {sorted(self._names)} are"
            )
        try:
            producer = self.config.producer._producer.producer  # type: ignore[attr-defined]  # noqa: SLF001 - FastStream's own publish adds headers and awaits each message
        except (IncorrectState, AttributeError) as error:
            raise Unavailable("the log is not connected yet") from error
        future: asyncio.Future[RecordMetadata] = await producer.send(
            topic, body, key=key, headers=list(headers)
        )
        return future

    @asynccontextmanager
    async def receiving(self, patience_s: float = CONNECT_S) -> AsyncIterator[None]:
        """Receive until the block ends.

        Args:
            patience_s: How long to wait for the log before the block begins without it; the
                broker goes on trying.
        """
        starting = asyncio.create_task(self._start_until_it_works())
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(starting), patience_s)
            yield
        finally:
            starting.cancel()
            with suppress(asyncio.CancelledError):
                await starting
            self.ready.clear()
            await self.stop()

    async def _start_until_it_works(self) -> None:
        backoff = Backoff(0.2, LONGEST_PAUSE_S)
        while True:
            try:
                await asyncio.wait_for(self.start(), START_S)
            except Exception as error:
                expected = isinstance(error, KafkaError | OSError | TimeoutError)
                log.warning("the log is away: %r", error, exc_info=not expected)
                with suppress(Exception):
                    await self.stop()
            else:
                self.ready.set()
                return
            await asyncio.sleep(backoff.next_s())


class ServerBroker(Broker):
    """The broker over Apache Kafka."""

    def __init__(
        self,
        servers: Iterable[str],
        topics: Iterable[Topic] = declared.ALL,
        *,
        replication: int = 1,
        client_id: str = "techdock",
    ) -> None:
        """Prepare a broker; see `open_broker`."""
        super().__init__(
            servers,
            topics,
            client_id=client_id,
            acks="all",
            enable_idempotence=True,
            # A relay sends 500 events at once; the default of 16 KiB makes dozens of requests.
            max_batch_size=256 * 1024,
            max_request_size=1024 * 1024,
            metadata_max_age_ms=30_000,
            request_timeout_ms=20_000,
        )
        self._replication = replication
        self._failed = False
        self._renewing = asyncio.Lock()

    @override
    async def send(
        self, topic: str, key: bytes, body: bytes | None, headers: Headers
    ) -> "asyncio.Future[RecordMetadata]":
        if self._failed:
            await self._renew_producer()
        future = await super().send(topic, key, body, headers)
        future.add_done_callback(self._look_at)
        return future

    def _look_at(self, sent: "asyncio.Future[RecordMetadata]") -> None:
        self._failed |= not sent.cancelled() and sent.exception() is not None

    async def _renew_producer(self) -> None:
        """Take another producer after one that failed to deliver.

        aiokafka's idempotent producer counts a batch that it gave up as sent; from then on Kafka
        refuses every message to that partition as out of order, for ever.

        Raises:
            Unavailable: The log is away.
        """
        async with self._renewing:
            if not self._failed:
                return
            held: Any = self.config.broker_config.producer
            old = held._producer.producer  # noqa: SLF001 - as in `send`
            try:
                await self._connect_producer()
            except (KafkaError, OSError, TimeoutError) as error:
                raise Unavailable("the log is away") from error
            log.warning("a producer failed; another one takes its place")
        with suppress(TimeoutError):
            await asyncio.wait_for(old.stop(), STOP_S)

    async def _connect_producer(self) -> AIOKafkaProducer:
        config = self.config.broker_config
        producer = AIOKafkaProducer(**self._connection_kwargs)
        connecting = config.producer.connect(
            producer,
            serializer=config.fd_config._serializer,  # noqa: SLF001 - as FastStream does itself
            codec=config.broker_codec or DefaultCodec(),
        )
        try:
            # A starting server opens its port before it answers: only the answer counts.
            await asyncio.wait_for(connecting, CONNECT_S)
        except BaseException:
            await producer.stop()
            raise
        self._failed = False
        return producer

    @override
    async def _connect(self) -> Callable[..., Any]:
        settings = dict(self._connection_kwargs)
        config = self.config.broker_config
        producer = await self._connect_producer()
        try:
            await asyncio.wait_for(config.admin.connect(**settings), CONNECT_S)
            await declare(config.admin.client, self.topics, self._replication)
        except BaseException:
            with suppress(Exception):
                await config.admin.disconnect()
            await config.producer.disconnect()
            await producer.stop()
            raise
        consumer_settings, _ = filter_by_dict(ConsumerConnectionParams, settings)
        config.builder = partial(PatientConsumer, **consumer_settings)
        return config.builder


def open_broker(
    servers: Sequence[str],
    *,
    topics: Iterable[Topic] = declared.ALL,
    replication: int = 1,
    client_id: str = "techdock",
) -> ServerBroker:
    """Return a broker over Apache Kafka that makes the topics it misses.

    Its producer is idempotent and waits for all replicas: an acknowledged event is on as many
    nodes as `min.insync.replicas` says.

    Args:
        servers: `host:port`, one or more.
        topics: Those that may be written and read; any other is refused.
        replication: Copies of each new topic; 3 in production.
        client_id: Name shown in Kafka's logs.
    """
    return ServerBroker(servers, topics, replication=replication, client_id=client_id)
