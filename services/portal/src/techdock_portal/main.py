"""The portal as a program of its own: `python -m techdock_portal`."""

from techdock_shared.http.serving import listen, run, serve
from techdock_shared.http.sse import Streams
from techdock_shared.telemetry import configure_logging, configure_tracing

from techdock_portal.settings import Settings
from techdock_portal.wiring import build


async def serve_with(settings: Settings) -> None:
    """Serve the pages until told to stop."""
    bound = listen(settings.host, settings.port)
    app = build(
        settings.registration_url,
        settings.matching_url,
        settings.reporting_url,
        public_url=settings.public_url,
    )
    await serve(app, bound, streams=Streams(), gateways=settings.gateways)


def main() -> None:
    """Run the portal by its settings."""
    settings = Settings()
    configure_logging(settings.log_form)
    configure_tracing("portal")
    run(lambda: serve_with(settings))
