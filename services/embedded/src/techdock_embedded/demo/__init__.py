"""The demo docking event: invented organizations, a day in progress."""

from techdock_embedded.demo.prepare import prepare

__all__ = ["prepare"]
