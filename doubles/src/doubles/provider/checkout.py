"""What happens when a customer pays on the hosted page."""

import time

from . import charge, customer, dispute, ibans, intent, method
from . import session as sessions
from .cards import DISPUTES, REFUNDS, Card, Decline
from .event import emit
from .provider import Provider
from .shapes import Json


def pay_by_card(provider: Provider, session: Json, number: str, card: Card, decline: Decline | None,
                payer: Json) -> Decline | None:  # fmt: skip
    """Tries a card; the session stays open when it is declined."""
    token = method.of_card(provider, card, _billing(session, payer))
    _tell_payer(session, payer)
    trial = _intent(provider, session)
    if decline:
        _decline(provider, trial, token, decline)
        return decline
    plan = {"refunds": REFUNDS.get(number)} if number in REFUNDS else {}
    _collect(provider, session, trial, token, plan, disputed=DISPUTES.get(number))
    return None


def pay_by_token(provider: Provider, session: Json, token: Json) -> None:
    """Pays with a method that the session's customer saved earlier."""
    _tell_payer(session, token["billing_details"])
    _collect(provider, session, _intent(provider, session), token, {}, disputed=None)


def pay_by_account(provider: Provider, session: Json, iban: str, fingerprint: str, payer: Json) -> None:
    """Starts a debit, which is through or returned some time later."""
    token = method.of_account(provider, iban, fingerprint, _billing(session, payer))
    _tell_payer(session, payer)
    under_way = _intent(provider, session)
    _belong(provider, session, under_way, token)
    trial = charge.make(provider, under_way, token, "pending")
    intent.process(provider, under_way, trial)
    emit(provider, "charge.pending", trial)
    _complete(provider, session, "unpaid")
    provider.state.put("_settlement", session["id"], {
        "kind": sessions.KIND, "id": session["id"], "since": time.time(),
        "outcome": "failed" if iban == ibans.FAILS_LATER else "succeeded",
    })  # fmt: skip


def settle(provider: Provider, session: Json, outcome: str) -> None:
    """Ends a debit that was under way."""
    under_way = provider.need("payment_intent", session["payment_intent"], "payment_intent")
    trial = provider.need("charge", under_way["latest_charge"], "charge")
    token = provider.need("payment_method", trial["payment_method"], "payment_method")
    if outcome == "succeeded":
        charge.succeed(provider, trial)
        intent.succeed(provider, under_way, trial)
        session["payment_status"] = "paid"
        provider.state.save(session)
        emit(provider, "checkout.session.async_payment_succeeded", session)
        return
    charge.fail(provider, trial, "insufficient_funds", None, "The customer's account has insufficient funds.")
    intent.fail(provider, under_way, trial, token, None)
    emit(provider, "checkout.session.async_payment_failed", session)


def _intent(provider: Provider, session: Json) -> Json:
    if session["payment_intent"]:
        return provider.need("payment_intent", session["payment_intent"], "payment_intent")
    made = intent.make(provider, session, sessions.plan_of(provider, session))
    session["payment_intent"] = made["id"]
    provider.state.save(session)
    return made


def _decline(provider: Provider, trial: Json, token: Json, why: Decline) -> None:
    attempt = charge.make(provider, trial, token, "failed")
    charge.fail(provider, attempt, why.code, why.decline_code, why.message)
    intent.fail(provider, trial, attempt, token, why.decline_code)


def _collect(provider: Provider, session: Json, trial: Json, token: Json, plan: Json,
             *, disputed: str | None) -> None:  # fmt: skip
    _belong(provider, session, trial, token)
    paid = charge.make(provider, trial, token, "succeeded")
    provider.state.put(charge.PLANS, paid["id"], plan)
    charge.succeed(provider, paid)
    intent.succeed(provider, trial, paid)
    _complete(provider, session, "paid")
    if disputed:
        dispute.open_(provider, paid, disputed)


def _belong(provider: Provider, session: Json, trial: Json, token: Json) -> None:
    """Makes the customer that the session asks for, and keeps the token where the shop asked for that."""
    if session["customer"] is None and session["customer_creation"] == "always":
        details: Json = session["customer_details"] or {}
        made = customer.make(provider, email=details.get("email"), name=details.get("name"))
        session["customer"] = made["id"]
        provider.state.save(session)
    if session["customer"] and trial["customer"] != session["customer"]:
        trial["customer"] = session["customer"]
        provider.state.save(trial)
    if session["customer"] and trial["setup_future_usage"] and not customer.deleted(provider, session["customer"]):
        method.attach(provider, token, session["customer"])


def _complete(provider: Provider, session: Json, payment_status: str) -> None:
    session.update(status="complete", payment_status=payment_status, url=None)
    provider.state.save(session)
    emit(provider, "checkout.session.completed", session)


def _tell_payer(session: Json, payer: Json) -> None:
    session["customer_details"] = {
        "address": {"city": None, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None},
        "business_name": None,
        "email": session["customer_email"] or payer["email"],
        "individual_name": None,
        "name": payer["name"],
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [],
    }


def _billing(session: Json, payer: Json) -> Json:
    return {
        "address": {"city": None, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None},
        "email": session["customer_email"] or payer["email"],
        "name": payer["name"],
        "phone": None,
        "tax_id": None,
    }
