"""Log lines as JSON, and traces that cross the outbox; neither carries personal data."""

import logging
import re
import sys
import threading
import traceback
from collections.abc import Generator, Mapping, MutableMapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from io import FileIO, TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, cast

import orjson
import structlog
from opentelemetry import trace
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    ProxyTracerProvider,
    Span,
    SpanContext,
    Status,
    StatusCode,
    TraceFlags,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from chassis.telemetry.redaction import MASK, redact, redact_field, redact_text

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

FOREIGN: Final = ("aiohttp", "aiokafka", "faststream", "asyncio", "urllib3", "opentelemetry")
# Their texts name hosts, types and attributes; those of asyncpg or pydantic quote what somebody wrote.
PLAIN_ERRORS: Final = frozenset(
    {AttributeError, ConnectionRefusedError, ConnectionResetError, FileNotFoundError, ImportError, ModuleNotFoundError}
    | {NameError, NotImplementedError, PermissionError, TimeoutError}
)
TRACEPARENT: Final = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
DETAILS: Final = ("errno", "sqlstate", "schema_name", "table_name", "column_name", "constraint_name")
MOST_FRAMES = 40
DEEPEST_CAUSE = 5
EventDict = MutableMapping[str, Any]


def configure(
    service: str, *, level: int | str = logging.INFO, spans_file: Path | None = None, otlp_endpoint: str | None = None
) -> None:
    """Write this process's log to stdout as JSON lines, and its spans to a file, an OTLP collector, or nowhere.

    `otlp_endpoint` is the collector's base address, to which `/v1/traces` is added.
    """
    threshold = logging.getLevelNamesMapping()[level.upper()] if isinstance(level, str) else level
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _Harmless(service),
            structlog.processors.JSONRenderer(serializer=orjson.dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.BytesLoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_Forwarding()], level=threshold, force=True)
    for name in FOREIGN:
        logging.getLogger(name).setLevel(max(threshold, logging.WARNING))
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)
    if spans_file is not None or otlp_endpoint is not None:
        _trace(service, spans_file, otlp_endpoint)


def span(
    name: str, *, traceparent: str | None = None, linked: str | None = None, **attributes: Any
) -> AbstractContextManager[Span]:
    """Record what happens inside as one span: child of `traceparent` (W3C), else of the current span, else a root.

    `linked` is the traceparent of an earlier story that this one follows from. An exception marks the span with its
    class only.
    """
    if isinstance(trace.get_tracer_provider(), ProxyTracerProvider):
        passed = _pass_on(traceparent) if traceparent else None
        # where nothing is recorded, what is said inside still belongs to the trace of its cause
        return trace.use_span(passed) if passed is not None else nullcontext(trace.get_current_span())
    return _recorded(name, traceparent, linked, attributes)


@contextmanager
def _recorded(name: str, traceparent: str | None, linked: str | None, attributes: dict[str, Any]) -> Generator[Span]:
    parent = _context(traceparent)
    earlier = trace.get_current_span(_context(linked)).get_span_context() if linked else None
    with trace.get_tracer("chassis").start_as_current_span(
        name,
        context=parent,
        links=[Link(earlier)] if earlier is not None and earlier.is_valid else None,
        record_exception=False,
        set_status_on_exception=False,
    ) as opened:
        if opened.is_recording():
            opened.set_attributes({key: _attribute(key, value) for key, value in attributes.items()})
        try:
            yield opened
        except Exception as error:
            opened.set_status(Status(StatusCode.ERROR, _class_of(error)))
            raise


def _pass_on(traceparent: str) -> Span | None:
    parsed = TRACEPARENT.fullmatch(traceparent)
    if parsed is None:
        return None
    flags = TraceFlags(int(parsed[3], 16))
    context = SpanContext(int(parsed[1], 16), int(parsed[2], 16), is_remote=True, trace_flags=flags)
    return NonRecordingSpan(context) if context.is_valid else None


def current_traceparent() -> str | None:
    """Return the current span as a W3C traceparent, or None outside any trace."""
    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get("traceparent")


def _context(traceparent: str | None) -> Any:
    return TraceContextTextMapPropagator().extract({"traceparent": traceparent}) if traceparent else None


def _attribute(key: str, value: Any) -> Any:
    shown = redact_field(key, value)
    return shown if isinstance(shown, str | bool | int | float) else str(shown)


def _trace(service: str, spans_file: Path | None, otlp_endpoint: str | None) -> None:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter

    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    if spans_file is not None:
        spans_file.parent.mkdir(parents=True, exist_ok=True)
        # Unbuffered, so that the lines of several processes stay whole.
        out = TextIOWrapper(FileIO(spans_file, "a"), encoding="utf-8", write_through=True)
        file = ConsoleSpanExporter(out=out, formatter=_span_line)
        provider.add_span_processor(BatchSpanProcessor(file, schedule_delay_millis=250))
    if otlp_endpoint is not None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        collector = OTLPSpanExporter(endpoint=f"{otlp_endpoint.rstrip('/')}/v1/traces", timeout=3)
        provider.add_span_processor(BatchSpanProcessor(collector))
    trace.set_tracer_provider(provider)


def _span_line(span: "ReadableSpan") -> str:
    own, parent = span.get_span_context(), span.parent
    line = {
        "service": span.resource.attributes.get("service.name"),
        "name": span.name,
        **_ids(own),
        "parent": _ids(parent).get("span"),
        "links": [_ids(link.context) for link in span.links],
        "start_ns": span.start_time,
        "end_ns": span.end_time,
        "status": span.status.status_code.name,
        "error": span.status.description,
        "attributes": dict(span.attributes or {}),
    }
    return orjson.dumps(line, default=str).decode() + "\n"


def _ids(context: SpanContext | None) -> dict[str, str]:
    if context is None or not context.is_valid:
        return {}
    return {"trace": f"{context.trace_id:032x}", "span": f"{context.span_id:016x}"}


class _Harmless:
    """A processor that masks what must not be in a log, and describes exceptions without their values."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._own = frozenset({"chassis", "contracts", service.replace("-", "_")})

    def __call__(self, logger: Any, method: str, event: EventDict) -> EventDict:
        error = _error_of(event.pop("exc_info", None))
        event.pop("stack_info", None)
        shown: dict[str, Any] = {redact_text(name): redact_field(name, value) for name, value in event.items()}
        shown |= {"service": self._service, **_ids(trace.get_current_span().get_span_context())}
        if error is not None:
            shown["exception"] = self._described(error)
        return shown

    def _described(self, error: BaseException, depth: int = 0) -> dict[str, Any]:
        frames = [f"{frame.f_code.co_filename}:{line} {frame.f_code.co_name}" for frame, line in _walk(error)]
        shown: dict[str, Any] = {"type": _class_of(error), "frames": frames}
        if type(error) in PLAIN_ERRORS or type(error).__module__.partition(".")[0] in self._own:
            shown["message"] = redact_text(str(error))
        for name in DETAILS:
            if isinstance(detail := getattr(error, name, None), str | int):
                shown[name] = redact(detail)
        cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if cause is not None and depth < DEEPEST_CAUSE:
            shown["cause"] = self._described(cause, depth + 1)
        if isinstance(error, BaseExceptionGroup) and depth < DEEPEST_CAUSE:
            group = cast("BaseExceptionGroup[BaseException]", error)
            shown["group"] = [self._described(one, depth + 1) for one in group.exceptions]
        return shown


class _Forwarding(logging.Handler):
    """Passes on what libraries log, without the values they put into their messages."""

    def emit(self, record: logging.LogRecord) -> None:
        level = min(max(record.levelno // 10 * 10, logging.DEBUG), logging.CRITICAL)
        structlog.get_logger(record.name).log(level, _message_of(record), exc_info=record.exc_info)


def _message_of(record: logging.LogRecord) -> str:
    # asyncio quotes whole tasks with their exceptions, aiohttp the address of the client.
    if record.name.startswith("aiohttp"):
        return str(record.msg)
    if isinstance(record.args, Mapping):
        args: Any = {name: _argument(value) for name, value in record.args.items()}
    else:
        args = tuple(_argument(value) for value in record.args or ())
    try:
        message = str(record.msg) % args if args else str(record.msg)
    except (TypeError, ValueError, KeyError):
        message = str(record.msg)
    if record.name == "asyncio":
        message = message.partition("\n")[0].partition("(")[0]
    error = _error_of(record.exc_info)
    return message.replace(str(error), MASK) if error is not None and str(error) else message


def _argument(value: object) -> Any:
    return _class_of(value) if isinstance(value, BaseException) else value


def _error_of(exc_info: Any) -> BaseException | None:
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        return cast("tuple[Any, BaseException | None, Any]", exc_info)[1]
    return sys.exception() if exc_info else None


def _walk(error: BaseException) -> list[tuple[Any, int]]:
    return list(traceback.walk_tb(error.__traceback__))[-MOST_FRAMES:]


def _class_of(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _uncaught(kind: type[BaseException], error: BaseException | None, where: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        structlog.get_logger("uncaught").critical("an exception was not caught", exc_info=error or kind())
