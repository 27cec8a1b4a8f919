"""The portal as a program of its own: `python -m techdock_portal`."""

import uvicorn

from techdock_portal.settings import Settings
from techdock_portal.wiring import build


def main() -> None:
    """Serve the pages until told to stop."""
    settings = Settings()
    app = build(
        settings.registration_url,
        settings.matching_url,
        settings.reporting_url,
        public_url=settings.public_url,
    )
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
    )
