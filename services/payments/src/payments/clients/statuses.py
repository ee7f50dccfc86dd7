"""The provider's words for how far refunds and disputes are."""

from payments.domain.provider import DisputeStatus, RefundStatus

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


def of_refund(word: str | None) -> RefundStatus:
    """Return how far a refund is; what is not known to be through is under way."""
    return REFUNDS.get(word or "", RefundStatus.PENDING)


def of_dispute(word: str | None) -> DisputeStatus:
    """Return how far a dispute is; what is not known to have ended is open."""
    return DISPUTES.get(word or "", DisputeStatus.OPEN)
