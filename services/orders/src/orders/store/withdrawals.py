"""What consumers have declared to withdraw from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from chassis.db import Read, Tx
from contracts.event import Sealed, SubjectKey
from contracts.withdrawals import WithdrawalDeclared

LEASE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Declaration:
    """A declaration by somebody who has not signed in; `boxes` are name and e-mail address of the order it may mean."""

    tenant: str
    id: UUID
    channel: str
    seller: str
    number: str
    language: str
    declared_at: datetime
    name: Sealed
    email: Sealed
    order_id: UUID | None = None
    boxes: tuple[Sealed, Sealed] | None = None


SELLER = """
select offers.seller, records_keys.key_id, records_keys.public_key
from offers
join records_keys on records_keys.tenant = offers.tenant and records_keys.seller = offers.seller
where offers.tenant = $1
  and offers.channel = $2
  and records_keys.year = $3
limit 1
"""


async def seller(read: Read, tenant: str, channel: str) -> tuple[str, SubjectKey] | None:
    """Return who sells in a channel, and the key of this year's records; None where nobody does."""
    row = await read.row(SELLER, tenant, channel, read.now.year)
    return None if row is None else (row["seller"], SubjectKey(key=row["key_id"], public=row["public_key"]))


ADD = """
insert into withdrawals
  (tenant, id, channel, seller, number, language, declared_at, name_box, email_box, order_id, lines, state)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
on conflict do nothing
"""


async def receive(tx: Tx, new: Declaration) -> bool:
    """Keep a declaration that is to be compared with the order; false where it is known."""
    return await tx.execute(ADD, *_facts(new), None, "[]", "received") == 1


async def add(tx: Tx, declared: WithdrawalDeclared) -> None:
    """Keep a declaration with what follows from it."""
    new = Declaration(
        declared.tenant,
        declared.withdrawal,
        declared.channel,
        declared.seller,
        declared.number,
        declared.language,
        declared.declared_at,
        declared.name,
        declared.email,
    )
    state = "unmatched" if declared.order is None else "decided"
    await tx.execute(ADD, *_facts(new), declared.order, _lines(declared), state)


def _facts(new: Declaration) -> tuple[Any, ...]:
    who = (str(new.name), str(new.email))
    return (new.tenant, new.id, new.channel, new.seller, new.number, new.language, new.declared_at, *who)


def _lines(declared: WithdrawalDeclared) -> str:
    return orjson.dumps([line.model_dump(mode="json") for line in declared.lines]).decode()


# the order that a declaration may mean: a channel has one seller, and with it no number twice
CLAIM = """
with due as (
  select tenant, id
  from withdrawals
  where state = 'received'
    and (leased_until is null or leased_until < clock_timestamp())
  order by declared_at
  limit $1
  for update skip locked
), claimed as (
  update withdrawals
  set leased_until = clock_timestamp() + $2
  from due
  where withdrawals.tenant = due.tenant
    and withdrawals.id = due.id
  returning withdrawals.*
)
select claimed.tenant, claimed.id, claimed.channel, claimed.seller, claimed.number, claimed.language,
       claimed.declared_at, claimed.name_box, claimed.email_box, orders.id as order_id,
       orders.placed ->> 'name_contact' as name_contact, orders.placed ->> 'email_contact' as email_contact
from claimed
left join orders
  on orders.tenant = claimed.tenant
 and orders.channel = claimed.channel
 and orders.seller = claimed.seller
 and upper(orders.number) = upper(claimed.number)
"""


async def claim(tx: Tx, limit: int) -> Sequence[Declaration]:
    """Lease declarations that nobody has compared yet."""
    return [
        Declaration(
            row["tenant"],
            row["id"],
            row["channel"],
            row["seller"],
            row["number"],
            row["language"],
            row["declared_at"],
            Sealed.parse(row["name_box"]),
            Sealed.parse(row["email_box"]),
            row["order_id"],
            (Sealed.parse(row["name_contact"]), Sealed.parse(row["email_contact"])) if row["order_id"] else None,
        )
        for row in await tx.fetch(CLAIM, limit, LEASE)
    ]


CONCLUDE = """
update withdrawals
set state = $3, order_id = $4, lines = $5, leased_until = null
where tenant = $1
  and id = $2
  and state = 'received'
"""


async def conclude(tx: Tx, declared: WithdrawalDeclared) -> bool:
    """Keep what follows from a declaration; false where somebody has done so meanwhile."""
    state = "unmatched" if declared.order is None else "decided"
    facts = (declared.tenant, declared.withdrawal, state, declared.order, _lines(declared))
    return await tx.execute(CONCLUDE, *facts) == 1


OF_ORDER = """
select id as withdrawal, order_id as "order", number, channel, declared_at, state, lines
from withdrawals
where tenant = $1
  and order_id = $2
order by declared_at, id
"""


async def of_order(read: Read, tenant: str, order_id: UUID) -> list[dict[str, Any]]:
    """Return the declarations about an order."""
    return [_shown(row) for row in await read.fetch(OF_ORDER, tenant, order_id)]


LATEST = """
select id as withdrawal, order_id as "order", number, channel, declared_at, state, lines, done_at, note,
       done_at is null and (state = 'unmatched' or lines @> '[{"outcome": "returning"}]') as waiting
from withdrawals
where tenant = $1
  and ($2::timestamptz is null or (declared_at, id) < ($2, $3))
  and (not $4 or (done_at is null and (state = 'unmatched' or lines @> '[{"outcome": "returning"}]')))
order by declared_at desc, id desc
limit $5
"""


async def latest(
    read: Read, tenant: str, after: tuple[datetime, UUID] | None, limit: int, *, open_only: bool
) -> list[dict[str, Any]]:
    """Return declarations, newest first, at most `limit`; `open_only` those that wait for staff."""
    rows = await read.fetch(LATEST, tenant, *(after or (None, None)), open_only, limit)
    return [_shown(row) for row in rows]


ONE = """
select id as withdrawal, order_id as "order", number, channel, declared_at, state, lines, done_at, note,
       done_at is null and (state = 'unmatched' or lines @> '[{"outcome": "returning"}]') as waiting
from withdrawals
where tenant = $1
  and id = $2
"""


async def find(read: Read, tenant: str, withdrawal_id: UUID) -> dict[str, Any] | None:
    """Return a declaration, None where there is none."""
    row = await read.row(ONE, tenant, withdrawal_id)
    return None if row is None else _shown(row)


FINISH = """
update withdrawals
set done_at = $3, note = $4
where tenant = $1
  and id = $2
  and done_at is null
  and (state = 'unmatched' or lines @> '[{"outcome": "returning"}]')
"""


async def finish(tx: Tx, tenant: str, withdrawal_id: UUID, note: str) -> bool:
    """Keep what came of a declaration that waited for staff; false where none of it does."""
    return await tx.execute(FINISH, tenant, withdrawal_id, tx.now, note) == 1


def _shown(row: Any) -> dict[str, Any]:
    return {**dict(row), "lines": orjson.loads(row["lines"])}


BOXES = """
select name_box, email_box
from withdrawals
where tenant = $1
  and id = $2
  and state = 'unmatched'
"""


async def unmatched(read: Read, tenant: str, withdrawal_id: UUID) -> tuple[Sealed, Sealed] | None:
    """Return who has declared what fits no order: name and e-mail address, sealed to the seller's records."""
    row = await read.row(BOXES, tenant, withdrawal_id)
    return None if row is None else (Sealed.parse(row["name_box"]), Sealed.parse(row["email_box"]))
