"""Charges: each try to move money."""

from .event import emit
from .provider import Provider
from .shapes import Json, new_id, now

KIND = "charge"
PLANS = "_charge_plan"


def make(provider: Provider, intent: Json, token: Json, status: str) -> Json:
    """Enters a try; nothing is said about it yet."""
    kind = token["type"]
    details = {name: value for name, value in token[kind].items() if name not in ("generated_from", "networks")}
    if kind == "card":
        details |= {"amount_authorized": intent["amount"], "network": details["brand"], "three_d_secure": None}
    key = new_id("ch")
    charge: Json = {
        "id": key,
        "object": KIND,
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if status == "succeeded" else 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": new_id("txn") if status == "succeeded" else None,
        "billing_details": token["billing_details"],
        "calculated_statement_descriptor": "KONTOR",
        "captured": status == "succeeded",
        "created": now(),
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "destination": None,
        "dispute": None,
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "on_behalf_of": None,
        "order": None,
        "outcome": {"network_status": "approved_by_network", "reason": None, "risk_level": "normal",
                    "seller_message": "Payment complete.", "type": "authorized"},
        "paid": status == "succeeded",
        "payment_intent": intent["id"],
        "payment_method": token["id"],
        "payment_method_details": {kind: details, "type": kind},
        "radar_options": {},
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": None,
        "source": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": status,
        "transfer_data": None,
        "transfer_group": None,
    }  # fmt: skip
    provider.state.save(charge)
    return charge


def succeed(provider: Provider, charge: Json) -> None:
    """The charge moved the money."""
    charge.update(status="succeeded", paid=True, captured=True, amount_captured=charge["amount"],
                  balance_transaction=charge["balance_transaction"] or new_id("txn"))  # fmt: skip
    provider.state.save(charge)
    emit(provider, "charge.succeeded", charge)


def fail(provider: Provider, charge: Json, code: str, reason: str | None, message: str) -> None:
    """The charge moved nothing."""
    charge.update(
        status="failed",
        paid=False,
        captured=False,
        failure_code=code,
        failure_message=message,
        outcome={"network_status": "declined_by_network", "reason": reason or code, "risk_level": "normal",
                 "seller_message": message, "type": "issuer_declined"},
    )  # fmt: skip
    provider.state.save(charge)
    emit(provider, "charge.failed", charge)
