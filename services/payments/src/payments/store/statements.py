"""Imported statements and the credits booked on them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from chassis.db import Read, Tx
from pydantic import TypeAdapter

from payments.domain.matching import Booked
from payments.domain.payments import Reason
from payments.domain.statements import Unread

TURN = """
select pg_advisory_xact_lock(hashtextextended('statements ' || $1 || ' ' || $2, 0))
"""


async def take_turn(tx: Tx, tenant: str, iban: str) -> None:
    """Let nobody else import a statement of this account until the transaction ends."""
    # Not the seller's row: who consumes events of orders and sellers at once holds orders when coming to that.
    await tx.execute(TURN, tenant, iban)


@dataclass(frozen=True, slots=True)
class Imported:
    """A statement of which so many credits are booked."""

    id: UUID
    digest: bytes
    booked: int


ADD = """
insert into statements (tenant, id, iban, identity_hash, digest, entries, booked, matched, imported_at, imported_by)
values ($1, $2, $3, $4, $5, $6, 0, 0, $7, $8)
"""


async def add(tx: Tx, tenant: str, new: Imported, iban: str, identity_hash: str, entries: int, by: str) -> None:
    """Keep that a statement of so many credits is imported."""
    await tx.execute(ADD, tenant, new.id, iban, identity_hash, new.digest, entries, tx.now, by)


PROCEED = """
update statements
set booked = $3, matched = matched + $4
where tenant = $1
  and id = $2
"""


async def proceed(tx: Tx, tenant: str, now: Imported, matched: int) -> None:
    """Keep how far it is, and that so many more of its credits paid an order."""
    await tx.execute(PROCEED, tenant, now.id, now.booked, matched)


FIND = """
select id, digest, booked
from statements
where tenant = $1
  and iban = $2
  and identity_hash = $3
"""


async def find(read: Read, tenant: str, iban: str, identity_hash: str) -> Imported | None:
    """Return the statement of this identity."""
    row = await read.row(FIND, tenant, iban, identity_hash)
    return None if row is None else Imported(**dict(row))


@dataclass(frozen=True, slots=True)
class ReviewedCredit:
    """A credit that paid nothing, why, where it stands in its file, and which of its elements cannot be read."""

    entry: UUID
    reason: Reason
    place: str
    fault: str | None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What of a file is not kept: what is no credit, by what it is, statements of others, and what cannot be read.

    `other_accounts` counts statements of accounts that are not the sellers', or not in euro.
    """

    passed_over: Mapping[str, int]
    other_accounts: int
    unread: tuple[Unread, ...]


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What came of the statements of a file, in the words in which it is answered."""

    statements: tuple[UUID, ...]
    entries: int
    matched: int
    review: tuple[ReviewedCredit, ...]
    passed_over: Mapping[str, int]
    other_accounts: int
    unread: tuple[Unread, ...]


RESULT, LEFT_OUT = TypeAdapter(ImportResult), TypeAdapter(LeftOut)

# Not what was listed later, by a cancellation: a statement is answered the same.
FIND_RESULT = """
select ($3::jsonb || jsonb_build_object(
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
        json_build_object('entry', e.id, 'reason', e.reason, 'place', r.place, 'fault', r.fault)
        order by array_position($2, r.statement_id), r.position
      ),
      '[]'
    )
    from receipts r
    join review_entries e on e.tenant = r.tenant and e.receipt_id = r.id
    where r.tenant = $1
      and r.statement_id = any($2)
      and e.unit_id is null
  )
))::text
"""


async def result(read: Read, tenant: str, statement_ids: Sequence[UUID], left_out: LeftOut) -> ImportResult:
    """Return what came of statements when they were imported, with what of their file is not kept."""
    left = LEFT_OUT.dump_json(left_out).decode()
    return RESULT.validate_json(await read.value(FIND_RESULT, tenant, statement_ids, left))


BOOKED = """
select entry_hash, part, order_id
from receipts
where tenant = $1
  and iban = $2
  and entry_hash = any($3::text[])
  and statement_id <> $4
"""


async def booked(
    read: Read, tenant: str, iban: str, entries: Sequence[str], statement_id: UUID
) -> dict[str, list[Booked]]:
    """Return what is on other statements of the account than this of these entries."""
    found: dict[str, list[Booked]] = defaultdict(list)
    for row in await read.fetch(BOOKED, tenant, iban, entries, statement_id):
        found[row["entry_hash"]].append(Booked(row["part"], row["order_id"]))
    return found


@dataclass(frozen=True, slots=True)
class Receipt:
    """A booked credit as it is kept."""

    id: UUID
    position: int
    entry_hash: str | None
    part: int | None
    amount: int
    currency: str
    booked_on: date | None
    order_id: UUID | None
    payer: str | None
    place: str
    fault: str | None


RECEIPTS = TypeAdapter(Sequence[Receipt])

ADD_RECEIPTS = """
insert into receipts
  (tenant, id, statement_id, position, iban, entry_hash, part, amount, currency, booked_on, order_id, payer, place,
   fault)
select $1, r.id, $2, r.position, $3, r.entry_hash, r.part, r.amount, r.currency, r.booked_on, r.order_id, r.payer,
       r.place, r.fault
from jsonb_populate_recordset(null::receipts, $4::jsonb) as r
"""


async def add_receipts(tx: Tx, tenant: str, statement_id: UUID, iban: str, receipts: Sequence[Receipt]) -> None:
    """Keep the credits of a statement."""
    await tx.execute(ADD_RECEIPTS, tenant, statement_id, iban, RECEIPTS.dump_json(receipts).decode())
