"""Payment intents: one payment from the first try to its end."""

from .event import emit
from .provider import Provider
from .shapes import Json, new_id, now

KIND = "payment_intent"


def make(provider: Provider, session: Json, plan: Json) -> Json:
    """Enters the intent of a session, with what the session says about it."""
    key = new_id("pi")
    intent: Json = {
        "id": key,
        "object": KIND,
        "amount": session["amount_total"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": new_id(f"{key}_secret"),
        "confirmation_method": "automatic",
        "created": now(),
        "currency": session["currency"],
        "customer": session["customer"],
        "customer_account": None,
        "description": plan["description"],
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": plan["metadata"],
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": session["payment_method_types"],
        "processing": None,
        "receipt_email": plan["receipt_email"],
        "review": None,
        "setup_future_usage": plan["setup_future_usage"],
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
    }
    provider.state.save(intent)
    emit(provider, "payment_intent.created", intent)
    return intent


def succeed(provider: Provider, intent: Json, charge: Json) -> None:
    """The money is in."""
    intent.update(
        status="succeeded",
        amount_received=intent["amount"],
        latest_charge=charge["id"],
        payment_method=charge["payment_method"],
        last_payment_error=None,
        processing=None,
    )
    provider.state.save(intent)
    emit(provider, "payment_intent.succeeded", intent)


def process(provider: Provider, intent: Json, charge: Json) -> None:
    """The money is on its way."""
    intent.update(status="processing", latest_charge=charge["id"], payment_method=charge["payment_method"],
                  last_payment_error=None)  # fmt: skip
    provider.state.save(intent)
    emit(provider, "payment_intent.processing", intent)


def fail(provider: Provider, intent: Json, charge: Json, token: Json, decline_code: str | None) -> None:
    """A try came to nothing; another may follow."""
    problem: Json = {
        "charge": charge["id"],
        "code": charge["failure_code"],
        "doc_url": f"https://stripe.com/docs/error-codes/{charge['failure_code'].replace('_', '-')}",
        "message": charge["failure_message"],
        "payment_method": token,
        "type": "card_error" if token["type"] == "card" else "invalid_request_error",
    }
    if decline_code:
        problem["decline_code"] = decline_code
    intent.update(status="requires_payment_method", latest_charge=charge["id"], payment_method=None,
                  last_payment_error=problem, processing=None)  # fmt: skip
    provider.state.save(intent)
    emit(provider, "payment_intent.payment_failed", intent)
