"""The routes of withdrawals: anybody declares, customers do so from their order, staff sees what fits none (ORD-8)."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from chassis.db import Begin, Read, Tx
from chassis.identity import Caller, KeyRings
from chassis.web import Listing, Page, Routes, listing, not_found
from contracts.emails import EmailAddress

from orders.domain.withdrawing import TooManyDeclarations, WithdrawalUnknown
from orders.store import withdrawals
from orders.usecases import withdrawing
from orders.web import bodies, withdrawal_views
from orders.web.access import CUSTOMER, READERS, changeable, readable
from orders.web.limits import MailboxLimiter, WithdrawalRate

routes = Routes()


@routes.post("/withdrawals", status=202, limit=WithdrawalRate)
async def declare_withdrawal(
    tx: Tx, body: bodies.DeclareWithdrawal, mailboxes: MailboxLimiter
) -> withdrawal_views.ReceivedView:
    """Declare to withdraw from an order, by name, number and e-mail address; nobody need be signed in.

    The answer is the same whatever the number; what follows is in the receipt, which is mailed at once. The same
    `withdrawal` again is the same declaration.
    """
    email = EmailAddress.read(body.email)
    if seconds := mailboxes.wait(str(email).casefold()):
        raise TooManyDeclarations(int(seconds) + 1)
    await withdrawing.receive(
        tx, body.tenant, body.channel, body.withdrawal, body.number, body.language, body.name, email
    )
    return withdrawal_views.ReceivedView(withdrawal=body.withdrawal)


@routes.get("/orders/{order}/withdrawals/{withdrawal}", allow=READERS)
async def view_withdrawal(read: Read, caller: Caller, order: UUID, withdrawal: UUID) -> withdrawal_views.WithdrawalView:
    """A declaration about an order, with what follows for each line."""
    await readable(read, caller, order)
    found = await withdrawals.of_order(read, caller.tenant, order)
    for row in found:
        if row["withdrawal"] == withdrawal:
            return withdrawal_views.WithdrawalView.model_validate(row)
    raise not_found()


@routes.get("/orders/{order}/withdrawals", allow=READERS)
async def order_withdrawals(read: Read, caller: Caller, order: UUID) -> Listing[withdrawal_views.WithdrawalView]:
    """What was declared about an order, oldest first."""
    await readable(read, caller, order)
    found = await withdrawals.of_order(read, caller.tenant, order)
    return Listing(items=[withdrawal_views.WithdrawalView.model_validate(row) for row in found])


@routes.post("/orders/{order}/withdrawals", allow=CUSTOMER, creates=view_withdrawal)
async def withdraw_lines(tx: Tx, caller: Caller, order: UUID, body: bodies.WithdrawLines) -> dict[str, UUID]:
    """Declare to withdraw from lines of one's own order; what is declined has its reason in the answer."""
    await changeable(tx, caller, order)
    withdrawal = tx.new_id()
    await withdrawing.declare(tx, caller.tenant, order, body.lines, body.language, withdrawal)
    return {"order": order, "withdrawal": withdrawal}


@routes.get("/withdrawals", allow=("sales", "support"))
async def list_withdrawals(
    read: Read, caller: Caller, page: Page, waiting: bool = False
) -> Listing[withdrawal_views.DeclaredView]:
    """Declarations, newest first; `waiting` are those with which staff has something to do.

    Such fit no order, or are about goods that are to be sent back before they are refunded; until somebody has dealt
    with them.
    """
    after = page.after(tuple[datetime, UUID])
    rows = await withdrawals.latest(read, caller.tenant, after, page.limit + 1, open_only=waiting)
    return listing(
        rows,
        page,
        lambda row: (row["declared_at"], row["withdrawal"]),
        lambda row: withdrawal_views.DeclaredView.model_validate(row),
    )


@routes.get("/withdrawals/{withdrawal}", allow=("sales", "support"))
async def view_declaration(read: Read, caller: Caller, withdrawal: UUID) -> withdrawal_views.DeclaredView:
    """A declaration, whether it fits an order or not, without who has declared."""
    found = await withdrawals.find(read, caller.tenant, withdrawal)
    if found is None:
        raise WithdrawalUnknown
    return withdrawal_views.DeclaredView.model_validate(found)


@routes.post("/withdrawals/{withdrawal}/done", allow=("sales", "support"))
async def finish_withdrawal(
    tx: Tx, caller: Caller, withdrawal: UUID, body: bodies.FinishWithdrawal
) -> withdrawal_views.DeclaredView:
    """Record that a declaration is dealt with, with a note of what came of it; it waits for nobody any more."""
    await withdrawing.finish(tx, caller.tenant, withdrawal, body.note)
    return await view_declaration(tx, caller, withdrawal)


@routes.get("/withdrawals/{withdrawal}/declarant", allow=("sales", "support"))
async def view_declarant(
    begin: Begin, caller: Caller, withdrawal: UUID, keys: KeyRings, purpose: Literal["withdrawal"]
) -> withdrawal_views.DeclarantView:
    """Who has declared what fits no order, as typed; every reading is recorded with its purpose (ORD-13)."""
    async with begin() as tx:
        boxes = await withdrawals.unmatched(tx, caller.tenant, withdrawal)
        if boxes is None:
            raise not_found()
        tx.audit_reading("withdrawal", [withdrawal], "withdrawn", purpose)
    opened = await keys.ring("withdrawn").unlock(boxes)
    name, email = (text if isinstance(text := opened.open(box), str) else None for box in boxes)
    return withdrawal_views.DeclarantView(withdrawal=withdrawal, name=name, email=email)
