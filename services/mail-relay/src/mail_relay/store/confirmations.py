"""Codes to be mailed, and the addresses that customers have since they sent one back."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.db import Tx
from contracts.accounts import EmailChangeRequested

from mail_relay.domain.confirmation import Confirmation
from mail_relay.domain.sending import Lease

RECORD = """
insert into confirmations
  (tenant, id, contact_key_id, shop, language, name_box, email_box, code_box, message_id, written_at, expires_at,
   send_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $10)
on conflict do nothing
"""


async def record(tx: Tx, asked: EmailChangeRequested, message_id: str) -> None:
    """Record a code to be mailed."""
    boxes = str(asked.name), str(asked.email), str(asked.code)
    known = (asked.tenant, asked.change, asked.email.key, asked.shop, asked.language)
    await tx.execute(RECORD, *known, *boxes, message_id, tx.now, asked.expires_at)


CLAIM = """
with due as (
  select tenant, id
  from confirmations
  where send_at <= $1
    and (leased_until is null or leased_until < clock_timestamp())
  order by send_at
  limit $2
  for update skip locked
)
update confirmations
set leased_until = clock_timestamp() + $3
from due
where confirmations.tenant = due.tenant
  and confirmations.id = due.id
returning confirmations.tenant, confirmations.id, shop, language, name_box, email_box, code_box, message_id,
          written_at, expires_at, failures
"""


async def claim(tx: Tx, limit: int, lease: Lease) -> Sequence[Confirmation]:
    """Lease codes that are to be mailed now."""
    return [Confirmation(**dict(row)) for row in await tx.fetch(CLAIM, tx.now, limit, lease.duration)]


AGAIN = """
update confirmations
set send_at = $3, failures = failures + 1, leased_until = null
where tenant = $1
  and id = $2
"""


async def again(tx: Tx, confirmation: Confirmation, send_at: datetime) -> None:
    """Try once more, later."""
    await tx.execute(AGAIN, confirmation.tenant, confirmation.id, send_at)


REMOVE = """
delete from confirmations
where tenant = $1
  and id = $2
"""


async def remove(tx: Tx, confirmation: Confirmation) -> None:
    """Forget a code that is mailed, or cannot be."""
    await tx.execute(REMOVE, confirmation.tenant, confirmation.id)


READDRESS = """
insert into addresses (tenant, contact_key_id, email_box, sequence)
values ($1, $2, $3, $4)
on conflict (tenant, contact_key_id) do update
set email_box = excluded.email_box, sequence = excluded.sequence
where addresses.sequence < excluded.sequence
returning sequence
"""

REVIVE = """
update emails
set state = 'waiting', send_at = $3, lost = false, failures = 0, first_failed_at = null, settled_at = null
from orders
where orders.tenant = $1
  and orders.contact_key_id = $2
  and emails.tenant = orders.tenant
  and emails.order_id = orders.id
  and emails.state = 'bounced'
"""


async def readdress(tx: Tx, tenant: str, contact_key_id: UUID, email_box: str) -> bool:
    """Write to a customer at another address from now on, also of what had bounced; false if a later one is known."""
    if await tx.value(READDRESS, tenant, contact_key_id, email_box, tx.sequence) is None:
        return False
    await tx.execute(REVIVE, tenant, contact_key_id, tx.now)
    return True
