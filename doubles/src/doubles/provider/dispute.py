"""Disputes: the customer's bank takes the money back."""

from typing import Any

from . import form
from .event import emit
from .provider import Provider
from .refusal import Refusal
from .shapes import Json, new_id, now

KIND = "dispute"
A_WEEK = 7 * 86400
OPEN = ("needs_response", "under_review")


def open_(provider: Provider, charge: Json, reason: str = "fraudulent", amount: int | None = None) -> Json:
    """Opens a dispute over a charge; its money leaves the account at once."""
    if charge["status"] != "succeeded":
        raise Refusal(f"Charge {charge['id']} moved no money.")
    if charge["disputed"]:
        raise Refusal(f"Charge {charge['id']} is already disputed.", status=409)
    dispute: Json = {
        "id": new_id("du"),
        "object": KIND,
        "amount": amount or charge["amount"] - charge["amount_refunded"],
        "balance_transaction": new_id("txn"),
        "balance_transactions": [],
        "charge": charge["id"],
        "created": now(),
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {},
        "evidence_details": {
            "due_by": now() + A_WEEK,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "network_reason_code": "10.4" if reason == "fraudulent" else "13.1",
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {"card": {"brand": "visa", "case_type": "chargeback", "network_reason_code": "10"},
                                   "type": "card"},
        "reason": reason,
        "status": "needs_response",
    }  # fmt: skip
    charge["disputed"] = True
    provider.state.save(dispute, charge)
    emit(provider, "charge.dispute.created", dispute)
    emit(provider, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def answer(provider: Provider, dispute: Json, params: Json) -> Json:
    """Takes evidence; submitted, it goes to the bank and cannot be changed."""
    form.known(params, {"evidence", "metadata", "submit"})
    if dispute["status"] != "needs_response":
        raise Refusal("This dispute is already closed or has been submitted.", kept=True)
    evidence: dict[str, Any] = form.table(params, "evidence")
    before = {"status": dispute["status"], "evidence": dict(dispute["evidence"])}
    details = dict(dispute["evidence_details"])
    dispute["evidence"] = {**dispute["evidence"], **evidence}
    dispute["metadata"] = {**dispute["metadata"], **form.metadata(params)}
    details["has_evidence"] = bool(dispute["evidence"])
    if form.text(params, "submit") != "false":
        dispute["status"] = "under_review"
        details["submission_count"] += 1
    dispute["evidence_details"] = details
    provider.state.save(dispute)
    emit(provider, "charge.dispute.updated", dispute, before)
    return dispute


def close(provider: Provider, dispute: Json, status: str) -> Json:
    """Ends a dispute; when it is won the money comes back."""
    if dispute["status"] not in OPEN:
        raise Refusal(f"Dispute {dispute['id']} is already {dispute['status']}.", status=409)
    before = {"status": dispute["status"]}
    dispute["status"] = status
    provider.state.save(dispute)
    if status == "won":
        emit(provider, "charge.dispute.funds_reinstated", dispute)
    emit(provider, "charge.dispute.closed", dispute, before)
    return dispute
