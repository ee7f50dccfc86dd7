"""Sells one thing as a customer would (`helm test`): by card where a double of the provider takes it."""

import json
import os
import re
import secrets
import time
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

SECONDS = 120
TENANT, CHANNEL, SKU, CARD, MAIL = (os.environ[f"TEST_{name}"] for name in ("TENANT", "CHANNEL", "SKU", "CARD", "MAIL"))
ADDRESS = {"name": "Helm", "street": "Weg 1", "postal_code": "51147", "city": "Köln", "country": "DE"}


class Stay(HTTPRedirectHandler):
    """Follows nobody: that the provider sends the customer back is all there is to know."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follow nobody."""


def ask(service: str, path: str, body: Any = None, token: str = "") -> Any:
    """Return the answer of a service; raises HTTPError and URLError."""
    headers = {"Content-Type": "application/json", "Idempotency-Key": secrets.token_hex(16)}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    address = f"{os.environ['TEST_URL'].replace('SERVICE', service)}{path}"
    request = Request(address, None if body is None else json.dumps(body).encode(), headers)  # noqa: S310 -- the chart says http or https
    with build_opener().open(request, timeout=15) as answer:
        return json.load(answer)


DELIVERY = f"the delivery of {SKU}: has it files, and keys in stock? (GET /missing-files of delivery)"


def until(question: Any, what: str) -> Any:
    """Ask until the answer is truthy; an event may be under way."""
    end = time.monotonic() + SECONDS
    while True:
        try:
            if found := question():
                return found
            last = ""
        except (HTTPError, URLError, TimeoutError) as error:
            last = error.read().decode() if isinstance(error, HTTPError) else str(error)
        if time.monotonic() > end:
            raise SystemExit(f"waited {SECONDS} s for {what} {last}")
        time.sleep(1)


def enter_card(page: str) -> bool:
    """Fill in the page of the provider's double."""
    form = {"method": "card", "number": CARD, "expiry": "12/30", "cvc": "123"}
    try:
        build_opener(Stay).open(page, urlencode(form).encode(), timeout=15)
    except HTTPError as answer:
        return answer.code == 303
    return False


def price() -> int:
    """Return what the shop window asks for the SKU."""
    products = ask("catalog", f"/products?channel={CHANNEL}&tenant={TENANT}&customer_type=consumer&limit=100")["items"]
    variants = [one for product in products for edition in product["editions"] for one in edition["variants"]]
    return next(one["prices"][0]["amount"] for one in variants if one["sku"] == SKU)


def mailed_code() -> str:
    """Return the code that a double of the mail server has taken, nothing before."""
    with build_opener().open(f"{MAIL}/api/mails?{urlencode({'to': person['email']})}", timeout=15) as answer:
        found = re.search(r">([A-Z2-9]{4}-[A-Z2-9]{4})<", answer.read().decode())
    return found[1] if found else ""


person = {"tenant": TENANT, "email": f"helm-{secrets.token_hex(8)}@example.org", "password": secrets.token_urlsafe(16)}
ask("accounts", "/customers", person | {"name": "Helm", "market": "DE", "language": "de", "keep_data": False})
tokens = ask("accounts", "/sign-in", person)
if tokens["must_confirm"]:
    if not MAIL:
        print("registered; the code that confirms the address is mailed, and nobody reads it here")
        raise SystemExit
    body = {"code": until(mailed_code, "the code that confirms the address")}
    tokens = ask("accounts", "/me/email/registered/confirmation", body, tokens["access_token"])
token = tokens["access_token"]
texts = {text["kind"]: text["version"] for text in ask("orders", "/checkout-texts?language=de")["items"]}
kinds = ("immediate_delivery", "withdrawal_lost")
order = {
    "channel": CHANNEL,
    "customer_type": "consumer",
    "language": "de",
    "payment_method": "card" if CARD else "transfer",
    "lines": [{"sku": SKU, "quantity": 1, "price": price()}],
    "consents": [{"kind": kind, "version": texts[kind]} for kind in kinds],
    "billing_address": ADDRESS,
}
placed = until(lambda: ask("orders", "/orders", order, token), "orders to take an order")["order"]
if CARD:
    ask_for_page = {"order": placed, "save_card": False}
    page = until(lambda: ask("payments", "/payments", ask_for_page, token).get("url"), "the payment page")
    if not enter_card(page):
        raise SystemExit("the provider takes no card")
    until(lambda: ask("orders", f"/orders/{placed}", None, token)["state"] == "delivered", DELIVERY)
    print(f"sold and delivered: order {placed}")
else:
    paid_to = until(lambda: ask("payments", f"/orders/{placed}/transfer", None, token), "the account to pay to")
    print(f"ordered, to be paid by transfer with the reference {paid_to['reference']}: order {placed}")
