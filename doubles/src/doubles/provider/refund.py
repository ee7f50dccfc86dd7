"""Refunds: money that goes back."""

import time

from . import form
from .event import emit
from .provider import Provider
from .refusal import Refusal
from .shapes import Json, money, new_id, now

KIND = "refund"
PARAMETERS = {"amount", "charge", "currency", "metadata", "payment_intent", "reason"}
REASONS = ("duplicate", "fraudulent", "requested_by_customer")


def create(provider: Provider, params: Json) -> Json:
    """Pays back all or a part of a charge, never more than is left of it."""
    form.known(params, PARAMETERS)
    charge = _charge(provider, params)
    asked = form.integer(params, "amount", least=1)
    reason = form.text(params, "reason")
    if reason not in (None, *REASONS):
        raise Refusal(f"Invalid reason: must be one of {', '.join(REASONS)}", param="reason")
    metadata = form.metadata(params)
    if charge["disputed"]:
        raise Refusal(f"Charge {charge['id']} has been charged back; cannot issue a refund.",
                      code="charge_disputed", kept=True)  # fmt: skip
    left = charge["amount_captured"] - charge["amount_refunded"]
    if left == 0:
        raise Refusal(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded", kept=True)
    amount = asked or left
    if amount > left:
        currency = charge["currency"]
        raise Refusal(
            f"Refund amount ({money(amount, currency)}) is greater than unrefunded amount on charge "
            f"({money(left, currency)})",
            param="amount",
            kept=True,
        )
    return make(provider, charge, amount, reason, metadata)


def make(provider: Provider, charge: Json, amount: int, reason: str | None, metadata: Json) -> Json:
    """Enters a refund and tells of it; whether it is through at once depends on the card and the switch."""
    outcome = _outcome(provider, charge)
    refund: Json = {
        "id": new_id("re"),
        "object": KIND,
        "amount": amount,
        "balance_transaction": new_id("txn"),
        "charge": charge["id"],
        "created": now(),
        "currency": charge["currency"],
        "destination_details": {"card": {"reference": None, "reference_status": "pending",
                                         "reference_type": "acquirer_reference_number", "type": "refund"},
                                "type": "card"},
        "metadata": metadata,
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending" if outcome == "pending" else "succeeded",
        "transfer_reversal": None,
    }  # fmt: skip
    before = {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    provider.state.save(refund, charge)
    emit(provider, "refund.created", refund)
    emit(provider, "charge.refunded", charge, before)
    answer = dict(refund)
    if outcome == "succeeded":
        _refer(provider, refund)
    else:
        provider.state.put("_settlement", refund["id"], {
            "kind": KIND, "id": refund["id"], "since": time.time(),
            "outcome": "succeeded" if outcome == "pending" else "failed",
        })  # fmt: skip
    return answer


def settle(provider: Provider, refund: Json, outcome: str) -> None:
    """Ends a refund that was under way; one that fails gives its amount back to the charge."""
    if outcome == "succeeded":
        before = {"status": refund["status"]}
        refund["status"] = "succeeded"
        _tell(provider, refund, before)
        return
    before = {"status": refund["status"], "failure_reason": None}
    charge = provider.need("charge", refund["charge"], "charge")
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    refund.update(status="failed", failure_reason="expired_or_canceled_card",
                  failure_balance_transaction=new_id("txn"))  # fmt: skip
    provider.state.save(charge)
    _tell(provider, refund, before)
    emit(provider, "refund.failed", refund)


def _refer(provider: Provider, refund: Json) -> None:
    card = refund["destination_details"]["card"]
    refund["destination_details"] = {
        "card": {**card, "reference": str(now()) + refund["id"][-6:], "reference_status": "available"},
        "type": "card",
    }
    _tell(provider, refund, {"destination_details": {"card": {"reference": None, "reference_status": "pending"}}})


def _tell(provider: Provider, refund: Json, before: Json) -> None:
    provider.state.save(refund)
    emit(provider, "refund.updated", refund, before)
    emit(provider, "charge.refund.updated", refund, before)


def _outcome(provider: Provider, charge: Json) -> str:
    planned = provider.state.get("_charge_plan", charge["id"]) or {}
    if refunds := planned.get("refunds"):
        return refunds
    switched = provider.switches.now.refunds
    if switched == "succeeded" and charge["payment_method_details"]["type"] == "sepa_debit":
        return "pending"
    return switched


def _charge(provider: Provider, params: Json) -> Json:
    intent_id = form.text(params, "payment_intent")
    charge_id = form.text(params, "charge")
    if bool(intent_id) == bool(charge_id):
        raise Refusal("One of the following params should be provided for this request: payment_intent or charge.")
    if intent_id:
        intent = provider.need("payment_intent", intent_id, "payment_intent", param="payment_intent")
        charge_id = intent["latest_charge"]
    charge = provider.need("charge", charge_id or "", "charge", param="charge")
    if charge["status"] != "succeeded":
        raise Refusal(
            f"This PaymentIntent ({charge['payment_intent']}) does not have a successful charge to refund."
            if intent_id else f"Charge {charge['id']} was not successful and cannot be refunded.", kept=True,
        )  # fmt: skip
    return charge
