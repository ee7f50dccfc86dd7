"""Imported statements and the credits booked on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from chassis.db import Tx

TURN = """
select pg_advisory_xact_lock(hashtextextended('statements ' || $1 || ' ' || $2, 0))
"""

ADD = """
insert into statements (tenant, statement, account, number_hash, digest, entries, matched, imported_at, imported_by)
values ($1, $2, $3, $4, $5, $6, 0, $7, $8)
on conflict (tenant, account, number_hash) do nothing
"""

FIND = """
select statement, digest
from statements
where tenant = $1
  and account = $2
  and number_hash = $3
"""

MATCHED = """
update statements
set matched = $3
where tenant = $1
  and statement = $2
"""

OUTCOME = """
select entries, matched
from statements
where tenant = $1
  and statement = $2
"""

# Not what came to the list later, by a cancellation: a statement is answered the same.
REVIEWED = """
select e.entry, e.reason
from review e
join receipts r using (tenant, receipt)
where e.tenant = $1
  and r.statement = $2
  and e.unit is null
order by r.position
"""

BOOKED = """
select entry_hash
from receipts
where tenant = $1
  and account = $2
  and entry_hash = any($3::bytea[])
"""

ADD_RECEIPT = """
insert into receipts
  (tenant, receipt, statement, position, account, entry_hash, amount, currency, booked_on, order_id, payer)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""

ASSIGN = """
update receipts
set order_id = $3
where tenant = $1
  and receipt = $2
"""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A booked credit as it is kept."""

    receipt: UUID
    position: int
    entry_hash: bytes | None
    amount: int
    currency: str
    booked_on: date
    order: UUID | None
    payer: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a statement."""

    statement: UUID
    entries: int
    matched: int
    review: list[dict[str, Any]]


async def take_turn(tx: Tx, tenant: str, account: str) -> None:
    """Let nobody else import a statement of this account meanwhile."""
    # Not the seller's row: who hears of orders and sellers at once holds orders when coming to that.
    await tx.execute(TURN, tenant, account)


async def add(
    tx: Tx, tenant: str, statement: UUID, account: str, number_hash: bytes, digest: bytes, entries: int, by: str
) -> bool:
    """Keep that a statement is imported; false where one of this number was."""
    facts = (statement, account, number_hash, digest, entries, tx.now, by)
    return await tx.execute(ADD, tenant, *facts) == 1


async def find(tx: Tx, tenant: str, account: str, number_hash: bytes) -> tuple[UUID, bytes] | None:
    """The statement of this number and the digest of its file."""
    row = await tx.row(FIND, tenant, account, number_hash)
    return None if row is None else (row["statement"], row["digest"])


async def matched(tx: Tx, tenant: str, statement: UUID, count: int) -> None:
    """Keep how many of its credits paid an order."""
    await tx.execute(MATCHED, tenant, statement, count)


async def outcome(tx: Tx, tenant: str, statement: UUID) -> Imported:
    """What came of a statement when it was imported."""
    row = await tx.row(OUTCOME, tenant, statement)
    assert row is not None  # noqa: S101 -- the caller has just found or added it
    review = [dict(entry) for entry in await tx.fetch(REVIEWED, tenant, statement)]
    return Imported(statement, row["entries"], row["matched"], review)


async def booked(tx: Tx, tenant: str, account: str, entries: Sequence[bytes]) -> set[bytes]:
    """Those of these entries that stood on an earlier statement of the account."""
    return {bytes(row["entry_hash"]) for row in await tx.fetch(BOOKED, tenant, account, entries)}


async def add_receipts(tx: Tx, tenant: str, statement: UUID, account: str, receipts: Sequence[Receipt]) -> None:
    """Keep the credits of a statement."""
    await tx.many(
        ADD_RECEIPT,
        [(tenant, one.receipt, statement, one.position, account, *_facts(one)) for one in receipts],
    )


async def assign(tx: Tx, tenant: str, receipt: UUID, order: UUID) -> None:
    """Staff says which order a credit was for."""
    await tx.execute(ASSIGN, tenant, receipt, order)


def _facts(one: Receipt) -> tuple[Any, ...]:
    return one.entry_hash, one.amount, one.currency, one.booked_on, one.order, one.payer
