"""Looking for anything: orders, articles, customers and keys."""

import asyncio
from typing import Any, Final

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.site import HTML, see
from pages.visit import Visit

from workcenter.domain.roles import BOOKKEEPING, FILES, REVIEWER, SALES, SUPPORT
from workcenter.domain.sought import Kind, key_end, kinds, numbers
from workcenter.web.asking import Piece, nothing, piece, taken
from workcenter.web.desk import Desk, Word, may
from workcenter.web.finding import summaries

routes = Routes()
AT_ONCE: Final = 200
# of so many customers the name is opened, which is recorded of each
MOST_NAMED: Final = 10
# so many orders stand beside a customer
BESIDE: Final = 3


@routes.get("/search", also={200: HTML, 303: None})
async def search(read: Read, begin: Begin, request: web.Request, desk: Desk, q: Word = "") -> web.Response:
    """What was found; a single order or article is opened at once."""
    visit = await desk.receive(read, begin, request)
    text = q.strip()
    if not text:
        return desk.page(
            visit,
            "search.html",
            q="",
            orders=[],
            articles=[],
            meant=None,
            customers=await nothing(),
            known=[],
            keys=[],
            more=0,
        )
    wanted = kinds(text)
    orders, (articles, meant), customers, keys = await asyncio.gather(
        _orders(desk, visit, text),
        _articles(desk, visit, text),
        _customers(desk, visit, text, wanted),
        _keys(desk, visit, text),
    )
    named = [one for one in orders if one["number"] in numbers(text) or one["order"] == text.lower()]
    if len(orders) == 1 and not customers.entries and (named or not keys):
        return see(f"/orders/{orders[0]['order']}")
    exact = [one for one in articles if one["sku"].lower() == text.lower()]
    if len(exact) == 1 and not orders:
        return see(f"/skus/{exact[0]['sku']}")
    known = await asyncio.gather(*(_known(desk, visit, one) for one in customers.entries[:MOST_NAMED]))
    return desk.page(
        visit,
        "search.html",
        q=text,
        orders=orders,
        articles=articles,
        meant=meant,
        customers=customers,
        known=known,
        keys=keys,
        more=MOST_NAMED,
    )


async def articles_for_sale(desk: Desk, visit: Visit, tenant: str, text: str | None = None) -> list[dict[str, Any]]:
    """Return the articles that any channel sells, with their product's name, each once."""
    return (await _for_sale(desk, visit, tenant, text))[0]


async def _for_sale(desk: Desk, visit: Visit, tenant: str, text: str | None) -> tuple[list[dict[str, Any]], str | None]:
    """Return the same; where only near words were found in every channel, what they may have meant beside it."""
    channels = await piece(desk, visit, "catalog", "/channels", tenant=tenant)
    lists = await asyncio.gather(
        *(
            piece(
                desk,
                visit,
                "catalog",
                "/products",
                tenant=tenant,
                channel=channel["channel"],
                search=text,
                limit=AT_ONCE,
            )
            for channel in channels.entries
        )
    )
    exact = [listed for listed in lists if listed.entries and not listed.facts["meant"]]
    meant = next((listed.facts["meant"] for listed in lists if listed.entries), None) if not exact else None
    found: dict[str, dict[str, Any]] = {}
    for listed in exact or lists:
        for product in listed.entries:
            for edition in product["editions"]:
                for variant in edition["variants"]:
                    name = _name(product, edition)
                    found.setdefault(
                        variant["sku"], {"sku": variant["sku"], "name": name, "product": product["product"]}
                    )
    return list(found.values()), meant


def _name(product: dict[str, Any], edition: dict[str, Any]) -> str:
    if edition["name"].startswith(product["family"]):
        return edition["name"]
    return " ".join(part for part in (product["family"], product["version"], edition["name"]) if part)


async def _orders(desk: Desk, visit: Visit, text: str) -> list[dict[str, Any]]:
    if not may(visit, SALES, SUPPORT, BOOKKEEPING, REVIEWER):
        return []
    return await summaries(desk, visit, text)


async def _keys(desk: Desk, visit: Visit, text: str) -> list[dict[str, Any]]:
    """Return the keys that end as a text does, with the numbers of their orders; nothing for who may see no keys."""
    end = key_end(text)
    if end is None or not may(visit, SALES, SUPPORT, REVIEWER) or {Kind.ID, Kind.EMAIL} & set(kinds(text)):
        return []
    found = (await piece(desk, visit, "licensing", "/licenses", ending=end)).entries
    orders = await asyncio.gather(*(piece(desk, visit, "orders", f"/orders/{one['order']}") for one in found))
    return [
        {**one, **({name: order.facts[name] if order.here else "" for name in ("number", "seller")})}
        for one, order in zip(found, orders, strict=True)
    ]


async def _articles(desk: Desk, visit: Visit, text: str) -> tuple[list[dict[str, Any]], str | None]:
    if not may(visit, SALES, FILES, SUPPORT) or not desk.upstream.has("catalog"):
        return [], None
    tenant = visit.session.tenant if visit.session else ""
    everything, (named, meant) = await asyncio.gather(
        articles_for_sale(desk, visit, tenant), _for_sale(desk, visit, tenant, text[:100])
    )
    like = [one for one in everything if text.lower() in one["sku"].lower()]
    if meant and (like or {Kind.ID, Kind.EMAIL, Kind.NUMBER} & set(kinds(text))):
        named, meant = [], None  # a part of a number is what it is, and no mistake
    return list({one["sku"]: one for one in (*like, *named)}.values()), meant


async def _known(desk: Desk, visit: Visit, found: dict[str, Any]) -> dict[str, Any]:
    """Return a customer with their name, whose reading is recorded, and the orders found, or else their latest."""
    customer = found["customer"]
    name, orders = await asyncio.gather(
        piece(desk, visit, "accounts", f"/customers/{customer}/name"), _beside(desk, visit, customer, found["orders"])
    )
    return {"customer": customer, "name": name.facts["name"] if name.here else None, "orders": orders}


async def _beside(desk: Desk, visit: Visit, customer: str, found: list[str]) -> list[dict[str, Any]]:
    if not found:
        return (await piece(desk, visit, "orders", "/orders", customer=customer, limit=BESIDE)).entries
    orders = await asyncio.gather(*(piece(desk, visit, "orders", f"/orders/{one}") for one in found[:BESIDE]))
    return [one.facts for one in orders if one.here]


async def _customers(desk: Desk, visit: Visit, text: str, wanted: list[Kind]) -> Piece:
    if not may(visit, SUPPORT):
        return Piece("denied")
    if Kind.EMAIL not in wanted and Kind.NAME not in wanted:
        return await nothing()
    by = {"email": text} if Kind.EMAIL in wanted else {"name": text[:120], "company": text[:200]}
    try:
        return taken(await desk.upstream.post(visit, "accounts", "/customer-search", by))
    except Problem as refused:
        if refused.status >= 500:
            return Piece("away")
        return Piece("none")
