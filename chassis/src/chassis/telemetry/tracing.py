"""The former name of `logs` and `traces`."""

import logging
from pathlib import Path

from chassis.telemetry import logs, traces
from chassis.telemetry.traces import current_traceparent, span

__all__ = ["configure", "current_traceparent", "span"]


def configure(
    service: str, *, level: int | str = logging.INFO, spans_file: Path | None = None, otlp_endpoint: str | None = None
) -> None:
    """Configure logs and traces."""
    logs.configure(service, level)
    traces.configure(service, sampled=1.0, spans_file=spans_file, otlp_endpoint=otlp_endpoint)
