"""Checkout Sessions: what is to be paid, and where the customer goes afterwards."""

from typing import Any
from urllib.parse import urlsplit

from . import form
from .event import emit
from .provider import Provider
from .refusal import Refusal, missing
from .shapes import Json, money, new_id, now

KIND = "checkout.session"
LINES = "_line_items"
LEAST = {"eur": 50, "usd": 50, "chf": 50, "gbp": 30}
METHODS = ("card", "sepa_debit")
HALF_AN_HOUR, A_DAY = 1800, 86400
# Taken without effect on the page: what they ask for, the form does not show.
WITHOUT_EFFECT = {
    "adaptive_pricing", "allow_promotion_codes", "automatic_tax", "billing_address_collection", "branding_settings",
    "consent_collection", "custom_text", "customer_update", "invoice_creation", "locale", "payment_method_options",
    "phone_number_collection", "saved_payment_method_options", "submit_type",
}  # fmt: skip
PARAMETERS = WITHOUT_EFFECT | {
    "cancel_url", "client_reference_id", "customer", "customer_creation", "customer_email", "expires_at", "line_items",
    "metadata", "mode", "payment_intent_data", "payment_method_types", "success_url", "ui_mode",
}  # fmt: skip
INTENT_PARAMETERS = {"description", "metadata", "receipt_email", "setup_future_usage", "statement_descriptor"}


def create(provider: Provider, params: Json, origin_url: str) -> Json:
    """Opens a session for one payment; the payment intent comes with the first try, as in Stripe since 2022."""
    form.known(params, PARAMETERS)
    mode = form.text(params, "mode")
    if mode != "payment":
        raise Refusal("Invalid mode: must be payment here", param="mode") if mode else missing("mode")
    lines = _lines(form.rows(params, "line_items"))
    currency = lines[0]["currency"]
    if any(line["currency"] != currency for line in lines):
        raise Refusal("All line items must have the same currency.", param="line_items")
    total = sum(line["amount_total"] for line in lines)
    least = LEAST.get(currency, 50)
    if total < least:
        raise Refusal(
            f"The Checkout Session's total amount due must add up to at least {money(least, currency)} {currency}",
            code="amount_too_small",
        )
    customer = form.text(params, "customer")
    if customer and provider.need("customer", customer, "customer", param="customer").get("deleted"):
        raise Refusal(f"No such customer: '{customer}'", code="resource_missing", param="customer")
    creation = form.text(params, "customer_creation")
    if customer and creation:
        raise Refusal("`customer_creation` cannot be used with `customer`.", param="customer_creation")
    intent_data = form.table(params, "payment_intent_data")
    form.known(intent_data, INTENT_PARAMETERS)
    session_id = new_id("cs_test", 58)
    session: Json = {
        "id": session_id,
        "object": KIND,
        "adaptive_pricing": None,
        "after_expiration": None,
        "allow_promotion_codes": None,
        "amount_subtotal": total,
        "amount_total": total,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": None,
        "cancel_url": _address(params, "cancel_url"),
        "client_reference_id": form.text(params, "client_reference_id"),
        "client_secret": None,
        "consent": None,
        "consent_collection": None,
        "created": now(),
        "currency": currency,
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": {"after_submit": None, "shipping_address": None, "submit": None,
                        "terms_of_service_acceptance": None},
        "customer": customer,
        "customer_creation": None if customer else creation or "if_required",
        "customer_details": None,
        "customer_email": form.text(params, "customer_email"),
        "discounts": [],
        "expires_at": _expiry(params),
        "invoice": None,
        "invoice_creation": {"enabled": False},
        "livemode": False,
        "locale": form.text(params, "locale"),
        "metadata": form.metadata(params),
        "mode": "payment",
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": "if_required",
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": _methods(params),
        "payment_status": "unpaid",
        "permissions": None,
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "saved_payment_method_options": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": form.text(params, "submit_type"),
        "subscription": None,
        "success_url": _address(params, "success_url", required=True),
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": form.text(params, "ui_mode") or "hosted_page",
        "url": f"{provider.public_url or origin_url}/pay/{session_id}",
        "wallet_options": None,
    }  # fmt: skip
    plan: Json = {
        "lines": lines,
        "metadata": form.metadata(intent_data),
        "description": form.text(intent_data, "description"),
        "receipt_email": form.text(intent_data, "receipt_email"),
        "setup_future_usage": _future(intent_data),
    }
    provider.state.save(session)
    provider.state.put(LINES, session_id, plan)
    return session


def expire(provider: Provider, session: Json) -> Json:
    """Closes an open session, so that nobody can pay it any more."""
    if session["status"] != "open":
        raise Refusal(
            'Only Checkout Sessions with a status in ["open"] can be expired. '
            f"This Checkout Session has a status of `{session['status']}`."
        )
    session.update(status="expired", url=None)
    provider.state.save(session)
    emit(provider, "checkout.session.expired", session)
    return session


def plan_of(provider: Provider, session: Json) -> Json:
    """Finds what a session says about its intent and lines."""
    found = provider.state.get(LINES, session["id"])
    assert found is not None
    return found


def line_items(provider: Provider, session: Json) -> Json:
    """Lists the lines of a session."""
    return {
        "object": "list",
        "data": plan_of(provider, session)["lines"],
        "has_more": False,
        "url": f"/v1/checkout/sessions/{session['id']}/line_items",
    }


def _lines(given: list[Json]) -> list[Json]:
    if not given:
        raise missing("line_items")
    return [_line(line, f"line_items[{place}]") for place, line in enumerate(given)]


def _line(given: Json, path: str) -> Json:
    if "price" in given:
        raise Refusal("Prices are given with `price_data` here.", param=f"{path}[price]")
    price = form.table(given, "price_data")
    currency = (form.text(price, "currency") or "").lower()
    if len(currency) != 3:
        raise Refusal(f"Invalid currency: {currency}", code="parameter_missing", param=f"{path}[price_data][currency]")
    product = form.table(price, "product_data")
    name = form.text(product, "name")
    if not name:
        raise missing(f"{path}[price_data][product_data][name]")
    unit = form.integer(price, "unit_amount", least=0, path=f"{path}[price_data][unit_amount]")
    quantity = form.integer(given, "quantity", least=1, path=f"{path}[quantity]")
    if unit is None:
        raise missing(f"{path}[price_data][unit_amount]")
    if quantity is None:
        raise missing(f"{path}[quantity]")
    return {
        "id": new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": unit * quantity,
        "amount_tax": 0,
        "amount_total": unit * quantity,
        "currency": currency,
        "description": name,
        "metadata": form.metadata(given),
        "price": {
            "id": new_id("price"),
            "object": "price",
            "active": False,
            "billing_scheme": "per_unit",
            "created": now(),
            "currency": currency,
            "livemode": False,
            "metadata": {},
            "product": new_id("prod", 14),
            "recurring": None,
            "type": "one_time",
            "unit_amount": unit,
            "unit_amount_decimal": str(unit),
        },
        "quantity": quantity,
    }


def _address(params: Json, name: str, *, required: bool = False) -> str | None:
    url = form.text(params, name)
    if url is None:
        if required:
            raise missing(name)
        return None
    if urlsplit(url).scheme not in ("http", "https"):
        raise Refusal("Not a valid URL", code="url_invalid", param=name)
    return url


def _expiry(params: Json) -> int:
    at = form.integer(params, "expires_at")
    if at is None:
        return now() + A_DAY
    # A minute of grace, as the caller's clock may be behind.
    if not now() + HALF_AN_HOUR - 60 <= at <= now() + A_DAY + 60:
        edge = "at least 30 minutes" if at < now() + HALF_AN_HOUR else "less than 24 hours"
        raise Refusal(f"The `expires_at` timestamp must be {edge} from Checkout Session creation.", param="expires_at")
    return at


def _methods(params: Json) -> list[str]:
    given: Any = params.get("payment_method_types") or list(METHODS)
    if not isinstance(given, list):
        raise Refusal("Invalid array", param="payment_method_types")
    chosen = [str(method) for method in given]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] -- as it came from the form
    if wrong := [method for method in chosen if method not in METHODS]:
        raise Refusal(f"Invalid payment_method_types[0]: must be one of card, sepa_debit, not {wrong[0]}",
                      param="payment_method_types")  # fmt: skip
    return chosen


def _future(intent_data: Json) -> str | None:
    usage = form.text(intent_data, "setup_future_usage")
    if usage not in (None, "on_session", "off_session"):
        raise Refusal("Invalid setup_future_usage: must be one of on_session, off_session",
                      param="payment_intent_data[setup_future_usage]")  # fmt: skip
    return usage
