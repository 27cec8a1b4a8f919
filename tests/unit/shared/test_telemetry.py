"""Logs are one line of JSON; traces go on across the log and cost nothing when off."""

import json
import subprocess
import sys
from uuid import UUID

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from support.caches import environment
from techdock_shared import telemetry
from techdock_shared.discreet import Discreet

LOGS = """
import logging
import structlog
from techdock_shared import telemetry
from techdock_shared.discreet import Discreet
telemetry.configure_logging("json")
structlog.get_logger("techdock.http").info("request", status=200, ids={1})
logging.getLogger("techdock_shared.x").info("run finished", extra={"run": 7})
logging.getLogger("somebody.else").info("chatter")
try:
    1 / 0
except ZeroDivisionError as error:
    structlog.get_logger().error("failed", exc_info=error)
    logging.getLogger("techdock_matching.y").exception("failed too")
"""

REPEATED = """
import logging
from techdock_shared import telemetry
telemetry.configure_logging("json")
for node in range(1000):
    logging.getLogger("some.client").error("no way to node %s", node)
    logging.getLogger("techdock_shared.x").warning("look at %s", node)
logging.getLogger("some.client").error("something else")
"""

TRACES = """
from techdock_shared import telemetry
from techdock_shared.discreet import Discreet
assert telemetry.configure_tracing("test")
assert telemetry.configure_tracing("test"), "twice is fine"
with telemetry.span("command"):
    parent = telemetry.current_traceparent()
with telemetry.span("handler", parent, event="x"):
    child = telemetry.current_traceparent()
with telemetry.span("broken parent", "rubbish"):
    other = telemetry.current_traceparent()
print(parent, child, other)
"""


def run(program: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env=environment() | more,
        timeout=60,
    )


def test_every_line_is_one_json_object() -> None:
    done = run(LOGS)
    lines = [json.loads(line) for line in done.stderr.splitlines()]

    assert done.stdout == ""
    assert [line["event"] for line in lines] == ["request", "run finished", "failed", "failed too"]
    assert all(line["timestamp"].endswith("Z") and line["level"] for line in lines)
    assert lines[1]["run"] == 7
    assert "ZeroDivisionError" in lines[2]["exception"]
    assert "ZeroDivisionError" in lines[3]["exception"]


def test_a_library_does_not_repeat_itself_and_we_may() -> None:
    events = [json.loads(line)["event"] for line in run(REPEATED).stderr.splitlines()]

    assert [e for e in events if "look" not in e] == ["no way to node 0", "something else"]
    assert len(events) == 1002


def test_the_console_gets_words() -> None:
    done = run(LOGS.replace('"json"', '"console"'))
    assert "request" in done.stderr
    assert "run finished" in done.stderr
    assert "chatter" not in done.stderr


def test_a_trace_goes_on_under_the_parent_that_an_event_carried() -> None:
    # Nothing listens there: exporting must not disturb.
    done = run(
        TRACES,
        OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1",
        OTEL_EXPORTER_OTLP_TIMEOUT="1",
        OTEL_BSP_EXPORT_TIMEOUT="100",
    )
    parent, child, other = (trace.split("-") for trace in done.stdout.split())
    assert parent[1] == child[1] != other[1]
    assert len({parent[2], child[2], other[2]}) == 3


def test_without_an_endpoint_there_are_no_traces_and_no_cost() -> None:
    assert not telemetry.configure_tracing("test", {})
    with telemetry.span("command", event="x"):
        assert telemetry.current_traceparent() is None
    assert (
        "opentelemetry.sdk"
        not in run("import sys, techdock_shared.telemetry\nprint(*sys.modules)").stdout
    )


def test_the_correlation_is_the_tasks_own() -> None:
    seven = UUID(int=7)
    telemetry.set_correlation(seven)
    assert telemetry.current_correlation() == seven
    telemetry.set_correlation(None)
    assert telemetry.current_correlation() is None


def test_a_token_in_an_address_stays_out_of_traces() -> None:
    memory = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(Discreet())
    provider.add_span_processor(SimpleSpanProcessor(memory))
    path = f"/v1/calendars/{'t' * 43}.ics"
    attributes = {"url.path": path, "url.query": "ticket=secret"}
    with provider.get_tracer("test").start_as_current_span("GET", attributes=attributes):
        pass
    with provider.get_tracer("test").start_as_current_span("work"):
        pass

    seen = [dict(span.attributes or {}) for span in memory.get_finished_spans()]
    assert seen == [{"url.path": "/v1/calendars/...", "url.query": ""}, {}]
    provider.shutdown()
