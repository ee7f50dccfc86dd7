"""The door for HTTP."""

import asyncio
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from aiohttp import web
from chassis.db import REPEATABLE, Begin, Read
from chassis.identity import Caller
from chassis.web import KEPT_NOWHERE, Answer, Body, Problem, Rate, Routes, View, unavailable
from pydantic import Field

from licensing.domain import keys, licenses, serials
from licensing.domain.stock import SKU
from licensing.store import orders, stocks, units
from licensing.usecases.importing import import_serials, seal_file
from licensing.usecases.validating import validate_key
from licensing.usecases.vault import Vault

CUSTOMER = "customer"
STAFF = ("sales", "support", "reviewer")
LARGEST_FILE = 8 * 2**20
UPLOAD_SECONDS = 60
FILE_TYPES = ("text/csv", "text/plain")
Sku = Annotated[str, Field(pattern=SKU)]
routes = Routes()


class ValidateKey(Body):
    """A key as it was typed, the product that asks, and whose product it is; without these any of them will do."""

    # a serial of sixteen digits may look like a card number
    license_key: Annotated[str, Field(min_length=1, max_length=250, json_schema_extra=KEPT_NOWHERE)]
    sku: Sku | None = None
    tenant: Annotated[str, Field(min_length=1, max_length=64)] | None = None


class ValidationView(View):
    """Whether a key counts, and why not."""

    valid: bool
    code: licenses.Verdict


class StockView(View):
    """A SKU's serials and keys: `issued` counts all ever given, `reserved` what is ordered and unpaid.

    A purchase whose units share a key counts once.
    """

    sku: str
    available: int
    reserved: int
    issued: int
    backordered: int
    waiting: int
    low_stock: int


class LinesView(View):
    """How many lines, and the numbers of the first hundred."""

    count: int
    lines: list[int]


class ImportView(View):
    """What became of a file; `before` where it had been imported already, and nothing was taken now."""

    import_id: UUID
    sku: str
    taken: int
    repeated: LinesView
    in_stock: LinesView
    imported_at: datetime
    before: bool


class LicenseView(View):
    """A unit and its key, of which only the end is shown; units that share a key name the same license."""

    unit: UUID
    line: UUID
    sku: str
    state: str
    license: UUID | None
    masked_key: str | None
    issued_at: datetime | None
    revoked_at: datetime | None


class LicensesView(View):
    """The units of an order that have a key or wait for one."""

    order: UUID
    items: list[LicenseView]


@routes.get("/skus/{sku}/stock", allow=("files", *STAFF))
async def view_stock(read: Read, caller: Caller, sku: Sku) -> StockView:
    """How many serials are left, and what became of the others."""
    stock = await stocks.find(read, caller.tenant, sku)
    counts = await units.counts(read, caller.tenant, sku)
    reserved = await stocks.reserved(read, caller.tenant, sku)
    if stock is None and not any(counts.values()) and not reserved:
        raise licenses.SkuUnknown
    available, low_stock = (stock.available, stock.low_stock) if stock is not None else (0, 0)
    return StockView(sku=sku, available=available, low_stock=low_stock, reserved=reserved, **counts)


@routes.post("/skus/{sku}/serials", allow=("files", "sales"), takes=FILE_TYPES, also={200: ImportView, 201: ImportView})
async def import_file(
    begin: Begin, caller: Caller, request: web.Request, vault: Vault, sku: Sku, skip_duplicates: bool = False
) -> Answer:
    """Put the serials of a CSV file in stock, one per line: all, or none where a line is faulty or repeated.

    The body is the file, as text/csv in UTF-8, at most 8 MiB. The same file again is not taken again.
    """
    sealed = await asyncio.to_thread(seal_file, await _file(request), vault)
    try:
        async with begin() as tx:
            imported = await import_serials(
                tx, caller.tenant, sku, sealed, caller.subject, skip_duplicates=skip_duplicates
            )
    except REPEATABLE:
        raise unavailable() from None
    view = ImportView(
        import_id=imported.import_id,
        sku=sku,
        taken=imported.taken,
        imported_at=imported.imported_at,
        before=imported.before,
        **imported.report,
    )
    return Answer(view, status=200 if imported.before else 201)


@routes.post("/validate", limit=Rate)
async def validate(read: Read, body: ValidateKey, vault: Vault) -> ValidationView:
    """Ask whether a key counts; for programs, without a token, so many times a minute."""
    try:
        forms = keys.forms(body.license_key)
    except keys.KeyMistyped:
        return ValidationView(valid=False, code=licenses.Verdict.MISTYPED)
    verdict = await validate_key(read, forms, body.sku, body.tenant, vault)
    return ValidationView(valid=verdict is licenses.Verdict.VALID, code=verdict)


@routes.get("/orders/{order_id}/licenses", allow=(CUSTOMER, *STAFF))
async def view_licenses(read: Read, caller: Caller, order_id: UUID) -> LicensesView:
    """The keys of an order, masked: the customer's own, or any of the tenant for its staff."""
    known, customer = await orders.customer(read, caller.tenant, order_id)
    if not known or (CUSTOMER in caller.roles and str(customer) != caller.subject):
        raise licenses.OrderUnknown
    items = [_license(row) for row in await units.of_order(read, caller.tenant, order_id)]
    return LicensesView(order=order_id, items=items)


ROUTES: Final = Routes(
    routes,
    errors={
        serials.FileNotText: 422,
        serials.FileEmpty: 422,
        serials.FileTooLong: 413,
        serials.SerialsRefused: 422,
        licenses.OrderUnknown: 404,
        licenses.SkuUnknown: 404,
    },
)


def _license(row: dict[str, Any]) -> LicenseView:
    end = row.pop("tail")
    return LicenseView(**row, masked_key=f"…{end}" if row["license"] is not None else None)


async def _file(request: web.Request) -> bytes:
    """The file in the body, refused as soon as it is too large or too slow."""
    if request.content_type not in FILE_TYPES:
        raise Problem(415, "unsupported-media-type", "Send the file as text/csv.")
    too_large = Problem(413, "too-large", "The file is too large; split it.", limit=LARGEST_FILE)
    if (request.content_length or 0) > LARGEST_FILE:
        raise too_large
    content = bytearray()
    try:
        async with asyncio.timeout(UPLOAD_SECONDS):
            async for part in request.content.iter_any():
                content += part
                if len(content) > LARGEST_FILE:
                    raise too_large
    except TimeoutError:
        raise Problem(408, "too-slow", "The file did not arrive in time.") from None
    return bytes(content)
