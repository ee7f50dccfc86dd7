"""Stocks of serials: filled from lists, and what became of them."""

import asyncio
from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from aiohttp import web
from chassis.db import REPEATABLE, Begin, Read
from chassis.identity import Caller
from chassis.lists import Options
from chassis.web import Answer, Listing, Routes, View, raw_body, unavailable
from pydantic import Field

from licensing.domain import licenses
from licensing.store import stocks, units, unreadable
from licensing.usecases.importing import Import, import_serials, preview, seal_file
from licensing.usecases.vault import Vault
from licensing.web.bodies import STAFF, Sku, Tenant

LARGEST_FILE = 8 * 2**20
UPLOAD_SECONDS = 60
FILE_TYPES = ("text/csv", "text/plain")
Column = Annotated[str, Field(min_length=1, max_length=64)]
routes = Routes()


class StockView(View):
    """A SKU's serials and keys: `issued` counts all ever given, `reserved` what is ordered and unpaid.

    A purchase whose units share a key counts once; `unreadable` serials are out of stock, for they do not open.
    """

    sku: str
    available: int
    unreadable: int
    reserved: int
    issued: int
    backordered: int
    waiting: int
    low_stock: int


class LinesView(View):
    """How many lines, and the numbers of the first hundred."""

    count: int
    lines: list[int]


class LineView(View):
    """A line, counted from 1, and the rule why it was not taken as it is."""

    line: int
    rule: str


class ReasonsView(View):
    """How many lines, and the first hundred with their reasons."""

    count: int
    lines: list[LineView]


class ImportView(View):
    """What became of a list; `before` where it had been imported already, and nothing was taken now.

    A dry run has neither id nor time, and `taken` is what would be taken: nothing where the list would be refused.
    """

    import_id: UUID | None
    sku: str
    taken: int
    faulty: ReasonsView
    unlike: ReasonsView
    left_out: ReasonsView
    repeated: LinesView
    in_stock: LinesView
    imported_at: datetime | None
    before: bool


class UsedUpView(View):
    """A SKU of which no serial is left."""

    sku: str


class BackorderView(View):
    """How many keys of a SKU customers wait for, in how many orders."""

    sku: str
    backordered: int
    orders: int


@routes.get("/backorders", allow=("files", *STAFF))
async def list_backorders(read: Read, caller: Caller) -> Listing[BackorderView]:
    """The SKUs for which customers have paid and wait, for no serial is left."""
    return Listing(items=[BackorderView(**row) for row in await units.backordered(read, caller.tenant)])


@routes.get("/tenants/{tenant}/used-up")
async def list_used_up(read: Read, tenant: Tenant) -> Listing[UsedUpView]:
    """The articles of which no serial is left, and nothing else of any stock: for shops, which everybody may look at.

    One that has its keys from no stock is named, too: catalog knows where an article has them from.
    """
    return Listing(items=[UsedUpView(sku=sku) for sku in await stocks.used_up(read, tenant)])


@routes.get("/skus/{sku}/stock", allow=("files", *STAFF))
async def view_stock(read: Read, caller: Caller, sku: Sku) -> StockView:
    """How many serials are left, and what became of the others."""
    stock = await stocks.find(read, caller.tenant, sku)
    counts = await units.counts(read, caller.tenant, sku)
    reserved = await stocks.reserved(read, caller.tenant, sku)
    if stock is None and not any(counts.values()) and not reserved:
        raise licenses.SkuUnknown
    available, low_stock = (stock.available, stock.low_stock) if stock is not None else (0, 0)
    broken = await unreadable.count(read, caller.tenant, sku)
    return StockView(sku=sku, available=available, unreadable=broken, low_stock=low_stock, reserved=reserved, **counts)


@routes.post("/skus/{sku}/serials", allow=("files", "sales"), takes=FILE_TYPES, also={200: ImportView, 201: ImportView})
async def import_file(
    begin: Begin,
    read: Read,
    caller: Caller,
    request: web.Request,
    vault: Vault,
    sku: Sku,
    column: Column | None = None,
    other_makers: bool = False,
    take_unlike: bool = False,
    skip_duplicates: bool = False,
    dry_run: bool = False,
) -> Answer:
    """Put the serials of a list in stock: all, or none where a line is faulty, unlike all others, or repeated.

    The body is a text or CSV file of at most 8 MiB, with one serial a line, in a `column` (a heading or a number) where
    there are several. The same file again is not taken again. `dry_run` tells what would happen and takes nothing.
    """
    options = Options(column, take_unlike, skip_duplicates)
    read_and_seal = partial(seal_file, vault=vault, options=options, other_makers=other_makers)
    content = await raw_body(request, LARGEST_FILE, *FILE_TYPES, seconds=UPLOAD_SECONDS)
    sealed = await asyncio.to_thread(read_and_seal, content)
    if dry_run:
        return Answer(_imported(sku, await preview(read, caller.tenant, sku, sealed)))
    try:
        async with begin() as tx:
            imported = await import_serials(tx, caller.tenant, sku, sealed, caller.subject)
    except REPEATABLE:
        raise unavailable() from None
    return Answer(_imported(sku, imported), status=200 if imported.before else 201)


def _imported(sku: str, imported: Import) -> ImportView:
    return ImportView(
        import_id=imported.import_id,
        sku=sku,
        taken=imported.taken,
        imported_at=imported.imported_at,
        before=imported.before,
        **imported.report,
    )
