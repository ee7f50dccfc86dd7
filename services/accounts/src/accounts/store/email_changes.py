"""New e-mail addresses that wait for their reader's confirmation."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.db import Tx
from contracts.event import Sealed


@dataclass(frozen=True, slots=True)
class EmailChange:
    """A customer's new address, by blind index and sealed to both keys of theirs."""

    customer_id: UUID
    email_hmac: bytes
    email_profile: Sealed
    email_contact: Sealed


PUT = """
insert into email_changes (tenant, customer_id, email_hmac, email_profile, email_contact, code_hash, expires_at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (tenant, customer_id) do update
set email_hmac = excluded.email_hmac,
    email_profile = excluded.email_profile,
    email_contact = excluded.email_contact,
    code_hash = excluded.code_hash,
    expires_at = excluded.expires_at
"""


async def put(tx: Tx, tenant: str, change: EmailChange, code_hash: bytes, expires_at: datetime) -> None:
    """Let a change wait for its code; an earlier one of the customer is void."""
    boxes = str(change.email_profile), str(change.email_contact)
    await tx.execute(PUT, tenant, change.customer_id, change.email_hmac, *boxes, code_hash, expires_at)


TAKE = """
delete from email_changes
where tenant = $1
  and customer_id = $2
  and code_hash = $3
returning email_hmac, email_profile, email_contact, expires_at
"""


async def take(tx: Tx, tenant: str, customer_id: UUID, code_hash: bytes) -> EmailChange | None:
    """Return a change that is confirmed in time, and forget it."""
    row = await tx.row(TAKE, tenant, customer_id, code_hash)
    if row is None or row["expires_at"] <= tx.now:
        return None
    boxes = Sealed.parse(row["email_profile"]), Sealed.parse(row["email_contact"])
    return EmailChange(customer_id, row["email_hmac"], *boxes)


REMOVE = """
delete from email_changes
where tenant = $1
  and customer_id = $2
"""


async def remove(tx: Tx, tenant: str, customer_id: UUID) -> None:
    """Let a change that waits for its code count no more."""
    await tx.execute(REMOVE, tenant, customer_id)


REMOVE_OLD = """
delete from email_changes
where (tenant, customer_id) in (
  select tenant, customer_id
  from email_changes
  where expires_at <= $1
  limit 10000
)
"""


async def remove_old(tx: Tx) -> bool:
    """Forget addresses that nobody has confirmed in time, of all tenants, and return whether there may be more."""
    return await tx.execute(REMOVE_OLD, tx.now) > 0
