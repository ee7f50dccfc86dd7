"""Taking a consumer's declaration to withdraw, with or without signing in, and doing what follows from it (ORD-8)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.db import Tx
from chassis.identity import KeyRings, seal
from chassis.jobs import Trigger
from contracts.emails import EmailAddress, EmailMalformed
from contracts.event import Sealed
from contracts.orders import CancelReason, OrderCancelled, RefundReason
from contracts.shared import CustomerType
from contracts.withdrawals import WithdrawalDeclared, WithdrawalOutcome, WithdrawnLine

from orders.domain.unit import UnitState
from orders.domain.withdrawing import Decided, NothingWaiting, Outcome, WithdrawalUnknown, decide, fits
from orders.store import withdrawals
from orders.store.orders import StoredOrder
from orders.store.withdrawals import Declaration
from orders.usecases.changing import Change, conclude, lock, record_refund
from orders.usecases.wording import SellerUnknown

COMPARE = Trigger("compare withdrawals")


async def receive(
    tx: Tx, tenant: str, channel: str, withdrawal_id: UUID, number: str, language: str, name: str, email: EmailAddress
) -> None:
    """Keep what somebody declares who has not signed in; whether it fits an order is found out afterwards.

    So its answer tells nothing, and takes as long for every number. Raises SellerUnknown.
    """
    found = await withdrawals.seller(tx, tenant, channel)
    if found is None:
        raise SellerUnknown
    seller, records = found
    boxes = seal(name, records, "name"), seal(str(email), records, "email")
    new = Declaration(tenant, withdrawal_id, channel, seller, number, language, tx.now, *boxes)
    if await withdrawals.receive(tx, new):
        tx.wake(COMPARE)


async def declare(
    tx: Tx, tenant: str, order_id: UUID, line_ids: Sequence[UUID], language: str, withdrawal_id: UUID
) -> None:
    """Take what a customer declares who has signed in, about lines of their order; raises OrderUnknown, LineUnknown."""
    stored = await lock(tx, tenant, order_id)
    placed = stored.placed
    decided = _decided(stored, line_ids, tx.now)
    declared = _declared(stored, withdrawal_id, placed.order_number, language, tx.now, decided)
    await withdrawals.add(tx, declared)
    tx.publish(declared)
    await _follow(tx, stored, decided)


async def claim(tx: Tx, limit: int) -> Sequence[Declaration]:
    """Lease declarations that nobody has compared with the order yet."""
    return await withdrawals.claim(tx, limit)


async def compare(declaration: Declaration, keys: KeyRings) -> bool:
    """Return whether a declaration's name and e-mail address are the order's; an erased customer's never are."""
    if declaration.boxes is None:
        return False
    typed = await keys.ring("withdrawn").unlock([declaration.name, declaration.email])
    known = await keys.ring("withdrawals").unlock(declaration.boxes)
    name, email = typed.open(declaration.name), typed.open(declaration.email)
    known_name, known_email = (known.open(box) for box in declaration.boxes)
    if not isinstance(name, str) or not isinstance(email, str) or not isinstance(known_email, str):
        return False
    try:
        return fits(name, email.casefold(), known_name, str(EmailAddress.read(known_email)).casefold())
    except EmailMalformed:
        return False


async def settle(tx: Tx, declaration: Declaration, matches: bool) -> None:
    """Do what follows from a declaration that fits an order; keep one that fits none for staff.

    The receipt of the first goes to the order's own address; that of the other has nothing but what was typed.
    """
    if not matches or declaration.order_id is None:
        declared = WithdrawalDeclared(
            tenant=declaration.tenant,
            withdrawal=declaration.id,
            channel=declaration.channel,
            seller=declaration.seller,
            number=declaration.number,
            language=declaration.language,
            declared_at=declaration.declared_at,
            lines=[],
            name=declaration.name,
            email=declaration.email,
        )
        if await withdrawals.conclude(tx, declared):
            tx.publish(declared)
        return
    stored = await lock(tx, declaration.tenant, declaration.order_id)
    at = declaration.declared_at
    decided = _decided(stored, [line.line for line in stored.lines], at)
    number = stored.placed.order_number
    declared = _declared(stored, declaration.id, number, declaration.language, at, decided)
    if await withdrawals.conclude(tx, declared):
        tx.publish(declared)
        await _follow(tx, stored, decided)


async def finish(tx: Tx, tenant: str, withdrawal_id: UUID, note: str) -> None:
    """Keep that staff has dealt with a declaration, and what came of it; the same note again changes nothing.

    Raises WithdrawalUnknown, NothingWaiting.
    """
    if await withdrawals.finish(tx, tenant, withdrawal_id, note):
        tx.audit("withdrawal", withdrawal_id, after={"done": True, "note": note})
        return
    found = await withdrawals.find(tx, tenant, withdrawal_id)
    if found is None:
        raise WithdrawalUnknown
    if found["note"] != note:
        raise NothingWaiting


def _decided(stored: StoredOrder, line_ids: Sequence[UUID], at: datetime) -> list[Decided]:
    business = stored.placed.customer_type is CustomerType.BUSINESS
    return decide(stored.order, line_ids, at, business=business)


def _declared(
    stored: StoredOrder,
    withdrawal_id: UUID,
    number: str,
    language: str,
    at: datetime,
    decided: Sequence[Decided],
) -> WithdrawalDeclared:
    placed = stored.placed
    names = {line.line: line.name for line in stored.lines}
    name: Sealed = placed.name_contact
    return WithdrawalDeclared(
        tenant=placed.tenant,
        withdrawal=withdrawal_id,
        channel=placed.channel,
        seller=placed.seller,
        order=placed.order,
        number=number,
        language=language,
        declared_at=at,
        lines=[
            WithdrawnLine(
                line=one.line_id,
                name=names[one.line_id],
                units=[unit.id for unit in one.units],
                outcome=WithdrawalOutcome(one.outcome),
            )
            for one in decided
        ],
        name=name,
        email=placed.email_contact,
    )


async def _follow(tx: Tx, stored: StoredOrder, decided: Sequence[Decided]) -> None:
    """Refund what is paid of what is taken back, and cancel the rest of it."""
    units = [unit for one in decided if one.outcome is Outcome.TAKEN_BACK for unit in one.units]
    paid = [unit for unit in units if unit.state is not UnitState.OPEN]
    open_ = [unit.id for unit in units if unit.state is UnitState.OPEN]
    order = stored.order
    if paid:
        reason = RefundReason.WITHDRAWAL
        await record_refund(tx, stored.placed, tx.new_id(), paid, reason, "withdrawal", tx.now)
        order = order.dated([unit.id for unit in paid], "refunded_at", tx.now)
    if open_:
        reason = CancelReason.CUSTOMER
        tx.publish(OrderCancelled(**stored.placed.header, units=open_, reason=reason, cancelled_at=tx.now))
        order = order.dated(open_, "cancelled_at", tx.now)
    await conclude(tx, [Change(stored, order)])
