"""The provider's words for how far checkouts, refunds and disputes are."""

from payments.domain.provider import DisputeStatus, NoticeKind, RefundStatus

INTENTS = (
    None,
    "requires_payment_method",
    "requires_confirmation",
    "requires_action",
    "processing",
    "requires_capture",
    "canceled",
    "succeeded",
)
NO, AUTHORIZED, CAPTURED = None, NoticeKind.AUTHORIZED, NoticeKind.CAPTURED
FAILED, EXPIRED = NoticeKind.FAILED, NoticeKind.EXPIRED
OPEN = (NO, NO, NO, NO, AUTHORIZED, AUTHORIZED, NO, CAPTURED)
ENDED = (EXPIRED, EXPIRED, EXPIRED, EXPIRED, AUTHORIZED, AUTHORIZED, EXPIRED, CAPTURED)
# What a checkout has come to, by the status of its session, of its payment, and then of its intent, in the order of
# INTENTS. Money that is here or promised counts, whatever else is said. A complete one whose money is neither has
# failed: the intent of a debit that came back waits for another method, which nobody can name there any more.
CHECKOUTS = {
    ("open", "unpaid"): OPEN,
    ("open", "no_payment_required"): OPEN,
    ("open", "paid"): (CAPTURED,) * 8,
    ("complete", "unpaid"): (FAILED, FAILED, AUTHORIZED, AUTHORIZED, AUTHORIZED, AUTHORIZED, FAILED, CAPTURED),
    ("complete", "no_payment_required"): (FAILED, FAILED, FAILED, FAILED, AUTHORIZED, AUTHORIZED, FAILED, CAPTURED),
    ("complete", "paid"): (CAPTURED,) * 8,
    ("expired", "unpaid"): ENDED,
    ("expired", "no_payment_required"): ENDED,
    ("expired", "paid"): (CAPTURED,) * 8,
}
REFUNDS = {"succeeded": RefundStatus.SUCCEEDED, "failed": RefundStatus.FAILED, "canceled": RefundStatus.FAILED}
# An inquiry of the bank's moves no money. One that is prevented has been paid back. Of a charge that was refunded
# (a word of versions before 2024) nothing more is taken: the refund is known by itself.
DISPUTES = {
    "warning_needs_response": DisputeStatus.INQUIRED,
    "warning_under_review": DisputeStatus.INQUIRED,
    "warning_closed": DisputeStatus.WON,
    "won": DisputeStatus.WON,
    "charge_refunded": DisputeStatus.WON,
    "lost": DisputeStatus.LOST,
    "prevented": DisputeStatus.LOST,
}


def of_checkout(session: str | None, payment: str | None, intent: str | None) -> NoticeKind | None:
    """Return what a checkout has come to, None where it is still open; what is not known has not ended."""
    row = CHECKOUTS.get((session or "", payment or "")) or CHECKOUTS.get((session or "", "unpaid"), OPEN)
    return row[INTENTS.index(intent if intent in INTENTS else "requires_action")]


def of_refund(word: str | None) -> RefundStatus:
    """Return how far a refund is; what is not known to be through is under way."""
    return REFUNDS.get(word or "", RefundStatus.PENDING)


def of_dispute(word: str | None) -> DisputeStatus:
    """Return how far a dispute is; what is not known to have ended is open."""
    return DISPUTES.get(word or "", DisputeStatus.OPEN)
