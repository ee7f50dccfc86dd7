"""Imported statements and the credits booked on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from chassis.db import Read, Tx
from pydantic import TypeAdapter

from payments.domain.payments import Reason

TURN = """
select pg_advisory_xact_lock(hashtextextended('statements ' || $1 || ' ' || $2, 0))
"""


async def take_turn(tx: Tx, tenant: str, iban: str) -> None:
    """Let nobody else import a statement of this account until the transaction ends."""
    # Not the seller's row: who consumes events of orders and sellers at once holds orders when coming to that.
    await tx.execute(TURN, tenant, iban)


ADD = """
insert into statements (tenant, id, iban, identity_hash, digest, entries, matched, imported_at, imported_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""


async def add(
    tx: Tx,
    tenant: str,
    statement_id: UUID,
    iban: str,
    identity_hash: str,
    digest: bytes,
    entries: int,
    matched: int,
    by: str,
) -> None:
    """Keep that a statement is imported, and how many of its credits paid an order."""
    facts = (statement_id, iban, identity_hash, digest, entries, matched, tx.now, by)
    await tx.execute(ADD, tenant, *facts)


FIND = """
select id, digest
from statements
where tenant = $1
  and iban = $2
  and identity_hash = $3
"""


async def find(read: Read, tenant: str, iban: str, identity_hash: str) -> tuple[UUID, bytes] | None:
    """Return the statement of this identity and its digest."""
    row = await read.row(FIND, tenant, iban, identity_hash)
    return None if row is None else (row["id"], row["digest"])


@dataclass(frozen=True, slots=True)
class ReviewedCredit:
    """A credit that paid nothing, and why."""

    entry: UUID
    reason: Reason


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What came of the statements of a file, in the words in which it is answered.

    `other_accounts` counts those of accounts that are not the sellers'; nothing of them is kept.
    """

    statements: tuple[UUID, ...]
    entries: int
    matched: int
    review: tuple[ReviewedCredit, ...]
    other_accounts: int


RESULT = TypeAdapter(ImportResult)

# Not what was listed later, by a cancellation: a statement is answered the same.
FIND_RESULT = """
select json_build_object(
  'statements', $2::uuid[],
  'entries', (
    select coalesce(sum(entries), 0)
    from statements
    where tenant = $1
      and id = any($2)
  ),
  'matched', (
    select coalesce(sum(matched), 0)
    from statements
    where tenant = $1
      and id = any($2)
  ),
  'review', (
    select coalesce(
      json_agg(
        json_build_object('entry', e.id, 'reason', e.reason)
        order by array_position($2, r.statement_id), r.position
      ),
      '[]'
    )
    from receipts r
    join review_entries e on e.tenant = r.tenant and e.receipt_id = r.id
    where r.tenant = $1
      and r.statement_id = any($2)
      and e.unit_id is null
  ),
  'other_accounts', $3::integer
)::text
"""


async def result(read: Read, tenant: str, statement_ids: Sequence[UUID], other_accounts: int) -> ImportResult:
    """Return what came of statements when they were imported."""
    return RESULT.validate_json(await read.value(FIND_RESULT, tenant, statement_ids, other_accounts))


BOOKED = """
select entry_hash
from receipts
where tenant = $1
  and iban = $2
  and entry_hash = any($3::text[])
"""


async def booked(read: Read, tenant: str, iban: str, entries: Sequence[str]) -> set[str]:
    """Return those of these entries that are on an earlier statement of the account."""
    return {row["entry_hash"] for row in await read.fetch(BOOKED, tenant, iban, entries)}


@dataclass(frozen=True, slots=True)
class Receipt:
    """A booked credit as it is kept."""

    id: UUID
    position: int
    entry_hash: str | None
    amount: int
    currency: str
    booked_on: date | None
    order_id: UUID | None
    payer: str | None


RECEIPTS = TypeAdapter(Sequence[Receipt])

ADD_RECEIPTS = """
insert into receipts
  (tenant, id, statement_id, position, iban, entry_hash, amount, currency, booked_on, order_id, payer)
select $1, r.id, $2, r.position, $3, r.entry_hash, r.amount, r.currency, r.booked_on, r.order_id, r.payer
from jsonb_populate_recordset(null::receipts, $4::jsonb) as r
"""


async def add_receipts(tx: Tx, tenant: str, statement_id: UUID, iban: str, receipts: Sequence[Receipt]) -> None:
    """Keep the credits of a statement."""
    await tx.execute(ADD_RECEIPTS, tenant, statement_id, iban, RECEIPTS.dump_json(receipts).decode())
