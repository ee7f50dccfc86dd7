"""What was downloaded: statistics with their seven columns (E18), attempts (E28), and proof of delivery (E20)."""

import asyncio
import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from aiohttp import web
from chassis.db import Begin, Tx
from chassis.identity.tokens import Caller
from chassis.identity.keyrings import KeyRings
from chassis.web import Listing, Page, Routes, View
from contracts.event import Sealed
from pydantic import AwareDatetime

from delivery.domain.grants import GrantUnknown
from delivery.store import orders, statistics
from delivery.web.downloads import Limits
from delivery.web.landing import rendered
from delivery.web.places import following, page_of, place
from delivery.web.uploads import Sku

PURPOSE = "download statistics"
STAFF = ("sales", "support")
PROVERS = ("sales", "support", "reviewer")
HEADINGS = ("Zeitpunkt", "SessionId", "Artikel", "Bestelldatum", "Name", "Firma", "eMail")
BOXES = ("name_profile", "company_profile", "email_profile")
MOST_ROWS = 50_000
AT_ONCE = 500
RISKY = ("=", "+", "-", "@", "\t", "\r")


class DownloadView(View):
    """A completed download; the seven columns of E18 in their order, blank where nothing is known any more (E19)."""

    Zeitpunkt: datetime
    SessionId: UUID
    Artikel: str
    Bestelldatum: datetime | None
    Name: str | None
    Firma: str | None
    eMail: str | None  # noqa: N815 -- the column's name as the trade knows it


class AttemptView(View):
    """A download that has begun and is not complete."""

    session: UUID
    started_at: datetime
    last_byte_at: datetime | None
    sku: str
    order_id: UUID
    order_number: str
    ordered_at: datetime
    file_name: str
    file_version: str
    size: int
    bytes_arrived: int
    requests: int
    aborts: int
    running: bool


class ProofEntry(View):
    """What became of one download of an order line: received where `completed_at` is set."""

    order_id: UUID
    order_number: str
    ordered_at: datetime
    customer: UUID
    line: UUID
    sku: str
    grant_id: UUID
    session: UUID
    file: UUID
    file_name: str
    file_version: str
    sha256: str
    size: int
    bytes_arrived: int
    requests: int
    aborts: int
    started_at: datetime
    completed_at: datetime | None


class ProofView(View):
    """Whether it was received, and every download that was begun, oldest first."""

    received: bool
    downloads: list[ProofEntry]


def add(routes: Routes, keys: KeyRings, limits: Limits) -> None:
    """The routes of statistics and proof."""

    async def opened(rows: Sequence[dict[str, Any]]) -> list[DownloadView]:
        boxes = {box: Sealed.parse(box) for row in rows for name in BOXES if (box := row[name]) is not None}
        ring = await keys.ring(PURPOSE).unlock(boxes.values())

        def text(row: dict[str, Any], name: str) -> str | None:
            plain = ring.open(boxes[row[name]]) if row[name] is not None else None
            return plain if isinstance(plain, str) else None

        def views() -> list[DownloadView]:
            return [
                DownloadView(
                    Zeitpunkt=row["completed_at"],
                    SessionId=row["session"],
                    Artikel=row["sku"],
                    Bestelldatum=row["ordered_at"],
                    Name=text(row, "name_profile"),
                    Firma=text(row, "company_profile"),
                    eMail=text(row, "email_profile"),
                )
                for row in rows
            ]

        return await asyncio.to_thread(views)

    async def everything(begin: Begin, tenant: str, since: datetime | None) -> list[DownloadView]:
        found: list[DownloadView] = []
        while len(found) < MOST_ROWS:
            after = (found[-1].Zeitpunkt, found[-1].SessionId) if found else None
            async with begin() as tx:
                rows = await statistics.completed(tx, tenant, since, after, AT_ONCE)
            found += await opened(rows)
            if len(rows) < AT_ONCE:
                break
        return found

    @routes.get("/downloads", allow=STAFF)
    async def list_downloads(
        begin: Begin, caller: Caller, page: Page, since: AwareDatetime | None = None
    ) -> Listing[DownloadView]:
        """The downloads that took place, newest first (E17)."""
        async with begin() as tx:
            rows = await statistics.completed(tx, caller.tenant, since, place(page), page.limit + 1)
        items = await opened(page_of(rows, page))
        last = (items[-1].Zeitpunkt, items[-1].SessionId) if items else None
        return Listing(items=items, next=following(rows, page, last))

    @routes.get("/downloads.csv", allow=STAFF)
    async def downloads_csv(begin: Begin, caller: Caller, since: AwareDatetime | None = None) -> web.StreamResponse:
        """The same as a table for spreadsheets, at most 50,000 rows: semicolons, UTF-8 with its mark."""
        rows = await everything(begin, caller.tenant, since)
        text = io.StringIO()
        writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
        writer.writerow(HEADINGS)
        writer.writerows([guarded(cell) for cell in _cells(row, limits.zone)] for row in rows)
        headers = {
            "Content-Disposition": 'attachment; filename="downloads.csv"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        body = text.getvalue().encode("utf-8-sig")
        return web.Response(body=body, content_type="text/csv", charset="utf-8", headers=headers)

    @routes.get("/downloads.html", allow=STAFF)
    async def downloads_html(begin: Begin, caller: Caller, since: AwareDatetime | None = None) -> web.StreamResponse:
        """The newest 500 as a table for people."""
        async with begin() as tx:
            rows = await statistics.completed(tx, caller.tenant, since, None, AT_ONCE)
        table = [_cells(row, limits.zone) for row in await opened(rows)]
        return rendered("downloads.html", "de", 200, headings=HEADINGS, rows=table)

    @routes.get("/attempts", allow=STAFF)
    async def list_attempts(tx: Tx, caller: Caller, page: Page) -> Listing[AttemptView]:
        """Downloads that were begun and are not complete, newest first, with the bytes that arrived (E28)."""
        rows = await statistics.attempts(tx, caller.tenant, place(page), page.limit + 1)
        items = [AttemptView.model_validate(row) for row in page_of(rows, page)]
        last = (items[-1].started_at, items[-1].session) if items else None
        return Listing(items=items, next=following(rows, page, last))

    @routes.get("/orders/{order_id}/downloads", allow=PROVERS)
    async def order_downloads(tx: Tx, caller: Caller, order_id: UUID) -> ProofView:
        """What was downloaded of an order (E30)."""
        if await orders.header(tx, caller.tenant, order_id) is None:
            raise GrantUnknown
        return _proof(await statistics.of_order(tx, caller.tenant, order_id))

    @routes.get("/customers/{customer}/skus/{sku}/downloads", allow=PROVERS)
    async def customer_downloads(tx: Tx, caller: Caller, customer: UUID, sku: Sku) -> ProofView:
        """Did this customer receive that product, when, and which hash (E20, DEL-8)?"""
        return _proof(await statistics.of_customer_and_sku(tx, caller.tenant, customer, sku))


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell.lstrip(" ").startswith(RISKY) else cell


def _cells(row: DownloadView, zone: ZoneInfo) -> list[str]:
    def local(moment: datetime | None) -> str:
        return moment.astimezone(zone).strftime("%d.%m.%Y %H:%M:%S") if moment is not None else ""

    ids = (local(row.Zeitpunkt), str(row.SessionId), row.Artikel, local(row.Bestelldatum))
    return [*ids, row.Name or "", row.Firma or "", row.eMail or ""]


def _proof(rows: Sequence[dict[str, Any]]) -> ProofView:
    entries = [ProofEntry.model_validate(row) for row in rows]
    return ProofView(received=any(entry.completed_at for entry in entries), downloads=entries)
