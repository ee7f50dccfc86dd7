"""Reversals: refunds, which the shop asks for, and disputes, by which the customer's bank takes the money back."""

import time

from contracts.currencies import CURRENCIES

from . import wire
from .payment import CHARGE, INTENT
from .provider import Provider
from .wire import Json, Refusal, money, new_id, new_object, now

REFUND, DISPUTE = "refund", "dispute"
REFUND_PLAN, SETTLEMENT = "_charge_plan", "_settlement"
PARAMETERS = {"amount", "charge", "currency", "metadata", "payment_intent", "reason"}
REASONS = ("duplicate", "fraudulent", "requested_by_customer")
A_WEEK = 7 * 86400


def create_refund(provider: Provider, params: Json) -> Json:
    """Refund all or a part of a charge, never more than is left; whether it succeeds at once depends on the card."""
    wire.refuse_unknown(params, PARAMETERS)
    charge = _charge(provider, params)
    asked = wire.integer(params, "amount", least=1)
    reason = wire.text(params, "reason")
    if reason not in (None, *REASONS):
        raise Refusal(f"Invalid reason: must be one of {', '.join(REASONS)}", param="reason")
    metadata = wire.metadata(params)
    if charge["disputed"]:
        raise Refusal(f"Charge {charge['id']} has been charged back; cannot issue a refund.",
                      code="charge_disputed", kept=True)  # fmt: skip
    left = charge["amount_captured"] - charge["amount_refunded"]
    if left == 0:
        raise Refusal(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded", kept=True)
    amount = asked or left
    wire.refuse_fraction(amount, CURRENCIES[charge["currency"].upper()], "amount")
    if amount > left:
        currency = charge["currency"]
        raise Refusal(
            f"Refund amount ({money(amount, currency)}) is greater than unrefunded amount on charge "
            f"({money(left, currency)})",
            param="amount",
            kept=True,
        )
    outcome = _outcome(provider, charge)
    refund = new_object(
        REFUND,
        new_id("re"),
        "receipt_number source_transfer_reversal transfer_reversal",
        amount=amount,
        balance_transaction=new_id("txn"),
        charge=charge["id"],
        currency=charge["currency"],
        destination_details=_destination(None, "pending"),
        metadata=metadata,
        payment_intent=charge["payment_intent"],
        reason=reason,
        status="pending" if outcome == "pending" else "succeeded",
    )
    del refund["livemode"]  # Stripe's refunds have none
    before = {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    provider.emit("refund.created", refund)
    provider.emit("charge.refunded", charge, before)
    answer = dict(refund)
    if outcome == "succeeded":
        refund["destination_details"] = _destination(str(now()) + refund["id"][-6:], "available")
        card = {"reference_status": "pending"}
        _emit_update(provider, refund, {"destination_details": {"card": card}})
    else:
        settle_later(provider, refund, "failed" if outcome == "failed" else "succeeded")
    return answer


def settle_later(provider: Provider, thing: Json, outcome: str) -> None:
    """Record that a refund or a session's payment is under way, and how it is going to end."""
    body = {"kind": thing["object"], "id": thing["id"], "since": time.time(), "outcome": outcome}
    provider.state.put(SETTLEMENT, thing["id"], body)


def settle_refund(provider: Provider, refund: Json, outcome: str) -> None:
    """End a refund that was under way; one that fails gives its amount back to the charge."""
    before = {"status": refund["status"]}
    if outcome == "succeeded":
        refund["status"] = "succeeded"
        _emit_update(provider, refund, before)
        return
    charge = provider.state[CHARGE, refund["charge"]]
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    refund.update(status="failed", failure_reason="expired_or_canceled_card",
                  failure_balance_transaction=new_id("txn"))  # fmt: skip
    provider.state.save(charge)
    _emit_update(provider, refund, before | {"failure_reason": None})
    provider.emit("refund.failed", refund)


def open_dispute(provider: Provider, charge: Json, reason: str) -> Json:
    """Open a dispute over a charge; its money leaves the account at once."""
    if charge["status"] != "succeeded":
        raise Refusal(f"Charge {charge['id']} moved no money.")
    if charge["disputed"]:
        raise Refusal(f"Charge {charge['id']} is already disputed.", status=409)
    card = {"brand": "visa", "case_type": "chargeback", "network": "visa", "network_reason_code": "10"}
    dispute = new_object(
        DISPUTE,
        new_id("du"),
        amount=charge["amount"] - charge["amount_refunded"],
        balance_transaction=new_id("txn"),
        balance_transactions=[],
        charge=charge["id"],
        currency=charge["currency"],
        enhanced_eligibility_types=[],
        evidence={"enhanced_evidence": {}},
        evidence_details={"due_by": now() + A_WEEK, "enhanced_eligibility": {}, "has_evidence": False,
                          "past_due": False, "submission_count": 0, "submission_method": "not_submitted"},
        is_charge_refundable=False,
        metadata={},
        network_reason_code="10.4" if reason == "fraudulent" else "13.1",
        payment_intent=charge["payment_intent"],
        payment_method_details={"card": card, "type": "card"},
        reason=reason,
        status="needs_response",
    )  # fmt: skip
    charge["disputed"] = True
    provider.state.save(charge)
    provider.emit("charge.dispute.created", dispute)
    provider.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def answer_dispute(provider: Provider, dispute: Json, params: Json) -> Json:
    """Add evidence to a dispute; once submitted, it goes to the bank and cannot be changed."""
    wire.refuse_unknown(params, {"evidence", "metadata", "submit"})
    if dispute["status"] != "needs_response":
        raise Refusal("This dispute is already closed or has been submitted.", kept=True)
    before = {"status": dispute["status"], "evidence": dispute["evidence"]}
    dispute["evidence"] = dispute["evidence"] | wire.table(params, "evidence")
    dispute["metadata"] = dispute["metadata"] | wire.metadata(params)
    details = dispute["evidence_details"] | {"has_evidence": len(dispute["evidence"]) > 1}
    if wire.text(params, "submit") != "false":
        dispute["status"] = "under_review"
        details |= {"submission_count": details["submission_count"] + 1, "submission_method": "manual"}
    dispute["evidence_details"] = details
    provider.emit("charge.dispute.updated", dispute, before)
    return dispute


def close_dispute(provider: Provider, dispute: Json, status: str) -> Json:
    """End a dispute; the money comes back if it is won."""
    if dispute["status"] not in ("needs_response", "under_review"):
        raise Refusal(f"Dispute {dispute['id']} is already {dispute['status']}.", status=409)
    before = {"status": dispute["status"]}
    dispute["status"] = status
    if status == "won":
        provider.emit("charge.dispute.funds_reinstated", dispute)
    provider.emit("charge.dispute.closed", dispute, before)
    return dispute


def _destination(reference: str | None, status: str) -> Json:
    card = {"reference_status": status, "reference_type": "acquirer_reference_number", "type": "refund"}
    return {"card": card | ({"reference": reference} if reference else {}), "type": "card"}


def _emit_update(provider: Provider, refund: Json, before: Json) -> None:
    provider.emit("refund.updated", refund, before)
    provider.emit("charge.refund.updated", refund, before)


def _outcome(provider: Provider, charge: Json) -> str:
    if plan := provider.state.get(REFUND_PLAN, charge["id"]):
        return plan["refunds"]
    return "pending" if charge["payment_method_details"]["type"] == "sepa_debit" else "succeeded"


def _charge(provider: Provider, params: Json) -> Json:
    intent_id = wire.text(params, "payment_intent")
    charge_id = wire.text(params, "charge")
    if bool(intent_id) == bool(charge_id):
        raise Refusal("One of the following params should be provided for this request: payment_intent or charge.")
    if intent_id:
        charge_id = provider.need(INTENT, intent_id, param="payment_intent")["latest_charge"]
    charge = provider.need(CHARGE, charge_id or "", param="charge")
    if charge["status"] != "succeeded":
        raise Refusal(
            f"This PaymentIntent ({charge['payment_intent']}) does not have a successful charge to refund."
            if intent_id else f"Charge {charge['id']} was not successful and cannot be refunded.", kept=True,
        )  # fmt: skip
    return charge
