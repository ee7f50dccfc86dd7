"""Logs, traces and metrics without personal data, and the detection of card numbers."""

from opentelemetry.trace import SpanKind

from chassis.telemetry.cards import holds_card, without_cards
from chassis.telemetry.masking import mask_text
from chassis.telemetry.traces import current_traceparent, span

__all__ = ["SpanKind", "current_traceparent", "holds_card", "mask_text", "span", "without_cards"]
