"""Payments: the intent to move money, and a charge for each attempt."""

from .method import Decline
from .provider import Provider
from .wire import Json, new_id, new_object

INTENT, CHARGE = "payment_intent", "charge"


def create_intent(provider: Provider, session: Json, plan: Json) -> Json:
    """Create the intent of a session."""
    key = new_id("pi")
    intent = new_object(
        INTENT,
        key,
        "application application_fee_amount automatic_payment_methods canceled_at cancellation_reason customer_account"
        " last_payment_error latest_charge next_action on_behalf_of payment_method payment_method_configuration_details"
        " processing review shipping source statement_descriptor statement_descriptor_suffix transfer_data"
        " transfer_group",
        amount=session["amount_total"],
        amount_capturable=0,
        amount_details={"tip": {}},
        amount_received=0,
        capture_method="automatic_async",
        client_secret=new_id(f"{key}_secret"),
        confirmation_method="automatic",
        currency=session["currency"],
        customer=session["customer"],
        description=plan["description"],
        metadata=plan["metadata"],
        payment_method_options={},
        payment_method_types=session["payment_method_types"],
        receipt_email=plan["receipt_email"],
        setup_future_usage=plan["setup_future_usage"],
        status="requires_payment_method",
    )
    provider.emit("payment_intent.created", intent)
    return intent


def create_charge(intent: Json, token: Json) -> Json:
    """Create a charge, pending; it is stored with its first event."""
    kind = token["type"]
    details = {name: value for name, value in token[kind].items() if name not in ("generated_from", "networks")}
    if kind == "card":
        details |= {"amount_authorized": intent["amount"], "network": details["brand"], "three_d_secure": None}
    return new_object(
        CHARGE,
        new_id("ch"),
        "application application_fee application_fee_amount balance_transaction destination dispute"
        " failure_balance_transaction failure_code failure_message on_behalf_of order receipt_number receipt_url review"
        " shipping source source_transfer statement_descriptor statement_descriptor_suffix transfer_data"
        " transfer_group",
        amount=intent["amount"],
        amount_captured=0,
        amount_refunded=0,
        billing_details=token["billing_details"],
        calculated_statement_descriptor="KONTOR",
        captured=False,
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        disputed=False,
        fraud_details={},
        metadata=dict(intent["metadata"]),
        outcome=_outcome("approved_by_network", None, "Payment complete.", "authorized"),
        paid=False,
        payment_intent=intent["id"],
        payment_method=token["id"],
        payment_method_details={kind: details, "type": kind},
        radar_options={},
        receipt_email=intent["receipt_email"],
        refunded=False,
        status="pending",
    )


def process(provider: Provider, intent: Json, charge: Json) -> None:
    """Record that the money is on its way."""
    intent.update(status="processing", latest_charge=charge["id"], payment_method=charge["payment_method"],
                  last_payment_error=None)  # fmt: skip
    provider.state.save(charge)
    provider.emit("payment_intent.processing", intent)
    provider.emit("charge.pending", charge)


def succeed(provider: Provider, intent: Json, charge: Json) -> None:
    """Record that the charge has moved the money."""
    charge.update(status="succeeded", paid=True, captured=True, amount_captured=charge["amount"],
                  balance_transaction=new_id("txn"))  # fmt: skip
    provider.emit("charge.succeeded", charge)
    intent.update(status="succeeded", amount_received=intent["amount"], latest_charge=charge["id"],
                  payment_method=charge["payment_method"], last_payment_error=None, processing=None)  # fmt: skip
    provider.emit("payment_intent.succeeded", intent)


def fail(provider: Provider, intent: Json, charge: Json, token: Json, decline: Decline) -> None:
    """Record that the charge has moved nothing; another may follow."""
    code, decline_code, message = decline
    outcome = _outcome("declined_by_network", decline_code or code, message, "issuer_declined")
    charge.update(status="failed", failure_code=code, failure_message=message, outcome=outcome)
    provider.emit("charge.failed", charge)
    problem: Json = {
        "charge": charge["id"],
        "code": code,
        "doc_url": f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}",
        "message": message,
        "payment_method": token,
        "type": "card_error" if token["type"] == "card" else "invalid_request_error",
    }
    intent.update(
        status="requires_payment_method",
        latest_charge=charge["id"],
        payment_method=None,
        last_payment_error=problem | ({"decline_code": decline_code} if decline_code else {}),
        processing=None,
    )
    provider.emit("payment_intent.payment_failed", intent)


def _outcome(network_status: str, reason: str | None, message: str, kind: str) -> Json:
    return {"network_status": network_status, "reason": reason, "risk_level": "normal", "seller_message": message,
            "type": kind}  # fmt: skip
