"""Place orders with a handler written by hand.

Usage: DATABASE_URL= HTTP_PORT= JWKS= python -m benchmarks.order.bare
"""

import hashlib
import hmac
import os
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import holidays
import orjson
from aiohttp import web
from chassis.db.outbox import WRITE as INSERT_OUTBOX
from chassis.web.idempotency import CLAIM, LEASE_SECONDS, SETTLE
from orders.domain.limits import WINDOW
from orders.domain.notice import Contact, Notice, of_order
from orders.domain.taxation import EvidenceContradicts, NotTaxable, check_taxable
from orders.domain.withdrawal import deliver_from, period_end
from orders.store.consents import CURRENT
from orders.store.last_addresses import PUT as PUT_ADDRESS
from orders.store.limits import UNPAID_BACK_TO
from orders.store.offers import ARTICLES
from orders.store.orders import ADD
from orders.store.shipping import ADD as ADD_SHIPPING
from orders.web.bodies import PlaceOrder
from pydantic import ValidationError
from uuid_utils.compat import uuid7

from benchmarks.order.payload import answer, line_of, seal, totals, units_of, with_taxes
from benchmarks.order.shop import MANY
from benchmarks.order.tokens import TokenRefused, Tokens
from benchmarks.reference import Pool, serve

SECRET = b"not a secret"
KEY = re.compile(r"[\x21-\x7e]{1,200}")
CLAIM_WINDOW = timedelta(days=30)
PAY_WITHIN = timedelta(days=14)
COUNTRY, ZONE = "DE", "Europe/Berlin"
PRINTED = ("legal_name", "address", "vat_id", "email", "telephone")
TOPIC = "OrderPlaced"


class NotForSale(Exception):
    """The order is refused: an article, a price or a statement is not what is for sale."""


def routes(app: web.Application, pool: Pool) -> None:
    """Add one route, with the same statements in one transaction, checks, boxes and answer as the service."""
    tokens = Tokens(os.environ["JWKS"])
    days_off = holidays.country_holidays(COUNTRY)

    async def place(request: web.Request) -> web.Response:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        try:
            claims = await tokens.claims(token) if scheme == "Bearer" else None
        except TokenRefused:
            claims = None
        if claims is None:
            return web.Response(status=401)
        if "customer" not in claims["roles"]:
            return web.Response(status=403)
        key, raw = request.headers.get("Idempotency-Key", ""), await request.read()
        if not KEY.fullmatch(key) or request.content_type != "application/json" or b"\\u0000" in raw:
            return web.Response(status=400)
        try:
            body = PlaceOrder.model_validate_json(raw)
        except ValidationError:
            return web.Response(status=422)
        marked = hmac.new(SECRET, key.encode(), hashlib.sha256).hexdigest()
        scope = (claims["tenant"], claims["sub"], "POST", "/orders", marked)
        now = datetime.now(UTC)
        async with pool.acquire() as connection, connection.transaction():
            body_hash = hmac.new(SECRET, raw, hashlib.sha256).digest()
            until = await connection.fetchval(CLAIM, *scope, body_hash, LEASE_SECONDS, now)
            if until is None:
                return web.Response(status=409)
            whose = claims["tenant"], UUID(claims["sub"])
            if await connection.fetchval(UNPAID_BACK_TO, *whose, now - WINDOW, int(MANY) - 1) is not None:
                return web.Response(status=429)
            try:
                placed, end, units = await freeze(connection, claims, body, now)
            except (NotForSale, NotTaxable, EvidenceContradicts):
                return web.Response(status=422)
            placed["order_number"] = await connection.fetchval(ADD, *columns(placed, end, units))
            if any(unit["fulfilment"] == "boxed" for unit in units):
                going = body.shipping_address or body.billing_address
                box = kept(going, claims["keys"]["contact"], tokens, "shipping address")
                await connection.execute(ADD_SHIPPING, claims["tenant"], UUID(placed["order"]), box)
            box = kept(body.billing_address, claims["keys"]["profile"], tokens, "address")
            await connection.execute(PUT_ADDRESS, *whose, whose[1], box, now)
            ids = orjson.dumps({"order": placed["order"]}).decode()
            await connection.execute(SETTLE, *scope, 201, ids, until)
            head = [uuid7()], [TOPIC], [placed["order"]], [orjson.dumps(placed)]
            more = [placed["order"]], [placed["tenant"]], [None], [None], [None]
            await connection.execute(INSERT_OUTBOX, *head, *more, now)
        location = {"Location": f"/orders/{placed['order']}"}
        content = orjson.dumps(answer(placed, units))
        return web.Response(status=201, body=content, content_type="application/json", headers=location)

    async def freeze(
        connection: Any, claims: dict[str, Any], body: PlaceOrder, now: datetime
    ) -> tuple[dict[str, Any], datetime, list[dict[str, Any]]]:
        """Return the payload of OrderPlaced, the end of the withdrawal period, and the units."""
        skus = [line.sku for line in body.lines]
        found = await connection.fetch(ARTICLES, claims["tenant"], body.channel, skus, now.year, COUNTRY, now.date())
        offers = {row["sku"]: row for row in found}
        scope = claims["tenant"], offers[skus[0]]["seller"] if skus[0] in offers else None
        rows = await connection.fetch(CURRENT, body.language, now, *scope)
        texts = {row["kind"]: row for row in rows if row["kind"]}
        stated = consents(body, texts, now)
        end = period_end(now, ZONE, is_off)
        release = deliver_from(body.customer_type, frozenset(each["kind"] for each in stated), end)
        lines = with_taxes([frozen(offers.get(line.sku), line, body, now, release) for line in body.lines])
        seller, billed = offers[skus[0]], body.billing_address
        if seller["legal_name"] is None or seller["key_id"] is None or len({offers[sku]["seller"] for sku in skus}) > 1:
            raise NotForSale
        evidence = check_taxable(seller["country"], billed.country, billed.postal_code, body.vat_id)
        notice = notice_of(body, offers, [row for row in rows if row["fulfilment"]])
        key, public = seller["key_id"], seller["public_key"]
        profile = claims["keys"]["profile"]
        placed = {
            "tenant": claims["tenant"],
            "channel": body.channel,
            "market": billed.country,
            "seller": seller["seller"],
            "order": str(uuid7()),
            "order_number": "",
            "ordered_at": now,
            "customer": claims["sub"],
            "organisation": None,
            "customer_type": body.customer_type,
            "language": body.language,
            "payment_method": body.payment_method,
            "consents": stated,
            "coupon": None,
            "seller_details": {name: seller[name] for name in PRINTED},
            "terms": {
                "terms_version": body.terms_version or texts["terms"]["version"],
                "withdrawal_notice_version": notice[0],
                "withdrawal_notice": notice[1],
                "button_text": texts["button"]["text"],
            },
            "tax_country": COUNTRY,
            "tax_evidence": evidence,
            "lines": lines,
            "totals": totals(lines, body.currency),
            "pay_until": now + PAY_WITHIN,
            "keys": claims["keys"],
            **{name: claims[name] for name in ("name_profile", "email_profile", "name_contact", "email_contact")},
            "company_profile": seal(body.company, UUID(profile["key"]), tokens.public(profile), "company"),
            "company_records": seal(body.company, key, public, "company"),
            "vat_id_records": seal(body.vat_id, key, public, "vat_id"),
            "purchase_number_records": seal(body.purchase_number, key, public, "purchase_number"),
            "billing_address_records": seal(billed.model_dump_json(), key, public, "address"),
        }
        return placed, end, [unit for line in lines for unit in units_of(line)]

    def is_off(day: date) -> bool:
        return day in days_off

    app.router.add_post("/orders", place)


def kept(address: Any, key: dict[str, Any], tokens: Tokens, kind: str) -> str:
    """Return an address as it is stored beside an order, sealed to a key of the customer."""
    box = seal(address.model_dump_json(), UUID(key["key"]), tokens.public(key), kind)
    return orjson.dumps(box).decode()


def notice_of(body: PlaceOrder, offers: dict[str, Any], own: list[Any]) -> tuple[str, str]:
    """Return version and text of the notice of the right of withdrawal, which businesses do not have."""
    if body.customer_type == "business":
        return "", ""
    pieces: dict[str, int] = {}
    for line in body.lines:
        kind = offers[line.sku]["fulfilment"]
        pieces[kind] = pieces.get(kind, 0) + line.quantity
    seller = offers[body.lines[0].sku]
    contact = Contact(seller["legal_name"], seller["address"], seller["telephone"], seller["email"])
    notices = {row["fulfilment"]: Notice(row["version"], row["text"]) for row in own}
    return of_order(body.language, notices, pieces, contact)


def consents(body: PlaceOrder, texts: dict[str, Any], now: datetime) -> list[dict[str, Any]]:
    """Return the customer's statements with their texts. Raises NotForSale."""
    if body.customer_type == "business":
        return []
    if any(each.kind not in texts or texts[each.kind]["version"] != each.version for each in body.consents):
        raise NotForSale
    head = {"language": body.language, "given_at": now}
    return [
        {"kind": each.kind, "text": texts[each.kind]["text"], "version": each.version, **head} for each in body.consents
    ]


def frozen(offer: Any, wanted: Any, body: PlaceOrder, now: datetime, release: datetime | None) -> dict[str, Any]:
    """Return a line at the price that the customer saw. Raises NotForSale."""
    if offer is None or offer["tax_rate"] is None or now < offer["sellable_from"]:
        raise NotForSale
    if offer["sellable_until"] is not None and now >= offer["sellable_until"]:
        raise NotForSale
    if body.billing_address.country not in offer["markets"] or body.customer_type not in offer["customer_types"]:
        raise NotForSale
    prices = [orjson.loads(offer[name]) for name in ("prices", "rrp")]
    price, rrp = [valid(series, body.currency, now) for series in prices]
    if price != wanted.price:
        raise NotForSale
    return line_of(offer, wanted.quantity, price, rrp, release)


def valid(series: list[dict[str, Any]], currency: str, now: datetime) -> int:
    """Return the latest price that is valid now, or -1."""
    of_currency = [price for price in series if price["currency"] == currency]
    dated = [(datetime.fromisoformat(price["valid_from"]), price["amount"]) for price in of_currency]
    return max((each for each in dated if each[0] <= now), default=(now, -1))[1]


def columns(placed: dict[str, Any], end: datetime, units: list[dict[str, Any]]) -> tuple[Any, ...]:
    """Return the parameters that insert an order, its lines, units and statements."""
    return (
        orjson.dumps(placed).decode(),
        None,
        end,
        CLAIM_WINDOW,
        [UUID(unit["unit"]) for unit in units],
        [UUID(unit["line"]) for unit in units],
        *([unit[name] for unit in units] for name in ("net", "tax", "gross", "fulfilment")),
        f"K-{placed['ordered_at'].year}-",
        placed["pay_until"],
    )


if __name__ == "__main__":
    serve(routes)
