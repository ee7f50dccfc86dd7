"""Traces (OpenTelemetry) that cross the outbox; spans carry no personal data."""

from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from io import FileIO, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson
from opentelemetry import trace
from opentelemetry.trace import Link, Span, SpanContext, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from chassis.telemetry.current import current_service
from chassis.telemetry.masking import class_of, mask_field

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

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

    resource = Resource.create({"service.name": service})
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
    name: str, *, traceparent: str | None = None, linked: str | None = None, **attributes: Any
) -> AbstractContextManager[Span]:
    """Record what happens inside as one span: child of `traceparent` (W3C), or of the current span where it is None.

    Without a parent, as where `traceparent` is empty or malformed, the span begins a trace. Where the trace is not
    sampled, or nothing is recorded at all, the parent is only passed on to what happens inside. `linked` is the
    traceparent of an earlier trace that this one follows from. An exception marks the span with its class.
    """
    parent = trace.get_current_span() if traceparent is None else _remote(traceparent)
    context = parent.get_span_context()
    unsampled = context.is_valid and not context.trace_flags.sampled
    tracer = _tracers.get(current_service.get())
    if unsampled or tracer is None:
        return nullcontext(parent) if traceparent is None else trace.use_span(parent)
    return _recorded(tracer, name, parent, linked, attributes)


def current_traceparent() -> str | None:
    """Return the current span as a W3C traceparent, or None outside any trace."""
    carrier: dict[str, str] = {}
    PROPAGATOR.inject(carrier)
    return carrier.get("traceparent")


def current_ids() -> dict[str, str]:
    """Return the ids of the current trace and span in hexadecimal digits; nothing outside any trace."""
    return _ids(trace.get_current_span().get_span_context())


@contextmanager
def _recorded(
    tracer: Tracer, name: str, parent: Span, linked: str | None, attributes: Mapping[str, Any]
) -> Generator[Span]:
    earlier = _remote(linked).get_span_context() if linked else trace.INVALID_SPAN_CONTEXT
    links = [Link(earlier)] if earlier.is_valid else None
    opened = tracer.start_span(name, trace.set_span_in_context(parent), links=links)
    if opened.is_recording():
        opened.set_attributes({key: _attribute(key, value) for key, value in attributes.items()})
    with trace.use_span(opened, end_on_exit=True, record_exception=False, set_status_on_exception=False):
        try:
            yield opened
        except Exception as error:
            opened.set_status(Status(StatusCode.ERROR, class_of(error)))
            raise


def _remote(traceparent: str) -> Span:
    return trace.get_current_span(PROPAGATOR.extract({"traceparent": traceparent}))


def _attribute(key: str, value: Any) -> Any:
    shown = mask_field(key, value)
    return shown if isinstance(shown, str | bool | int | float) else str(shown)


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
