"""Matching as a program of its own: PostgreSQL, Kafka and Redis; `python -m techdock_matching`."""

import httpx
from techdock_shared import telemetry
from techdock_shared.cache.redis import open_cache
from techdock_shared.clock import SystemClock
from techdock_shared.http.principals import CachedPrincipals, RegistrationPrincipals
from techdock_shared.http.serving import listen, run, serve
from techdock_shared.http.sse import Streams
from techdock_shared.messaging.broker import open_broker
from techdock_shared.sql.engine import open_engine
from techdock_shared.sql.migrate import upgrade

from techdock_matching.adapters.asking import HttpAsking
from techdock_matching.adapters.names import RegistrationNames
from techdock_matching.settings import Settings
from techdock_matching.wiring import MIGRATIONS, build


async def serve_with(settings: Settings) -> None:
    """Serve until told to stop."""
    clock, streams = SystemClock(), Streams()
    bound = listen(settings.host, settings.port)
    engine = open_engine(settings.database_url.get_secret_value(), application="techdock matching")
    cache = open_cache(settings.redis_url.get_secret_value())
    broker = open_broker(
        settings.kafka_servers.split(","),
        replication=settings.kafka_replication,
        client_id="techdock-matching",
    )
    key = settings.deployment_key_file.read_bytes().strip()
    async with (
        httpx.AsyncClient(base_url=settings.registration_url) as client,
        httpx.AsyncClient(base_url=settings.worker_url or "") as ranker,
    ):
        service = build(
            engine,
            broker,
            cache,
            CachedPrincipals(cache, RegistrationPrincipals(client), key, clock),
            clock,
            names=RegistrationNames(client, key, clock),
            asking=HttpAsking(ranker, key, clock) if settings.worker_url else None,
            pages_url=settings.public_url,
            streams=streams,
        )
        try:
            await upgrade(engine, MIGRATIONS)
            async with broker.receiving(), service.running():
                await serve(service.http, bound, streams=streams, gateways=settings.gateways)
        finally:
            await cache.close()
            await engine.dispose()


def main() -> None:
    """Run the service by its settings."""
    settings = Settings()
    telemetry.configure_logging(settings.log_form)
    telemetry.configure_tracing("matching")
    run(lambda: serve_with(settings))


if __name__ == "__main__":
    main()
