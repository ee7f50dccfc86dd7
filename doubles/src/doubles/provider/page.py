"""The hosted page: the only place that ever sees a card number, which it forgets."""

import asyncio
import hashlib
import re
import time
from collections.abc import Mapping

from aiohttp import web

from . import cards, checkout, html, ibans, method
from . import session as sessions
from .provider import Provider
from .shapes import Json

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


class Wrong(Exception):
    """Something on the form is wrong; the text is what the customer reads."""


def add_routes(app: web.Application, provider: Provider) -> None:
    """Hangs the hosted page into the application."""

    async def show(request: web.Request) -> web.StreamResponse:
        session = provider.state.get(sessions.KIND, request.match_info["session"])
        return _page(provider, session, None)

    async def pay(request: web.Request) -> web.StreamResponse:
        session = provider.state.get(sessions.KIND, request.match_info["session"])
        if session is None or session["status"] == "expired":
            return _page(provider, session, None)
        form = {name: str(value).strip() for name, value in (await request.post()).items()}
        if session["status"] == "open":
            try:
                problem = await _try(provider, session, form)
            except Wrong as wrong:
                problem = str(wrong)
            if problem or not _is_paid(session):
                return _page(provider, session, problem)
        # Whoever sends the form twice is led on like the first time.
        onward = session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"])
        return web.Response(status=303, headers={**HEADERS, "Location": onward})

    app.router.add_get("/pay/{session}", show)
    app.router.add_post("/pay/{session}", pay)


def _is_paid(session: Json) -> bool:
    return session["status"] == "complete"


def _page(provider: Provider, session: Json | None, problem: str | None) -> web.Response:
    if session is None:
        status, text = 404, html.notice("This page does not exist.", None)
    elif session["status"] == "open":
        lines = sessions.plan_of(provider, session)["lines"]
        saved = method.of_customer(provider, session["customer"]) if session["customer"] else []
        status, text = (402 if problem else 200), html.form(session, lines, saved, problem)
    elif session["status"] == "complete":
        status, text = 200, html.notice("You're all done here. This payment has been made.", None)
    else:
        status, text = 410, html.notice("This checkout session has timed out.", session["cancel_url"])
    return web.Response(status=status, text=text, content_type="text/html", headers=HEADERS)


async def _try(provider: Provider, session: Json, form: Mapping[str, str]) -> str | None:
    payer: Json = {"email": form.get("email") or None, "name": form.get("name") or None}
    chosen = form.get("method") or "card"
    if chosen.startswith("pm_"):
        _pay_by_token(provider, session, chosen)
        return None
    if chosen not in session["payment_method_types"]:
        raise Wrong("Please choose how to pay.")
    if chosen == "sepa_debit":
        iban = ibans.normal(form.get("iban", ""))
        if not ibans.holds(iban):
            raise Wrong("The IBAN you entered is invalid.")
        mark = hashlib.blake2b(iban.encode(), key=provider.api_key.encode()[:64], digest_size=8).hexdigest()
        checkout.pay_by_account(provider, session, iban, mark, payer)
        return None
    number = re.sub(r"[\s-]", "", form.get("number", ""))
    month, year = _check_card(number, form.get("expiry", ""), form.get("cvc", ""))
    card = await asyncio.to_thread(cards.keep, number, month, year, provider.api_key)
    if session["status"] != "open":
        return None
    declined = checkout.pay_by_card(provider, session, number, card, cards.decline(number), payer)
    return declined.message if declined else None


def _pay_by_token(provider: Provider, session: Json, token_id: str) -> None:
    token = provider.state.get(method.KIND, token_id)
    if token is None or session["customer"] is None or token["customer"] != session["customer"]:
        raise Wrong("This saved card is no longer there.")
    if token["type"] != "card":
        raise Wrong("Please choose how to pay.")
    checkout.pay_by_token(provider, session, token)


def _check_card(number: str, expiry: str, cvc: str) -> tuple[int, int]:
    if not cards.passes_luhn(number):
        raise Wrong("Your card number is invalid.")
    fits = re.fullmatch(r"(\d{1,2})\s*[/-]\s*(\d{2}|\d{4})", expiry, re.ASCII)
    if not fits or not 1 <= int(fits[1]) <= 12:
        raise Wrong("Your card's expiration date is incomplete.")
    month, year = int(fits[1]), int(fits[2]) % 100 + 2000
    if (year, month) < _this_month():
        raise Wrong("Your card's expiration date is in the past.")
    if not re.fullmatch(r"\d{3,4}", cvc, re.ASCII):
        raise Wrong("Your card's security code is incomplete.")
    return month, year


def _this_month() -> tuple[int, int]:
    today = time.gmtime()
    return today.tm_year, today.tm_mon
