import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from chassis.telemetry.traces import current_traceparent, span

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
HEAD = """
import asyncio, gc, logging, sys, threading
from pathlib import Path
import structlog
from chassis.telemetry import logs, traces
from chassis.telemetry.traces import current_traceparent, span
log = structlog.get_logger("chassis.test")
logs.configure("letters")
if len(sys.argv) > 1:
    traces.configure("letters", sampled=float(sys.argv[2]), spans_file=Path(sys.argv[1]))
"""


def run(body: str, *args: str) -> list[dict[str, Any]]:
    """Return the log lines of a process of its own, for logs and traces belong to the whole process."""
    done = subprocess.run([sys.executable, "-c", HEAD + body, *args], capture_output=True, text=True)
    assert "alice" not in (done.stdout + done.stderr).lower()
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_line_tells_when_who_and_what():
    (line,) = run("log.info('started', port=8080)")
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "body": "started",
        "severity": "INFO",
        "otel.scope.name": "chassis.test",
        "port": 8080,
        "service.name": "letters",
    }


def test_what_is_below_the_level_is_not_written():
    assert run("log.debug('x'); logging.getLogger('y').debug('x'); logging.getLogger('aiokafka.x').info('x')") == []


def test_a_logger_first_used_while_stdout_is_replaced_writes_to_that_of_the_process():
    body = "import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()): log.info('within')"
    assert [line["body"] for line in run(body)] == ["within"]


def test_nested_values_and_the_text_are_masked():
    (line,) = run("log.info('for alice@example.com', a=[{'b': ('4111 1111 1111 1111',)}], password='alice')")
    assert line["body"] == "for ***"
    assert line["a"] == [{"b": ["***"]}]
    assert line["password"] == "***"


def test_a_foreign_exception_shows_its_class_and_place_but_no_message():
    body = """
def inner():
    raise ValueError("Alice")
try:
    inner()
except ValueError as error:
    try:
        raise KeyError("Alice") from error
    except KeyError:
        log.exception("failed")
"""
    (line,) = run(body)
    assert line["exception"]["type"] == "KeyError"
    assert "message" not in line["exception"]
    cause = line["exception"]["cause"]
    assert cause["type"] == "ValueError"
    assert cause["stacktrace"].endswith(" inner")


def test_our_own_exceptions_show_their_message_masked():
    (line,) = run("""
from chassis.identity.keys import KeysUnavailable
try:
    raise KeysUnavailable("no key for alice@example.com")
except KeysUnavailable:
    log.exception("failed")
""")
    assert line["exception"]["message"] == "no key for ***"


def test_a_database_error_shows_its_state_and_constraint_but_no_values():
    (line,) = run("""
import asyncpg
fields = {"C": "23505", "M": "duplicate", "D": "Key (email)=(alice) exists", "n": "customers_email", "t": "customers"}
error = asyncpg.PostgresError.new(fields)
try:
    raise error
except asyncpg.PostgresError:
    log.exception("failed")
""")
    shown = line["exception"]
    assert (shown["sqlstate"], shown["constraint_name"], shown["table_name"]) == (
        "23505",
        "customers_email",
        "customers",
    )
    assert "message" not in shown


def test_a_group_shows_every_one_of_its_exceptions():
    (line,) = run("""
try:
    raise ExceptionGroup("alice", [ValueError("alice"), KeyError("alice")])
except ExceptionGroup:
    log.exception("failed")
""")
    assert [one["type"] for one in line["exception"]["group"]] == ["ValueError", "KeyError"]


MAIN = "raise ValueError('Alice')"
THREAD = "t = threading.Thread(target=lambda: int('Alice')); t.start(); t.join()"
TASK = """
async def fail():
    raise ValueError('Alice')
async def main():
    task = asyncio.create_task(fail())
    await asyncio.sleep(0.01)
    del task
    gc.collect()
asyncio.run(main())
"""
CALLBACK = """
def fail(who):
    raise ValueError(len(who))
async def main():
    asyncio.get_running_loop().call_soon(fail, 'Alice')
    await asyncio.sleep(0.01)
asyncio.run(main())
"""


@pytest.mark.parametrize("body", [MAIN, THREAD, TASK, CALLBACK], ids=["main", "thread", "task", "callback"])
def test_what_nobody_caught_is_a_line_without_values(body: str):
    (line,) = run(body)
    assert line["exception"]["type"] == "ValueError"
    assert line["severity"] in ("ERROR", "FATAL")


def test_libraries_log_without_the_values_they_quote():
    lines = run("""
try:
    raise ValueError("Alice is no address")
except ValueError as error:
    logging.getLogger("faststream").error(f"ValueError: {error}", exc_info=True)
    logging.getLogger("aiokafka.consumer").warning("giving up: %s", error)
    logging.getLogger("aiohttp.server").error("Error handling request from %s", "Alice")
    logging.getLogger("aiokafka").error("broken %d line", "Alice")
    logging.getLogger("aiokafka").error("node %(node)s", {"node": 3})
""")
    assert [line["body"] for line in lines] == [
        "ValueError: ***",
        "giving up: ValueError",
        "Error handling request from %s",
        "broken %d line",
        "node 3",
    ]


def test_lines_inside_a_span_name_it_and_spans_reach_the_file(tmp_path: Path):
    file = tmp_path / "spans" / "spans.jsonl"
    body = f"""
about = {{"topic": "OrderPaid", "to": "alice@example.com", "count": 3}}
with span("outer", traceparent="{PARENT}", attributes=about):
    log.info("inside", traceparent=current_traceparent())
    with span("inner"):
        pass
with span("later", linked="{PARENT}"):
    pass
try:
    with span("failing"):
        raise ValueError("alice")
except ValueError:
    pass
"""
    (line,) = run(body, str(file), "1")
    text = file.read_text()
    spans = {one["name"]: one for one in map(json.loads, text.splitlines())}
    outer, inner, later, failing = (spans[name] for name in ("outer", "inner", "later", "failing"))
    assert "alice" not in text
    assert outer["trace_id"] == inner["trace_id"] == line["trace_id"] == PARENT[3:35]
    assert (outer["parent_span_id"], inner["parent_span_id"]) == (PARENT[36:52], outer["span_id"])
    assert outer["attributes"] == {"topic": "OrderPaid", "to": "***", "count": 3}
    assert line["span_id"] == outer["span_id"]
    assert line["traceparent"].startswith(f"00-{outer['trace_id']}-{outer['span_id']}-")
    assert later["trace_id"] != outer["trace_id"]
    assert later["links"] == [{"trace_id": PARENT[3:35], "span_id": PARENT[36:52]}]
    assert (failing["status"], failing["error"]) == ("ERROR", "ValueError")
    assert failing["attributes"] == {"error.type": "ValueError"}
    assert outer["kind"] == "INTERNAL"


def test_a_span_keeps_nothing_of_an_exception_but_its_class(tmp_path: Path):
    (line,) = run(
        """
from opentelemetry import trace
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
kept = InMemorySpanExporter()
trace.get_tracer_provider().add_span_processor(SimpleSpanProcessor(kept))
try:
    with span("failing"):
        raise ValueError("alice")
except ValueError:
    pass
(one,) = kept.get_finished_spans()
log.info("kept", events=len(one.events), status=one.status.description)
""",
        str(tmp_path / "spans.jsonl"),
        "1",
    )
    assert (line["events"], line["status"]) == (0, "ValueError")


def test_lines_and_spans_name_the_service_they_were_made_in(tmp_path: Path):
    file = tmp_path / "spans.jsonl"
    body = """
from chassis.telemetry.current import current_service
traces.configure("orders", sampled=1, spans_file=Path(sys.argv[1]))
async def work(service):
    current_service.set(service)
    await asyncio.sleep(0)
    with span(f"of {service}"):
        log.info("inside")
        await asyncio.to_thread(log.info, "in a thread")
async def main():
    await asyncio.gather(work("orders"), work("letters"), work("untraced"))
    log.info("outside")
asyncio.run(main())
"""
    lines = run(body, str(file), "1")
    assert sorted(line["service.name"] for line in lines[:-1]) == sorted(["orders", "letters", "untraced"] * 2)
    assert lines[-1]["service.name"] == "letters"
    spans = [(one["service.name"], one["name"]) for one in map(json.loads, file.read_text().splitlines())]
    assert sorted(spans) == [("letters", "of letters"), ("orders", "of orders")]


def test_without_a_tracer_the_trace_goes_on_all_the_same():
    assert current_traceparent() is None
    with span("x"):
        assert current_traceparent() is None
    with span("x", traceparent=PARENT):
        assert current_traceparent() == PARENT
    assert current_traceparent() is None


@pytest.mark.parametrize(
    "bad", ["", "x", "00-0-0-0", PARENT.replace("0af", "zzz"), "00-" + "0" * 32 + PARENT[35:], "ü\0"]
)
def test_a_malformed_traceparent_is_no_parent(bad: str):
    with span("outer", traceparent=PARENT), span("x", traceparent=bad, linked=bad):
        assert current_traceparent() is None


def test_starting_without_a_collector_loads_no_exporter():
    (line,) = run("log.info('x', heavy=[m for m in sys.modules if 'otlp' in m or m.startswith('opentelemetry.sdk')])")
    assert line["heavy"] == []
