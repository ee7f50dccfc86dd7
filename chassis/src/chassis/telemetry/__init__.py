"""Logs, traces and metrics without personal data, and the detection of card numbers."""

from opentelemetry.trace import Span, SpanKind
from opentelemetry.trace import get_current_span as current_span

from chassis.telemetry.cards import holds_card, without_cards
from chassis.telemetry.masking import mask_text
from chassis.telemetry.traces import current_traceparent, inside, span

__all__ = [
    "Span",
    "SpanKind",
    "current_span",
    "current_traceparent",
    "holds_card",
    "inside",
    "mask_text",
    "span",
    "without_cards",
]
