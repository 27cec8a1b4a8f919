"""The pages, one module per area; `AREAS` is what wiring serves."""

from techdock_portal.pages import docking_events, sign_in
from techdock_portal.routing import Pages

AREAS: tuple[Pages, ...] = (sign_in.pages, docking_events.pages)
