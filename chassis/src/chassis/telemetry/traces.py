"""Traces (OpenTelemetry) that cross the outbox; spans carry no personal data.

Kinds, names and attributes are those of OpenTelemetry's semantic conventions. Of a request's address only the route is
named, for paths hold the secrets of links; of a record everything but its key, which is the id of a person at times.
"""

import asyncio
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache
from io import FileIO, TextIOWrapper
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import orjson
from opentelemetry import trace
from opentelemetry.trace import Link, Span, SpanContext, SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from chassis.telemetry.current import current_service, version_of
from chassis.telemetry.masking import class_of, mask_field

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

Attributes = Mapping[str, Any]
NOTHING: Final[Attributes] = MappingProxyType({})
SAMPLED: Final = frozenset("13579bdf")  # the last digit of a traceparent whose trace is recorded
PROPAGATOR: Final = TraceContextTextMapPropagator()
# by service; the first one's also stands for what belongs to none
_tracers: Final[dict[str, Tracer]] = {}


def configure(
    service: str, *, sampled: float, spans_file: Path | None = None, otlp_endpoint: str | None = None
) -> None:
    """Send the spans of a service of this process to a file or an OTLP collector; without either, none is recorded.

    `sampled` is the share of the traces begun here that are recorded, from 0 to 1; a trace begun elsewhere is recorded
    where its traceparent says so. `otlp_endpoint` is the collector's base address, to which `/v1/traces` is added.
    """
    if spans_file is None and otlp_endpoint is None:
        return
    # Imported here, so that a process without traces does not load the SDK.
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter
    from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio

    named = {"service.namespace": "kontor", "service.name": service, "service.version": version_of(service)}
    resource = Resource.create(named)
    provider = TracerProvider(sampler=ParentBasedTraceIdRatio(sampled), resource=resource)
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
    _tracers[service] = provider.get_tracer("chassis")
    if "" not in _tracers:
        _tracers[""] = _tracers[service]
        trace.set_tracer_provider(provider)


def span(
    name: str,
    kind: SpanKind = SpanKind.INTERNAL,
    *,
    traceparent: str | None = None,
    linked: str | None = None,
    attributes: Attributes = NOTHING,
    blamed: bool = True,
) -> AbstractContextManager[Span]:
    """Record what happens inside as one span: child of `traceparent` (W3C), or of the current span where it is None.

    Without a parent, as where `traceparent` is empty or malformed, the span begins a trace. Where the trace is not
    sampled, or nothing is recorded at all, the parent is only passed on to what happens inside. `linked` is the
    traceparent of an earlier trace that this one follows from. An exception marks the span with its class, where it is
    `blamed` for that. What is costly to find out is told by `describe`, where the span is recording.
    """
    parent = trace.get_current_span() if traceparent is None else _remote(traceparent)
    context = parent.get_span_context()
    unsampled = context.is_valid and not context.trace_flags.sampled
    tracer = _tracers.get(current_service.get())
    if unsampled or tracer is None:
        return nullcontext(parent) if traceparent is None else trace.use_span(parent)
    return _recorded(tracer, name, kind, parent, linked, attributes, blamed)


def inside(opened: Span) -> AbstractContextManager[Span]:
    """Let what happens be inside a span that somebody else ends."""
    return trace.use_span(opened, record_exception=False, set_status_on_exception=False)


def link(traceparent: str | None) -> None:
    """Link the current span to the trace in which what it does goes on, if that is another one."""
    current = trace.get_current_span()
    if traceparent and current.is_recording():
        other = _remote(traceparent).get_span_context()
        if other.is_valid and other.trace_id != current.get_span_context().trace_id:
            current.add_link(other)


def describe(opened: Span, attributes: Attributes) -> None:
    """Give a span attributes, masked."""
    if opened.is_recording():
        opened.set_attributes({key: _attribute(key, value) for key, value in attributes.items()})


def fail(opened: Span, error_type: str) -> None:
    """Mark a span as failed, with the class of an exception or a status."""
    if opened.is_recording():
        opened.set_attribute("error.type", error_type)
        opened.set_status(Status(StatusCode.ERROR, error_type))


def is_recorded(traceparent: str | None) -> bool:
    """Return whether a span with this parent may be recorded; else the parent is only passed on."""
    if _tracers.get(current_service.get()) is None:
        return False
    return not traceparent or traceparent[-1] in SAMPLED or passed_on(traceparent) is None


def passed_on(traceparent: str | None) -> str | None:
    """Return a traceparent (in the form of W3C) as a span that is not recorded hands it on; None where it is void."""
    if not traceparent or traceparent.startswith("ff"):
        return None
    return f"00{traceparent[2:]}" if traceparent[3:35].strip("0") and traceparent[36:52].strip("0") else None


def begin(name: str, kind: SpanKind, traceparent: str) -> Span | None:
    """Begin a child of a recorded trace, for the caller to end; None where that trace is not recorded."""
    tracer = _tracers.get(current_service.get())
    if tracer is None or traceparent[-1:] not in SAMPLED:
        return None
    return tracer.start_span(name, trace.set_span_in_context(_remote(traceparent)), kind)


def end(opened: Span, done: "asyncio.Future[Any]") -> None:
    """End a span whose work is done, failed or cancelled."""
    error = asyncio.CancelledError() if done.cancelled() else done.exception()
    if error is not None:
        fail(opened, class_of(error))
    opened.end()


def current_traceparent() -> str | None:
    """Return the current span as a W3C traceparent, or None outside any trace."""
    return traceparent_of(trace.get_current_span())


def traceparent_of(opened: Span) -> str | None:
    """Return a span as a W3C traceparent, or None where it belongs to no trace."""
    own = opened.get_span_context()
    return f"00-{own.trace_id:032x}-{own.span_id:016x}-{own.trace_flags:02x}" if own.is_valid else None


def current_ids() -> dict[str, str]:
    """Return the ids of the current trace and span in hexadecimal digits; nothing outside any trace."""
    return _ids(trace.get_current_span().get_span_context())


@contextmanager
def _recorded(
    tracer: Tracer,
    name: str,
    kind: SpanKind,
    parent: Span,
    linked: str | None,
    attributes: Attributes,
    blamed: bool,
) -> Generator[Span]:
    earlier = _remote(linked).get_span_context() if linked else trace.INVALID_SPAN_CONTEXT
    links = [Link(earlier)] if earlier.is_valid else None
    opened = tracer.start_span(name, trace.set_span_in_context(parent), kind, links=links)
    describe(opened, attributes)
    with trace.use_span(opened, end_on_exit=True, record_exception=False, set_status_on_exception=False):
        try:
            yield opened
        except Exception as error:
            if blamed:
                fail(opened, class_of(error))
            raise


# an event's is read again by what follows from it, and by each service of a process
@lru_cache(maxsize=1024)
def _remote(traceparent: str) -> Span:
    return trace.get_current_span(PROPAGATOR.extract({"traceparent": traceparent}))


def _attribute(key: str, value: Any) -> Any:
    shown = mask_field(key, value)
    return shown if isinstance(shown, str | bool | int | float) else str(shown)


def _span_line(span: "ReadableSpan") -> str:
    own, parent = span.get_span_context(), span.parent
    line = {
        "service.name": span.resource.attributes.get("service.name"),
        "name": span.name,
        "kind": span.kind.name,
        **_ids(own),
        "parent_span_id": _ids(parent).get("span_id"),
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
    return {"trace_id": f"{context.trace_id:032x}", "span_id": f"{context.span_id:016x}"}
