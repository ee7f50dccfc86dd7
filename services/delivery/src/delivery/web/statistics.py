"""What was downloaded: statistics with their seven columns (E18), and attempts (E28)."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web
from chassis.db import Begin, Read
from chassis.identity import Caller, KeyRings
from chassis.web import Listing, Page, Routes, View, listing
from contracts.bounds import Time
from contracts.event import Sealed
from pydantic import Field

from delivery.store import statistics
from delivery.web import tables
from delivery.web.downloads import Limits
from delivery.web.proof import Proves

log = structlog.get_logger(__name__)
routes = Routes()

PURPOSE = "download statistics"
STAFF = ("sales", "support")
HEADINGS = ("Zeitpunkt", "SessionId", "Artikel", "Bestelldatum", "Name", "Firma", "eMail")
PROVES = {"acknowledged": "vom Leser bestätigt", "proxy": "an einen Proxy übergeben", None: ""}
BOXES = ("name_profile", "company_profile", "email_profile")
AT_ONCE = 500


def _is_none(value: object) -> bool:
    return value is None


class DownloadView(View):
    """A completed download; the seven columns of E18 in their order, blank where nothing is known any more (E19).

    Where it was asked for, `Nachweis` says who has acknowledged its bytes: the reader's side, or a proxy before us.
    """

    Zeitpunkt: datetime
    SessionId: UUID
    Artikel: str
    Bestelldatum: datetime | None
    Name: str | None
    Firma: str | None
    eMail: str | None  # noqa: N815 -- the column's name as the trade knows it
    Nachweis: Proves | None = Field(default=None, exclude_if=_is_none)


class AttemptView(View):
    """A download that has begun and is not complete."""

    session: UUID
    started_at: datetime
    last_byte_at: datetime | None
    sku: str
    order: UUID
    order_number: str
    ordered_at: datetime
    file_name: str
    file_version: str
    size: int
    bytes_arrived: int
    requests: int
    aborts: int
    running: bool


@routes.get("/downloads", allow=STAFF)
async def list_downloads(
    read: Read,
    begin: Begin,
    keys: KeyRings,
    caller: Caller,
    page: Page,
    since: Time | None = None,
    until: Time | None = None,
    proof: bool = False,
) -> Listing[DownloadView]:
    """The downloads that took place, newest first, `until` excluded (E17); each reading is recorded.

    With `proof` a column more says what each proves.
    """
    after = page.after(statistics.Position)
    await _record_reading(begin, "list", (since, until))
    rows = await statistics.completed(read, caller.tenant, (since, until), after, page.limit + 1)
    views = {view.SessionId: view for view in await _opened(rows[: page.limit], keys, proof)}
    return listing(rows, page, lambda row: (row["completed_at"], row["session"]), lambda row: views[row["session"]])


@routes.get("/downloads.csv", allow=STAFF, also={200: "text/csv"})
async def downloads_csv(
    request: web.Request,
    read: Read,
    begin: Begin,
    keys: KeyRings,
    caller: Caller,
    limits: Limits,
    since: Time | None = None,
    until: Time | None = None,
    proof: bool = False,
) -> web.StreamResponse:
    """The same as a table for spreadsheets, however long: semicolons, UTF-8 with its mark."""
    await _record_reading(begin, "csv", (since, until))
    rows = await statistics.completed(read, caller.tenant, (since, until), None, AT_ONCE)
    views = await _opened(rows, keys, proof)
    headings = (*HEADINGS, "Nachweis") if proof else HEADINGS
    response = web.StreamResponse(headers=tables.HEADERS)
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    try:
        await response.write("\ufeff".encode() + tables.rows([headings]))
        while views:
            await response.write(tables.rows(_cells(view, limits.zone)[: len(headings)] for view in views))
            after = (rows[-1]["completed_at"], rows[-1]["session"])
            rows = await statistics.completed(read, caller.tenant, (since, until), after, AT_ONCE)
            views = await _opened(rows, keys, proof)
        await response.write_eof()
    except Exception as error:
        log.warning("a table of downloads was broken off", reason=type(error).__name__)
        if request.transport is not None:
            request.transport.abort()  # what ends early must not look whole
    return response


@routes.get("/attempts", allow=STAFF)
async def list_attempts(read: Read, caller: Caller, page: Page) -> Listing[AttemptView]:
    """Downloads that were begun and are not complete, newest first, with the bytes that arrived (E28)."""
    rows = await statistics.attempts(read, caller.tenant, page.after(statistics.Position), page.limit + 1)
    return listing(rows, page, lambda row: (row["started_at"], row["session"]), AttemptView.model_validate)


async def _record_reading(begin: Begin, shown_as: str, period: statistics.Period) -> None:
    since, until = (str(moment) if moment is not None else "ever" for moment in period)
    async with begin() as tx:
        tx.audit_reading("downloads", [shown_as], PURPOSE, f"{since} to {until}")


async def _opened(rows: Sequence[dict[str, Any]], keys: KeyRings, proof: bool) -> list[DownloadView]:
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
                Nachweis=row["proof"] if proof else None,
            )
            for row in rows
        ]

    return await asyncio.to_thread(views)


def _cells(row: DownloadView, zone: ZoneInfo) -> list[str]:
    def local(moment: datetime | None) -> str:
        return moment.astimezone(zone).strftime("%d.%m.%Y %H:%M:%S") if moment is not None else ""

    ids = (local(row.Zeitpunkt), str(row.SessionId), row.Artikel, local(row.Bestelldatum))
    return [*ids, row.Name or "", row.Firma or "", row.eMail or "", PROVES[row.Nachweis]]
