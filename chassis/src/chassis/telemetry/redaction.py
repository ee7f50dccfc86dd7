"""The former name of `cards` and `masking`."""

from chassis.telemetry.cards import MASK, cards_in_json, holds_card, without_cards
from chassis.telemetry.masking import mask as redact
from chassis.telemetry.masking import mask_field as redact_field
from chassis.telemetry.masking import mask_text as redact_text

__all__ = ["MASK", "cards_in_json", "holds_card", "redact", "redact_field", "redact_text", "without_cards"]
