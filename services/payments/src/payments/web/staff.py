"""What bookkeeping does: statements, the review list, money to send back."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read, Tx
from chassis.identity import Caller, KeyRings, Keys
from chassis.web import Listing, Page, Routes, listing, raw_body
from contracts.event import Sealed

from payments.clients import camt
from payments.domain.statements import EntryUnknown
from payments.store import payouts, review
from payments.usecases import archives, refunding, reviewing, statements
from payments.web import bodies, views

BOOKKEEPING = "bookkeeping"
STATEMENT_LIMIT = 16 * 2**20
STATEMENT, ARCHIVE = "application/xml", "application/zip"
# other names of the same, taken and not described: clients need one
STATEMENT_TYPES = (STATEMENT, "text/xml")
ARCHIVE_TYPES = (ARCHIVE, "application/x-zip-compressed")
Position = tuple[UUID]

routes = Routes()


@routes.post("/statements", allow=BOOKKEEPING, takes=(STATEMENT,))
async def import_statement(begin: Begin, caller: Caller, request: web.Request) -> views.StatementView:
    """Book the credits of camt.053 statements or camt.054 notifications; the same are answered the same (PAY-6)."""
    content = await raw_body(request, STATEMENT_LIMIT, *STATEMENT_TYPES)
    async with camt.aside(len(content)) as run:
        file = await run(camt.read, content)
        return views.statement_view(await statements.import_statements(begin, caller.tenant, file, caller.subject, run))


@routes.post("/statements/archives", allow=BOOKKEEPING, takes=(ARCHIVE,))
async def import_archive(begin: Begin, caller: Caller, request: web.Request) -> Listing[views.FileView]:
    """Book the files of a ZIP archive, each as if it came alone; what is refused is named with its reason (PAY-6)."""
    files = await asyncio.to_thread(camt.unpack, await raw_body(request, STATEMENT_LIMIT, *ARCHIVE_TYPES))
    async with camt.aside(sum(len(content) for _, content in files)) as run:
        results = await archives.import_files(begin, caller.tenant, files, camt.read, caller.subject, run)
    return Listing(items=[views.file_view(result) for result in results])


@routes.get("/review", allow=BOOKKEEPING)
async def list_review(begin: Begin, caller: Caller, page: Page, keys: KeyRings) -> Listing[views.EntryView]:
    """Money that a human has to look at, oldest first; each opening of a payer is recorded."""
    async with begin() as tx:
        found = await review.open_entries(tx, caller.tenant, page.after(Position), page.limit + 1)
        shown = found[: page.limit]
        personal = [entry.id for entry in shown if entry.payer is not None]
        tx.audit_reading("entry", personal, BOOKKEEPING)
    opened = await _unlocked(keys, [entry.payer for entry in shown])
    return await asyncio.to_thread(
        listing, found, page, lambda entry: (entry.id,), lambda entry: views.entry_view(entry, opened)
    )


@routes.get("/review/count", allow=BOOKKEEPING)
async def count_review(read: Read, caller: Caller) -> views.CountView:
    """How many entries wait on the review list; nothing of them is opened."""
    return views.CountView(count=await review.count(read, caller.tenant))


@routes.post("/review/{entry}/allocation", allow=BOOKKEEPING)
async def allocate(tx: Tx, caller: Caller, entry: UUID, body: bodies.Allocate) -> views.EntryView:
    """Let transferred money pay these units, if need be of several entries; they cost no more than what is left."""
    await reviewing.allocate(tx, caller.tenant, [entry, *body.together_with], body.order, body.units)
    return await _entry(tx, caller, entry)


@routes.post("/review/{entry}/closing", allow=BOOKKEEPING)
async def close(tx: Tx, caller: Caller, entry: UUID, body: bodies.Close) -> views.EntryView:
    """Take an entry off the list: its money was sent back by hand, or is kept. Nothing is released."""
    await reviewing.close(tx, caller.tenant, entry, body.outcome)
    return await _entry(tx, caller, entry)


@routes.get("/payouts", allow=BOOKKEEPING)
async def list_payouts(begin: Begin, caller: Caller, page: Page, keys: KeyRings) -> Listing[views.PayoutView]:
    """Money to send back by hand, to the accounts it came from; each opening of a payer is recorded."""
    async with begin() as tx:
        found = await payouts.open_payouts(tx, caller.tenant, page.after(Position), page.limit + 1)
        shown = found[: page.limit]
        personal = [one.refund_id for one in shown if any(part.payer is not None for part in one.parts)]
        tx.audit_reading("refund", personal, BOOKKEEPING)
    opened = await _unlocked(keys, [part.payer for payout in shown for part in payout.parts])
    return listing(found, page, lambda payout: (payout.refund_id,), lambda payout: views.payout_view(payout, opened))


@routes.get("/payouts/count", allow=BOOKKEEPING)
async def count_payouts(read: Read, caller: Caller) -> views.CountView:
    """How many payments are to be sent back by hand; nothing of them is opened."""
    return views.CountView(count=await payouts.count(read, caller.tenant))


@routes.post("/payouts/{refund}/done", allow=BOOKKEEPING, status=204)
async def paid_out(tx: Tx, caller: Caller, refund: UUID, body: bodies.PaidOut) -> None:
    """The money has gone back under this reference of the bank's."""
    await refunding.pay_out(tx, caller.tenant, refund, body.reference)


async def _unlocked(keys: KeyRings, payers: Sequence[str | None]) -> Keys:
    boxes = [Sealed.parse(payer) for payer in payers if payer is not None]
    return await keys.ring(BOOKKEEPING).unlock(boxes) if boxes else Keys()


async def _entry(tx: Tx, caller: Caller, entry_id: UUID) -> views.EntryView:
    found = (await review.lock(tx, caller.tenant, [entry_id])).get(entry_id)
    if found is None:
        raise EntryUnknown
    return views.entry_view(found)
