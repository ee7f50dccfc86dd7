"""New e-mail addresses that wait for their reader's confirmation and for the former one's consent."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import asyncpg
from chassis.db import Read, Tx
from contracts.event import Sealed

from accounts.domain.address_change import AddressChange


@dataclass(frozen=True, slots=True)
class EmailChange:
    """A customer's new address, by blind index and sealed to both keys of theirs, and the hashes of both codes."""

    customer_id: UUID
    email_hmac: bytes
    email_profile: Sealed
    email_contact: Sealed
    code_hash: bytes = field(repr=False)
    former_hash: bytes = field(repr=False)
    state: AddressChange


PUT = """
insert into email_changes
  (tenant, customer_id, email_hmac, email_profile, email_contact, code_hash, former_hash, asked_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (tenant, customer_id) do update
set email_hmac = excluded.email_hmac,
    email_profile = excluded.email_profile,
    email_contact = excluded.email_contact,
    code_hash = excluded.code_hash,
    former_hash = excluded.former_hash,
    asked_at = excluded.asked_at,
    expires_at = excluded.expires_at,
    confirmed_at = null,
    consented_at = null,
    due_at = null
"""


async def put(tx: Tx, tenant: str, change: EmailChange) -> None:
    """Let a change wait for its codes; an earlier one of the customer is void."""
    boxes = str(change.email_profile), str(change.email_contact)
    times = change.state.asked_at, change.state.expires_at
    hashes = change.code_hash, change.former_hash
    await tx.execute(PUT, tenant, change.customer_id, change.email_hmac, *boxes, *hashes, *times)


SELECT = """
select customer_id, email_hmac, email_profile, email_contact, code_hash, former_hash, asked_at, expires_at,
       confirmed_at, consented_at
from email_changes
where tenant = $1
"""

FIND = f"""
{SELECT}
  and customer_id = $2
"""


async def find(read: Read, tenant: str, customer_id: UUID) -> EmailChange | None:
    """Return the change of a customer, if one waits."""
    return _change(await read.row(FIND, tenant, customer_id), read.now)


BY_FORMER = f"""
{SELECT}
  and former_hash = $2
"""


async def by_former(read: Read, tenant: str, former_hash: bytes) -> EmailChange | None:
    """Return the change to whose former address this code was mailed, if it waits."""
    return _change(await read.row(BY_FORMER, tenant, former_hash), read.now)


SETTLE = """
update email_changes
set confirmed_at = $3, consented_at = $4, due_at = $5
where tenant = $1
  and customer_id = $2
"""


async def settle(tx: Tx, tenant: str, customer_id: UUID, state: AddressChange) -> None:
    """Record how far a change has come."""
    await tx.execute(SETTLE, tenant, customer_id, state.confirmed_at, state.consented_at, state.due_at)


REMOVE = """
delete from email_changes
where tenant = $1
  and customer_id = $2
"""


async def remove(tx: Tx, tenant: str, customer_id: UUID) -> bool:
    """Let a change that waits count no more; returns whether there was one."""
    return await tx.execute(REMOVE, tenant, customer_id) == 1


DUE = """
select tenant, customer_id
from email_changes
where due_at <= $1
order by due_at
limit $2
"""


async def due(read: Read, limit: int) -> list[tuple[str, UUID]]:
    """Return customers, of all tenants, whose changes have waited long enough."""
    return [(row["tenant"], row["customer_id"]) for row in await read.fetch(DUE, read.now, limit)]


REMOVE_OLD = """
delete from email_changes
where (tenant, customer_id) in (
  select tenant, customer_id
  from email_changes
  where expires_at <= $1
    and confirmed_at is null
  limit 10000
)
"""


async def remove_old(tx: Tx) -> bool:
    """Forget addresses that nobody has confirmed in time, of all tenants, and return whether there may be more."""
    return await tx.execute(REMOVE_OLD, tx.now) > 0


def _change(row: asyncpg.Record | None, now: datetime) -> EmailChange | None:
    if row is None:
        return None
    state = AddressChange(row["asked_at"], row["expires_at"], row["confirmed_at"], row["consented_at"])
    boxes = Sealed.parse(row["email_profile"]), Sealed.parse(row["email_contact"])
    change = EmailChange(row["customer_id"], row["email_hmac"], *boxes, row["code_hash"], row["former_hash"], state)
    return change if state.waits(now) else None
