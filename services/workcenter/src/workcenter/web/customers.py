"""A customer: their orders, what they have downloaded, and whether they are erased."""

import asyncio
from typing import Final
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes
from pages.site import HTML
from pages.visit import Visit

from workcenter.domain.roles import REVIEWER, SALES, SUPPORT
from workcenter.domain.sought import as_written
from workcenter.web.asking import nothing, piece
from workcenter.web.desk import Desk, Word, may
from workcenter.web.reading import name_of, opened_here

routes = Routes()
# who may ask whether a customer has received something
PROVERS: Final = (SALES, SUPPORT, REVIEWER)


@routes.get("/customers/{customer}", also={200: HTML})
async def view(
    read: Read, begin: Begin, request: web.Request, desk: Desk, customer: UUID, sku: Word = ""
) -> web.Response:
    """A customer, known by an id; `sku` asks whether they have received an article, in capitals or not."""
    visit = await desk.receive(read, begin, request)
    return await _page(desk, visit, customer, sku.strip())


@routes.get("/customers/{customer}/name", also={200: HTML, 303: None})
async def name(read: Read, begin: Begin, request: web.Request, desk: Desk, customer: UUID) -> web.Response:
    """The same with what the customer is called, unless they are erased; that it is read is recorded."""
    visit = await desk.receive(read, begin, request)
    opened_here(request, f"/customers/{customer}")
    found = await name_of(desk, visit, customer)
    return await _page(desk, visit, customer, "", found.facts)


async def _page(
    desk: Desk, visit: Visit, customer: UUID, asked: str, known: dict[str, str] | None = None
) -> web.Response:
    proves = may(visit, *PROVERS)
    orders, erasure, bought = await asyncio.gather(
        piece(desk, visit, "orders", "/orders", customer=customer, limit=100),
        piece(desk, visit, "accounts", f"/erasures/{customer}") if may(visit, SUPPORT, REVIEWER) else nothing(),
        piece(desk, visit, "delivery", f"/customers/{customer}/skus") if proves else nothing(),
    )
    meant = as_written(asked, (one["sku"] for one in bought.entries)) if asked and bought.here else None
    if asked and bought.here and meant is None:
        meant = await _for_sale(desk, visit, asked)
    path = f"/customers/{customer}/skus/{meant}/downloads"
    proof = await piece(desk, visit, "delivery", path) if meant else None
    return desk.page(
        visit,
        "customer.html",
        place=f"/customers/{customer}" if visit.path.partition("?")[0].endswith("/name") else "",
        customer=customer,
        name=known and known["name"],
        email=known and known["email"],
        supports=may(visit, SUPPORT),
        orders=orders,
        erasure=erasure,
        bought=bought,
        asked=asked,
        sku=meant,
        proof=proof,
    )


async def _for_sale(desk: Desk, visit: Visit, text: str) -> str | None:
    """Return the SKU of an article that the tenant has, though this customer has not bought it."""
    found = await piece(desk, visit, "catalog", "/assortment", state="all", search=text[:100], limit=50)
    skus = [sku for product in found.entries for edition in product["editions"] for sku in edition["skus"]]
    return as_written(text, skus)
