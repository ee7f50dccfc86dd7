"""A customer: their orders, what they have downloaded, and whether they are erased."""

import asyncio
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes
from pages.site import HTML

from workcenter.web.asking import piece
from workcenter.web.desk import Desk, Sku

routes = Routes()
MOST_ORDERS = 10


@routes.get("/customers/{customer}", also={200: HTML})
async def view(
    read: Read, begin: Begin, request: web.Request, desk: Desk, customer: UUID, sku: Sku | None = None
) -> web.Response:
    """A customer, known by an id; `sku` asks whether they have received an article."""
    visit = await desk.receive(read, begin, request)
    orders, erasure = await asyncio.gather(
        piece(desk, visit, "orders", "/orders", customer=customer, limit=100),
        piece(desk, visit, "accounts", f"/erasures/{customer}"),
    )
    newest = orders.entries[:MOST_ORDERS]
    parts = await asyncio.gather(*(piece(desk, visit, "orders", f"/orders/{one['order']}") for one in newest))
    skus = {line["sku"]: line["name"] for part in parts if part.here for line in part.facts["lines"]}
    proof = await piece(desk, visit, "delivery", f"/customers/{customer}/skus/{sku}/downloads") if sku else None
    return desk.page(
        visit, "customer.html", customer=customer, orders=orders, erasure=erasure, skus=skus, sku=sku, proof=proof
    )
