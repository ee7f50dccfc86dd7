"""Checkout: what happens when a customer pays on the hosted page, and what ends later by itself."""

import asyncio
import logging
import time

from . import payment
from . import session as sessions
from .method import (
    CUSTOMER,
    DEBIT_FAILS,
    DISPUTES,
    METHOD,
    REFUNDS,
    RETURNED,
    Decline,
    account_details,
    attach,
    create_customer,
    create_token,
    decline,
)  # fmt: skip
from .payment import CHARGE, INTENT
from .provider import Provider
from .reversal import REFUND, REFUND_PLAN, SETTLEMENT, open_dispute, settle_later, settle_refund
from .session import PLAN, SESSION
from .wire import Json, now

LOG = logging.getLogger("provider")


def pay_by_card(provider: Provider, session: Json, number: str, details: Json, payer: Json) -> Decline | None:
    """Try a card; return why it is declined, in which case the session stays open."""
    token = create_token(provider, "card", details, _person(session, payer) | {"tax_id": None})
    intent = _begin(provider, session, payer)
    if declined := decline(number):
        payment.fail(provider, intent, payment.create_charge(intent, token), token, declined)
        return declined
    charge = _collect(provider, session, intent, token)
    if number in REFUNDS:
        provider.state.put(REFUND_PLAN, charge["id"], {"refunds": REFUNDS[number]})
    if number in DISPUTES:
        open_dispute(provider, charge, DISPUTES[number])
    return None


def pay_by_token(provider: Provider, session: Json, token: Json) -> None:
    """Pay with a card that the session's customer saved earlier."""
    _collect(provider, session, _begin(provider, session, token["billing_details"]), token)


def pay_by_account(provider: Provider, session: Json, iban: str, payer: Json) -> None:
    """Start a debit, which succeeds or fails some time later."""
    details = account_details(iban, provider.api_key)
    token = create_token(provider, "sepa_debit", details, _person(session, payer) | {"tax_id": None})
    intent = _begin(provider, session, payer)
    _assign_customer(provider, session, intent, token)
    payment.process(provider, intent, payment.create_charge(intent, token))
    _complete(provider, session, "unpaid")
    settle_later(provider, session, "failed" if iban == DEBIT_FAILS else "succeeded")


def settle(provider: Provider, key: str, outcome: str | None = None) -> Json:
    """End the refund or the session's debit that is under way; by default with the outcome planned for it."""
    entry = provider.need(SETTLEMENT, key, "payment or refund under way", param="id")
    provider.state.remove(SETTLEMENT, key)
    thing, end = provider.state[entry["kind"], key], str(outcome or entry["outcome"])
    if entry["kind"] == REFUND:
        settle_refund(provider, thing, end)
        return thing
    intent = provider.state[INTENT, thing["payment_intent"]]
    charge = provider.state[CHARGE, intent["latest_charge"]]
    if end == "succeeded":
        payment.succeed(provider, intent, charge)
        thing["payment_status"] = "paid"
    else:
        payment.fail(provider, intent, charge, provider.state[METHOD, charge["payment_method"]], RETURNED)
    provider.emit(f"checkout.session.async_payment_{end}", thing)
    return thing


async def keep_sweeping(provider: Provider) -> None:
    """Sweep four times a second."""
    while True:
        await asyncio.sleep(0.25)
        try:
            _sweep(provider)
        except Exception:
            LOG.exception("a sweep failed")


def _sweep(provider: Provider) -> None:
    after = provider.switches.now.settle_after
    for entry in provider.state.all(SETTLEMENT):
        if after is not None and time.time() >= entry["since"] + after:
            settle(provider, entry["id"])
    for session in provider.state.all(SESSION):
        if session["status"] == "open" and session["expires_at"] <= now():
            sessions.expire(provider, session)


def _begin(provider: Provider, session: Json, payer: Json) -> Json:
    """Record who pays, and return the session's intent, created at the first attempt."""
    more: Json = {"business_name": None, "individual_name": None, "tax_exempt": "none", "tax_ids": []}
    session["customer_details"] = _person(session, payer) | more
    if not session["payment_intent"]:
        session["payment_intent"] = payment.create_intent(provider, session, provider.state[PLAN, session["id"]])["id"]
        provider.state.save(session)
    return provider.state[INTENT, session["payment_intent"]]


def _collect(provider: Provider, session: Json, intent: Json, token: Json) -> Json:
    _assign_customer(provider, session, intent, token)
    charge = payment.create_charge(intent, token)
    payment.succeed(provider, intent, charge)
    _complete(provider, session, "paid")
    return charge


def _assign_customer(provider: Provider, session: Json, intent: Json, token: Json) -> None:
    """Create the customer that the session asks for, and keep the token if the shop asked for that."""
    if session["customer"] is None and session["customer_creation"] == "always":
        details: Json = session["customer_details"]
        session["customer"] = create_customer(provider, {name: details[name] for name in ("email", "name")})["id"]
        provider.state.save(session)
    if not session["customer"]:
        return
    if intent["customer"] != session["customer"]:
        intent["customer"] = session["customer"]
        provider.state.save(intent)
    if intent["setup_future_usage"] and not provider.state[CUSTOMER, session["customer"]].get("deleted"):
        attach(provider, token, session["customer"])


def _complete(provider: Provider, session: Json, payment_status: str) -> None:
    session.update(status="complete", payment_status=payment_status, url=None)
    provider.emit("checkout.session.completed", session)


def _person(session: Json, payer: Json) -> Json:
    return {
        "address": dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state")),
        "email": session["customer_email"] or payer["email"],
        "name": payer["name"],
        "phone": None,
    }
