"""Keeps secrets of addresses out of traces: calendar tokens, one-time links."""

from opentelemetry.context import Context
from opentelemetry.sdk.trace import Span, SpanProcessor
from typing_extensions import override

LONGEST_PART = 36  # a UUID; whatever is longer may be a token


class Discreet(SpanProcessor):
    """Blots out the query of an address and every part of its path that may be a token."""

    @override
    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        attributes = span.attributes or {}
        if "url.query" in attributes:
            span.set_attribute("url.query", "")
        path = attributes.get("url.path")
        if isinstance(path, str):
            parts = path.split("/")
            shown = ("..." if len(part) > LONGEST_PART else part for part in parts)
            span.set_attribute("url.path", "/".join(shown))
