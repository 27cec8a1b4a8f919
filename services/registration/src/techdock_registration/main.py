"""Registration as a program of its own: `python -m techdock_registration`."""

from techdock_shared.cache.redis import open_cache
from techdock_shared.clock import SystemClock
from techdock_shared.http.serving import listen, run, serve
from techdock_shared.http.sse import Streams
from techdock_shared.messaging.broker import open_broker
from techdock_shared.sql.engine import open_engine
from techdock_shared.sql.migrate import upgrade
from techdock_shared.telemetry import configure_logging, configure_tracing

from techdock_registration.adapters.post import Smtp, SmtpPost
from techdock_registration.app.ports import Post
from techdock_registration.settings import Settings
from techdock_registration.wiring import MIGRATIONS, build


def post_of(settings: Settings) -> Post | None:
    """Return the operator's mail server; None keeps mails."""
    if settings.smtp_host is None:
        return None
    password = settings.smtp_password
    server = Smtp(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_sender,
        settings.smtp_user,
        password.get_secret_value() if password else None,
        settings.smtp_encryption,
    )
    return SmtpPost(server, SystemClock())


async def serve_until_told(settings: Settings) -> None:
    """Bring the tables up to date, serve, and give back what was opened."""
    engine = open_engine(
        settings.database_url.get_secret_value(), application="techdock-registration"
    )
    cache = open_cache(settings.redis_url.get_secret_value())
    try:
        await upgrade(engine, MIGRATIONS)
        broker = open_broker(
            settings.kafka_servers.split(","),
            replication=settings.kafka_replication,
            client_id="techdock-registration",
        )
        service = build(
            engine,
            broker,
            cache,
            settings.deployment_key_file.read_bytes().strip(),
            post=post_of(settings),
            public_url=settings.public_url,
        )
        bound = listen(settings.host, settings.port)
        async with broker.receiving(), service.running():
            await serve(service.http, bound, streams=Streams(), gateways=settings.gateways)
    finally:
        await cache.close()
        await engine.dispose()


def main() -> None:
    """Serve until told to stop."""
    settings = Settings()
    configure_logging(settings.log_form)
    configure_tracing("registration")

    async def program() -> None:
        await serve_until_told(settings)

    run(program)
