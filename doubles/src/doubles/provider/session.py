"""Checkout Sessions: what is to be paid, and where the customer goes afterwards."""

from urllib.parse import urlsplit

from contracts.currencies import CURRENCIES

from . import wire
from .method import need_customer
from .provider import Provider
from .wire import Json, Refusal, missing, money, new_id, new_object, now

SESSION, PLAN = "checkout.session", "_line_items"
METHODS = ["card", "sepa_debit"]
INVOICE: Json = {
    **dict.fromkeys(("account_tax_ids", "custom_fields", "description", "footer", "issuer", "rendering_options")),
    "metadata": {},
}
HALF_AN_HOUR, A_DAY = 1800, 86400
# Taken without effect on the page: what they ask for, the form does not show.
WITHOUT_EFFECT = {
    "adaptive_pricing", "allow_promotion_codes", "automatic_tax", "billing_address_collection", "branding_settings",
    "consent_collection", "custom_text", "customer_update", "invoice_creation", "locale", "payment_method_options",
    "phone_number_collection", "saved_payment_method_options", "submit_type",
}  # fmt: skip
PARAMETERS = WITHOUT_EFFECT | {
    "cancel_url", "client_reference_id", "customer", "customer_creation", "customer_email", "expires_at", "line_items",
    "allowed_payment_method_types", "metadata", "mode", "payment_intent_data", "success_url", "ui_mode",
}  # fmt: skip
LINE_PARAMETERS = {"metadata", "price_data", "quantity"}
PRICE_PARAMETERS = {"currency", "product_data", "unit_amount"}
PRODUCT_PARAMETERS = {"description", "images", "metadata", "name", "tax_code"}
INTENT_PARAMETERS = {"description", "metadata", "receipt_email", "setup_future_usage", "statement_descriptor"}


def create_session(provider: Provider, params: Json, origin: str) -> Json:
    """Open a session for one payment; its intent is created at the first attempt to pay, as in Stripe since 2022."""
    wire.refuse_unknown(params, PARAMETERS)
    mode = wire.text(params, "mode")
    if mode != "payment":
        raise Refusal("Invalid mode: must be payment here", param="mode") if mode else missing("mode")
    lines = _lines(params)
    currency: str = lines[0]["currency"]
    if any(line["currency"] != currency for line in lines):
        raise Refusal("All line items must have the same currency.", param="line_items")
    total = sum(line["amount_total"] for line in lines)
    of = CURRENCIES[currency.upper()]
    if not of.charges(total):
        small = total < of.least
        bound = f"at least {money(of.least, currency)}" if small else f"no more than {money(of.greatest, currency)}"
        raise Refusal(
            f"The Checkout Session's total amount due must add up to {bound} {currency}",
            code="amount_too_small" if small else "amount_too_large",
        )
    customer = wire.text(params, "customer")
    if customer:
        need_customer(provider, customer, param="customer")
    creation = wire.text(params, "customer_creation")
    if customer and creation:
        raise Refusal("`customer_creation` cannot be used with `customer`.", param="customer_creation")
    intent = wire.table(params, "payment_intent_data")
    wire.refuse_unknown(intent, INTENT_PARAMETERS, "payment_intent_data")
    key = new_id("cs_test", 58)
    session = new_object(
        SESSION,
        key,
        "adaptive_pricing after_expiration allow_promotion_codes billing_address_collection client_secret consent"
        " consent_collection currency_conversion customer_details invoice payment_intent payment_link"
        " payment_method_configuration_details permissions recovered_from saved_payment_method_options setup_intent"
        " shipping_address_collection shipping_cost subscription wallet_options",
        allowed_payment_method_types=wire.items(params, "allowed_payment_method_types") or None,
        amount_subtotal=total,
        amount_total=total,
        automatic_tax={"enabled": False, "liability": None, "provider": None, "status": None},
        cancel_url=_url(params, "cancel_url"),
        client_reference_id=wire.text(params, "client_reference_id"),
        currency=currency,
        custom_fields=[],
        custom_text=dict.fromkeys(("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")),
        customer=customer,
        customer_creation=None if customer else creation or "if_required",
        customer_email=wire.text(params, "customer_email"),
        discounts=[],
        expires_at=_expiry(params),
        invoice_creation={"enabled": False, "invoice_data": INVOICE},
        locale=wire.text(params, "locale"),
        metadata=wire.metadata(params),
        mode="payment",
        payment_method_collection="if_required",
        payment_method_options={},
        payment_method_types=_methods(params),
        payment_status="unpaid",
        phone_number_collection={"enabled": False},
        shipping_options=[],
        status="open",
        submit_type=wire.text(params, "submit_type"),
        success_url=_url(params, "success_url", required=True),
        total_details={"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        ui_mode=wire.text(params, "ui_mode") or "hosted_page",
        url=f"{provider.public_url or origin}/pay/{key}",
    )
    plan: Json = {
        "lines": lines,
        "metadata": wire.metadata(intent),
        "description": wire.text(intent, "description"),
        "receipt_email": wire.text(intent, "receipt_email"),
        "setup_future_usage": _future(intent),
    }
    provider.state.save(session)
    provider.state.put(PLAN, key, plan)
    return session


def expire(provider: Provider, session: Json) -> Json:
    """Close an open session, so that nobody can pay it any more."""
    if session["status"] != "open":
        raise Refusal(
            'Only Checkout Sessions with a status in ["open"] can be expired. '
            f"This Checkout Session has a status of `{session['status']}`."
        )
    session.update(status="expired", url=None)
    provider.emit("checkout.session.expired", session)
    return session


def line_items(provider: Provider, session: Json) -> Json:
    """List the lines of a session."""
    lines, url = provider.state[PLAN, session["id"]]["lines"], f"/v1/checkout/sessions/{session['id']}/line_items"
    return {"object": "list", "data": lines, "has_more": False, "url": url}


def _lines(params: Json) -> list[Json]:
    given = wire.items(params, "line_items")
    if not given:
        raise missing("line_items")
    if not all(isinstance(line, dict) for line in given):
        raise Refusal("Invalid array", param="line_items")
    return [_line(line, f"line_items[{index}]") for index, line in enumerate(given)]


def _line(given: Json, path: str) -> Json:
    if "price" in given:
        raise Refusal("Prices are given with `price_data` here.", param=f"{path}[price]")
    wire.refuse_unknown(given, LINE_PARAMETERS, path)
    price, price_path = wire.table(given, "price_data"), f"{path}[price_data]"
    wire.refuse_unknown(price, PRICE_PARAMETERS, price_path)
    of = wire.currency(price, "currency", f"{price_path}[currency]")
    currency, product = of.code.lower(), wire.table(price, "product_data")
    wire.refuse_unknown(product, PRODUCT_PARAMETERS, f"{price_path}[product_data]")
    name = wire.text(product, "name")
    if not name:
        raise missing(f"{price_path}[product_data][name]")
    unit = wire.integer(price, "unit_amount", least=0, path=f"{price_path}[unit_amount]")
    quantity = wire.integer(given, "quantity", least=1, path=f"{path}[quantity]")
    if unit is None:
        raise missing(f"{price_path}[unit_amount]")
    if quantity is None:
        raise missing(f"{path}[quantity]")
    wire.refuse_fraction(unit, of, f"{price_path}[unit_amount]")
    return {
        "id": new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": unit * quantity,
        "amount_tax": 0,
        "amount_total": unit * quantity,
        "currency": currency,
        "description": name,
        "metadata": wire.metadata(given),
        "price": new_object("price", new_id("price"), "recurring", active=False, billing_scheme="per_unit",
                            currency=currency, metadata={}, product=new_id("prod", 14), type="one_time",
                            unit_amount=unit, unit_amount_decimal=str(unit)),
        "quantity": quantity,
    }  # fmt: skip


def _url(params: Json, name: str, *, required: bool = False) -> str | None:
    url = wire.text(params, name)
    if url is None and required:
        raise missing(name)
    if url is not None and urlsplit(url).scheme not in ("http", "https"):
        raise Refusal("Not a valid URL", code="url_invalid", param=name)
    return url


def _expiry(params: Json) -> int:
    at = wire.integer(params, "expires_at")
    if at is None:
        return now() + A_DAY
    # A minute of grace, as the caller's clock may be behind.
    if not now() + HALF_AN_HOUR - 60 <= at <= now() + A_DAY + 60:
        edge = "at least 30 minutes" if at < now() + HALF_AN_HOUR else "less than 24 hours"
        raise Refusal(f"The `expires_at` timestamp must be {edge} from Checkout Session creation.", param="expires_at")
    return at


def _methods(params: Json) -> list[str]:
    chosen = [str(method) for method in wire.items(params, "allowed_payment_method_types")] or METHODS
    if wrong := [method for method in chosen if method not in METHODS]:
        raise Refusal(f"Invalid allowed_payment_method_types[0]: must be one of card, sepa_debit, not {wrong[0]}",
                      param="allowed_payment_method_types")  # fmt: skip
    return chosen


def _future(intent: Json) -> str | None:
    usage = wire.text(intent, "setup_future_usage")
    if usage not in (None, "on_session", "off_session"):
        raise Refusal("Invalid setup_future_usage: must be one of on_session, off_session",
                      param="payment_intent_data[setup_future_usage]")  # fmt: skip
    return usage
