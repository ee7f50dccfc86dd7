"""Points that expire are posted: when somebody looks at a member's ledger to change it, and by a sweep (REW-7)."""

from collections.abc import Sequence

from chassis.db import Tx
from chassis.jobs import in_parts

from rewards.domain.arithmetic import Arithmetic
from rewards.domain.ledger import Book
from rewards.store import customers, ledger
from rewards.store.customers import Customer
from rewards.store.ledger import Posting


async def expire_points(tx: Tx) -> bool:
    """Post what has expired of some members; true where there may be more."""
    due = await customers.with_expired_points(tx)

    async def expire_all(some: Sequence[Customer]) -> None:
        for customer in some:
            await expire(tx, customer)

    return await in_parts(tx, "let points expire", due, expire_all, lambda one: (one.tenant, one.member_id)) > 0


async def expire(tx: Tx, customer: Customer) -> None:
    """Post what has expired of a locked member."""
    _, entries = Book.of(await ledger.open_lots(tx, customer.tenant, customer.member_id)).expire(tx.now)
    if not entries:
        return
    points = sum(entries.values())
    posting = Posting(tx.new_id(), customer.member_id, "expiry", points, Arithmetic("expiry", total=-points))
    await ledger.post(tx, customer.tenant, posting, entries)
    await ledger.expire(tx, customer.tenant, entries)
