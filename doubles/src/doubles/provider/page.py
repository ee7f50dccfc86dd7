"""The hosted page: the only code that ever sees a card number, which it forgets."""

import asyncio
import re
import time
from collections.abc import Mapping
from html import escape

from aiohttp import web

from . import checkout, method, words
from .provider import Provider
from .session import PLAN, SESSION
from .wire import Json, money

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { margin: 0; background: Canvas; color: CanvasText }
main { max-width: 58rem; margin: 0 auto; padding: 2rem 1rem; display: grid; gap: 2rem }
@media (min-width: 48rem) { main { grid-template-columns: 1fr 1fr; gap: 4rem } }
h1 { font-size: 2.25rem; margin: 0 0 1rem }
table { width: 100%; border-collapse: collapse }
td, th { padding: .4rem 0; text-align: left; font-weight: normal }
td:last-child { text-align: right; font-variant-numeric: tabular-nums }
tfoot td, tfoot th { border-top: 1px solid GrayText; font-weight: 600 }
label { display: block; margin: .75rem 0 .25rem }
input:not([type=radio]) { width: 100%; box-sizing: border-box; padding: .6rem; font: inherit;
  border: 1px solid GrayText; border-radius: .4rem; background: Field; color: FieldText }
fieldset { border: 1px solid GrayText; border-radius: .5rem; margin: 0 0 1rem; padding: .75rem 1rem }
legend label { display: inline; margin: 0; font-weight: 600 }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem }
button { width: 100%; padding: .8rem; font: inherit; font-weight: 600; border: 0; border-radius: .4rem;
  background: #0a5bd3; color: #fff; cursor: pointer }
[role=alert] { border: 2px solid #b3261e; border-radius: .4rem; padding: .6rem .8rem; margin-bottom: 1rem }
:focus-visible { outline: 3px solid #7aa7ff; outline-offset: 2px }
"""
EMAIL = '<label for="email">{email}</label><input id="email" name="email" type="email">'
NAME = '<label for="name">{name}</label><input id="name" name="name"><p></p>'
FIELDS = {
    "card": """<fieldset><legend><label><input type="radio" name="method" value="card" {checked}> {card}</label>
</legend>
<label for="number">{number}</label>
<input id="number" name="number" inputmode="numeric" placeholder="1234 1234 1234 1234">
<div class="pair"><div><label for="expiry">{expiry}</label><input id="expiry" name="expiry" placeholder="{date}"></div>
<div><label for="cvc">{cvc}</label><input id="cvc" name="cvc" inputmode="numeric" placeholder="{cvc}"></div></div>
</fieldset>""",
    "sepa_debit": """<fieldset><legend><label><input type="radio" name="method" value="sepa_debit" {checked}> \
{debit}</label></legend>
<label for="iban">IBAN</label><input id="iban" name="iban" placeholder="DE00 0000 0000 0000 0000 00">
<p>{later}</p></fieldset>""",
}
LABELS = {
    "card": "Card",
    "number": "Card number",
    "expiry": "Expiry",
    "date": "MM / YY",
    "cvc": "CVC",
    "debit": "SEPA Direct Debit",
    "later": "The money arrives some time after the order.",
}


class Mistake(Exception):
    """A field of the form is wrong; the text is what the customer reads."""


def add_routes(app: web.Application, provider: Provider) -> None:
    """Add the hosted page to the application."""

    def accepted(request: web.Request) -> str:
        return request.headers.get("Accept-Language", "")

    async def show(request: web.Request) -> web.StreamResponse:
        return _respond(provider, provider.state.get(SESSION, request.match_info["session"]), None, accepted(request))

    async def pay(request: web.Request) -> web.StreamResponse:
        session = provider.state.get(SESSION, request.match_info["session"])
        if session is None or session["status"] == "expired":
            return _respond(provider, session, None, accepted(request))
        form = {name: str(value).strip() for name, value in (await request.post()).items()}
        if session["status"] == "open":
            try:
                problem = await _pay(provider, session, form)
            except Mistake as mistake:
                problem = str(mistake)
            if problem or not _is_complete(session):
                return _respond(provider, session, problem, accepted(request))
        # Whoever sends the form twice is redirected like the first time.
        onward = session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"])
        return web.Response(status=303, headers={**HEADERS, "Location": onward})

    app.router.add_get("/pay/{session}", show)
    app.router.add_post("/pay/{session}", pay)


def _is_complete(session: Json) -> bool:
    return session["status"] == "complete"


async def _pay(provider: Provider, session: Json, form: Mapping[str, str]) -> str | None:
    payer: Json = {"email": form.get("email") or None, "name": form.get("name") or None}
    chosen = form.get("method") or "card"
    if chosen.startswith("pm_"):
        token = provider.state.get(method.METHOD, chosen)
        if token is None or session["customer"] is None or token["customer"] != session["customer"]:
            raise Mistake("This saved card is no longer there.")
        if token["type"] != "card":
            raise Mistake("Please choose how to pay.")
        checkout.pay_by_token(provider, session, token)
        return None
    if chosen not in session["payment_method_types"]:
        raise Mistake("Please choose how to pay.")
    if chosen == "sepa_debit":
        iban = re.sub(r"\s", "", form.get("iban", "")).upper()
        if not method.is_iban(iban):
            raise Mistake("The IBAN you entered is invalid.")
        checkout.pay_by_account(provider, session, iban, payer)
        return None
    number = re.sub(r"[\s-]", "", form.get("number", ""))
    month, year = _check_card(number, form.get("expiry", ""), form.get("cvc", ""))
    details = await asyncio.to_thread(method.card_details, number, month, year, provider.api_key)
    if session["status"] != "open":
        return None
    declined = checkout.pay_by_card(provider, session, number, details, payer)
    return declined.message if declined else None


def _check_card(number: str, expiry: str, cvc: str) -> tuple[int, int]:
    """Return the month and year of the expiry date."""
    if not method.passes_luhn(number):
        raise Mistake("Your card number is invalid.")
    date = re.fullmatch(r"(\d{1,2})\s*[/-]\s*(\d{2}|\d{4})", expiry, re.ASCII)
    if not date or not 1 <= int(date[1]) <= 12:
        raise Mistake("Your card's expiration date is incomplete.")
    month, year = int(date[1]), int(date[2]) % 100 + 2000
    if (year, month) < time.gmtime()[:2]:
        raise Mistake("Your card's expiration date is in the past.")
    if not re.fullmatch(r"\d{3,4}", cvc, re.ASCII):
        raise Mistake("Your card's security code is incomplete.")
    return month, year


def _respond(provider: Provider, session: Json | None, problem: str | None, accepted: str) -> web.Response:
    language = words.chosen(session["locale"] if session else None, accepted)
    if session is None:
        status, text = 404, _notice("This page does not exist.", None, language)
    elif session["status"] == "open":
        status, text = (402 if problem else 200), _form(provider, session, problem, language)
    elif session["status"] == "complete":
        status, text = 200, _notice("You're all done here. This payment has been made.", None, language)
    else:
        status, text = 410, _notice("This checkout session has timed out.", session["cancel_url"], language)
    return web.Response(status=status, text=text, content_type="text/html", headers=HEADERS)


def _document(title: str, body: str, language: str) -> str:
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main>{body}</main></body></html>"
    )


def _notice(sentence: str, back: str | None, language: str) -> str:
    title, text = words.put("Payment", language), escape(words.put(sentence, language))
    link = f'<p><a href="{escape(back)}">{words.put("Back to the shop", language)}</a></p>' if back else ""
    return _document(title, f"<div><h1>{title}</h1><p>{text}</p>{link}</div>", language)


def _form(provider: Provider, session: Json, problem: str | None, language: str) -> str:
    """Render the form that takes a payment; nothing that was typed is shown again."""
    currency = session["currency"]
    total = escape(words.amount(money(session["amount_total"], currency), language))
    payment, pay = words.put("Payment", language), words.put("Pay", language)
    rows = "".join(
        f"<tr><th scope=row>{escape(line['description'])} × {line['quantity']}</th>"
        f"<td>{escape(words.amount(money(line['amount_total'], currency), language))}</td></tr>"
        for line in provider.state[PLAN, session["id"]]["lines"]
    )
    back = (
        f'<p><a href="{escape(session["cancel_url"])}">← {words.put("Back", language)}</a></p>'
        if session["cancel_url"]
        else ""
    )
    order = (
        f"<section aria-label={words.put('Order', language)}>{back}<h1>{total}</h1><table><tbody>{rows}</tbody>"
        f"<tfoot><tr><th scope=row>{words.put('Total', language)}</th><td>{total}</td></tr></tfoot></table></section>"
    )
    alert = f'<p role="alert" id="problem">{escape(words.put(problem, language))}</p>' if problem else ""
    kinds = [kind for kind in session["payment_method_types"] if kind in FIELDS]
    saved = method.tokens_of(provider, session["customer"]) if session["customer"] else []
    choices = [_saved_card(token) for token in saved if token["type"] == "card"]
    labels = {name: words.put(text, language) for name, text in LABELS.items()}
    choices += [
        FIELDS[kind].format(checked="checked" if index == 0 else "", **labels) for index, kind in enumerate(kinds)
    ]
    email = "" if session["customer_email"] else EMAIL.format(email=words.put("E-mail", language))
    name = NAME.format(name=words.put("Name", language))
    return _document(
        f"{pay} {total}",
        f'{order}<section aria-label="{payment}">{alert}<form method="post" autocomplete="off">{email}'
        f'{"".join(choices)}{name}<button type="submit">{pay} {total}</button></form></section>',
        language,
    )


def _saved_card(token: Json) -> str:
    card = token["card"]
    return (
        f'<fieldset><legend><label><input type="radio" name="method" value="{escape(token["id"])}"> '
        f"{escape(card['brand'].title())} •••• {escape(card['last4'])}</label></legend></fieldset>"
    )
