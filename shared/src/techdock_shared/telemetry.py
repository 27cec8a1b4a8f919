"""Logs, metrics and traces: one line per thing that happened, numbers with their unit.

Traces cost nothing unless OTEL_EXPORTER_OTLP_ENDPOINT is set: `span` and
`current_traceparent` then return at once.
"""

import logging
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, Token
from typing import Any, Literal
from uuid import UUID

import orjson
import structlog
from prometheus_client import Counter, Gauge, Histogram
from typing_extensions import override

REQUEST_SECONDS = Histogram(
    "techdock_http_request_seconds",
    "Time from a request's first byte to its answer's last, in seconds.",
    ("service", "method", "route", "status"),
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
CONSUMER_LAG = Gauge(
    "techdock_consumer_lag_records",
    "Records of a topic that a consumer group has not handled yet.",
    ("group", "topic"),
)
CONSUMED = Counter(
    "techdock_consumer_records_total",
    "Records by what became of them: handled, repeated, skipped, parked, dead.",
    ("group", "topic", "outcome"),
)
HANDLER_SECONDS = Histogram(
    "techdock_consumer_batch_seconds",
    "Time to take effect of one batch, in seconds.",
    ("group", "topic"),
)
PARKED = Gauge(
    "techdock_consumer_parked_records",
    "Records that wait for an earlier one of the same aggregate.",
    ("group",),
)
OUTBOX_DEPTH = Gauge(
    "techdock_outbox_depth_rows", "Rows of the outbox that are not sent yet.", ("service",)
)
OUTBOX_AGE = Gauge(
    "techdock_outbox_age_seconds", "Age of the oldest row not sent, in seconds.", ("service",)
)
DEAD_LETTERS = Gauge(
    "techdock_dead_letters", "Dead letters that nobody has replayed yet.", ("service",)
)
CACHE_CALLS = Counter(
    "techdock_cache_calls_total",
    "Calls to the cache: hit, miss, done, failed (away or slow), skipped (breaker open).",
    ("outcome",),
)
CACHE_AVAILABLE = Gauge("techdock_cache_available", "1 while the cache answers, else 0.")

OURS = tuple(
    f"techdock_{part}"
    for part in ("shared", "registration", "matching", "reporting", "portal", "embedded")
)

REPEAT_S = 10.0

_correlation: ContextVar[UUID | None] = ContextVar("techdock_correlation", default=None)
_tracing = False


def current_correlation() -> UUID | None:
    """Return the id that ties together all that follows from one request."""
    return _correlation.get()


def set_correlation(id: UUID | None) -> Token[UUID | None]:
    """Name what the present task works on; outbox rows written by it carry the id.

    Returns:
        For `reset_correlation`, when one piece of work runs inside another.
    """
    return _correlation.set(id)


def reset_correlation(token: Token[UUID | None]) -> None:
    """Name again what was worked on before."""
    _correlation.reset(token)


def tracing() -> bool:
    """Say whether traces are exported."""
    return _tracing


def current_traceparent() -> str | None:
    """Return the W3C traceparent of the present span; None without tracing."""
    if not _tracing:
        return None
    from opentelemetry.propagate import inject  # noqa: PLC0415 - costs import time only if used

    carrier: dict[str, str] = {}
    inject(carrier)
    return carrier.get("traceparent")


@contextmanager
def span(name: str, parent: str | None = None, **attributes: str | int) -> Iterator[None]:
    """Time a piece of work as a span, under a traceparent if one is given.

    Args:
        name: What is done, like `handle registration.profile_published.v1`.
        parent: The traceparent that an event carried, so that the trace goes on across
            the log; None continues the present span.
        attributes: Ids and codes; nothing that names a person.
    """
    if not _tracing:
        yield
        return
    from opentelemetry import trace  # noqa: PLC0415 - as above
    from opentelemetry.propagate import extract  # noqa: PLC0415 - as above

    context = extract({"traceparent": parent}) if parent else None
    tracer = trace.get_tracer("techdock")
    with tracer.start_as_current_span(name, context=context, attributes=attributes):
        yield


def configure_tracing(service: str, environment: Mapping[str, str] | None = None) -> bool:
    """Export traces when OTEL_EXPORTER_OTLP_ENDPOINT is set; call once, in `main`.

    Returns:
        Whether traces are exported.
    """
    global _tracing  # noqa: PLW0603 - one exporter per process, as the library has it
    environment = os.environ if environment is None else environment
    endpoint = environment.get("OTEL_EXPORTER_OTLP_ENDPOINT")
    if not endpoint or _tracing:
        return _tracing
    from opentelemetry import trace  # noqa: PLC0415 - 100 ms of imports, only when used
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    from techdock_shared.discreet import Discreet  # noqa: PLC0415 - imports the library too

    provider = TracerProvider(resource=Resource.create({"service.name": f"techdock-{service}"}))
    provider.add_span_processor(Discreet())
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    _tracing = True
    return True


def _fast_json(event: Any, **_: Any) -> bytes:
    return orjson.dumps(event, default=str)


class _Sparing(logging.Filter):
    """Lets a library say the same thing once in ten seconds.

    A Kafka client whose cluster is away says so more than a thousand times a second, and would
    fill the disk.
    """

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, int], float] = {}

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith(OURS):
            return True
        what, now = (record.name, record.lineno), time.monotonic()
        if now - self._said.get(what, -REPEAT_S) < REPEAT_S:
            return False
        self._said[what] = now
        return True


def configure_logging(form: Literal["json", "console"] = "json", level: int = logging.INFO) -> None:
    """Write structured lines to standard error; call once, in `main`.

    Args:
        form: `json`, one object per line for machines; `console` for a person.
        level: Of our lines; libraries are logged from WARNING on, and do not repeat themselves.
    """
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # A plain traceback: the library's own shows local variables, and those hold secrets.
    console = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
    )
    lines: list[structlog.types.Processor] = (
        [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_fast_json),
        ]
        if form == "json"
        else [console]
    )
    structlog.configure(
        processors=[*shared, *lines],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=(
            structlog.BytesLoggerFactory(sys.stderr.buffer)
            if form == "json"
            else structlog.PrintLoggerFactory(sys.stderr)
        ),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_Sparing())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *(
                    [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
                    if form == "json"
                    else [console]
                ),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for package in OURS:
        logging.getLogger(package).setLevel(level)
