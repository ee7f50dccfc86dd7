"""Notifications, and the addresses that customers have since they confirmed one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Read, Tx
from contracts.event import Sealed
from pydantic import TypeAdapter
from pydantic_core import to_json

from letters.domain.email import State
from letters.domain.notification import Notification
from letters.domain.sending import Lease

NOTIFICATIONS = TypeAdapter(list[Notification])

# What a reward's first letter says is out of date once a later one is recorded.
RECORD = """
insert into notifications
  (tenant, id, about, subject, contact_key_id, follows, language, name_box, email_box, secret_box, facts, message_id,
   written_at, send_at, expires_at, rows)
select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $14, $15
where $3 <> 'redeemed'
   or not exists (select from notifications where tenant = $1 and subject = $4)
on conflict (tenant, subject, about) do nothing
"""


async def record(tx: Tx, new: Notification, contact_key_id: UUID) -> None:
    """Record a notification to be sent, each once."""
    about = (new.about, new.subject, contact_key_id, new.about.follows)
    boxes = (new.name_box, new.email_box, new.secret_box)
    facts = to_json(new.facts).decode()
    texts = (new.language, *boxes, facts, new.message_id)
    rows = to_json(new.rows).decode()
    await tx.execute(RECORD, new.tenant, new.id, *about, *texts, new.written_at, new.expires_at, rows)


# Those about one subject leave one after the other. The seller is the one that is named, or the
# tenant's first; the brand that of the channel or shop that is named, or of its only shop.
CLAIM = """
with due as (
  select tenant, id
  from notifications
  where state = 'waiting'
    and send_at <= $1
    and (leased_until is null or leased_until < clock_timestamp())
    and not exists (
      select from notifications earlier
      where earlier.tenant = notifications.tenant
        and earlier.subject = notifications.subject
        and earlier.state = 'waiting'
        and (earlier.written_at, earlier.id) < (notifications.written_at, notifications.id)
    )
  order by send_at
  limit $2
  for update skip locked
), claimed as (
  update notifications
  set leased_until = clock_timestamp() + $3
  from due
  where notifications.tenant = due.tenant
    and notifications.id = due.id
  returning notifications.*
)
select json_agg(notification)::text
from (
  select claimed.tenant, claimed.id, claimed.about, claimed.subject, claimed.language, claimed.name_box,
         case when claimed.follows then coalesce(addresses.email_box, claimed.email_box) else claimed.email_box end
           as email_box,
         claimed.secret_box, claimed.facts, claimed.rows, claimed.message_id, claimed.written_at, claimed.send_at,
         claimed.expires_at, claimed.state, claimed.failures, claimed.first_failed_at, claimed.code, claimed.answer,
         (
           select json_build_object('legal_name', legal_name, 'address', address, 'vat_id', vat_id, 'email', email,
                                    'telephone', telephone)
           from sellers
           where sellers.tenant = claimed.tenant
           order by sellers.seller = claimed.facts ->> 'seller' desc nulls last, position, seller
           limit 1
         ) as seller,
         coalesce(
           (
             select brand
             from shops
             where shops.tenant = claimed.tenant
               and brand is not null
               and (channel = claimed.facts ->> 'channel' or brand ->> 'name' = claimed.facts ->> 'shop')
             order by opened_at, shops.id
             limit 1
           ),
           (
             select (array_agg(brand))[1]
             from shops
             where shops.tenant = claimed.tenant
               and brand is not null
             having count(*) = 1
           )
         ) as brand,
         (
           select count(*)
           from notifications past
           where past.tenant = claimed.tenant
             and past.contact_key_id = claimed.contact_key_id
             and past.state = 'sent'
             and past.settled_at > $1::timestamptz - interval '1 hour'
         ) + (
           select count(*)
           from orders mine
           join emails past on past.tenant = mine.tenant and past.order_id = mine.id
           where mine.tenant = claimed.tenant
             and mine.contact_key_id = claimed.contact_key_id
             and past.state = 'sent'
             and past.settled_at > $1::timestamptz - interval '1 hour'
         ) as lately
  from claimed
  left join addresses
    on addresses.tenant = claimed.tenant and addresses.contact_key_id = claimed.contact_key_id
) as notification
"""


async def claim(tx: Tx, limit: int, lease: Lease) -> Sequence[Notification]:
    """Lease notifications that are to be sent now."""
    text: str | None = await tx.value(CLAIM, tx.now, limit, lease.duration)
    return [] if text is None else NOTIFICATIONS.validate_json(text)


SETTLE = """
update notifications
set state = $3, send_at = $4, failures = $5, first_failed_at = $6, code = $7, answer = $8, leased_until = null,
    settled_at = case when $9 then null else $10::timestamptz end,
    name_box = case when $9 or $11 then name_box end,
    email_box = case when $9 or $11 then email_box end,
    secret_box = case when $9 or $11 then secret_box end
where tenant = $1
  and id = $2
  and state = 'waiting'
"""


async def settle(tx: Tx, after: Notification) -> None:
    """Record how an attempt ended; what is sent, or can be sent no more, is forgotten but for that."""
    tried = (after.state, after.send_at, after.failures, after.first_failed_at, after.code, after.answer)
    kept = after.state is State.BOUNCED and after.about.follows
    await tx.execute(SETTLE, after.tenant, after.id, *tried, after.state is State.WAITING, tx.now, kept)


BOUNCED = """
select id as notification, about, subject, message_id, written_at, settled_at, code, answer
from notifications
where tenant = $1
  and state = 'bounced'
  and ($2::timestamptz is null or (settled_at, id) < ($2, $3))
order by settled_at desc, id desc
limit $4
"""


async def bounced(read: Read, tenant: str, after: tuple[datetime, UUID] | None, limit: int) -> list[dict[str, Any]]:
    """Return notifications that could not be sent, newest first, from behind this one on."""
    return [dict(row) for row in await read.fetch(BOUNCED, tenant, *(after or (None, None)), limit)]


DELAY = """
update notifications
set send_at = $3, leased_until = null
where tenant = $1
  and id = $2
"""


async def delay(tx: Tx, notification: Notification, send_at: datetime) -> None:
    """Let a claimed one wait until then."""
    await tx.execute(DELAY, notification.tenant, notification.id, send_at)


READDRESS = """
insert into addresses (tenant, contact_key_id, email_box, sequence)
values ($1, $2, $3, $4)
on conflict (tenant, contact_key_id) do update
set email_box = excluded.email_box, sequence = excluded.sequence
where addresses.sequence < excluded.sequence
  and addresses.email_box <> excluded.email_box
returning sequence
"""

REVIVE = """
with notified as (
  update notifications
  set state = 'waiting', send_at = $3, failures = 0, first_failed_at = null, settled_at = null
  where tenant = $1
    and contact_key_id = $2
    and state = 'bounced'
    and follows
    -- what was taken and then came back is forgotten
    and name_box is not null
)
update emails
set state = 'waiting', send_at = $3, lost = false, failures = 0, first_failed_at = null, settled_at = null
from orders
where orders.tenant = $1
  and orders.contact_key_id = $2
  and emails.tenant = orders.tenant
  and emails.order_id = orders.id
  and emails.state = 'bounced'
"""


async def readdress(tx: Tx, tenant: str, box: Sealed) -> bool:
    """Write to a customer at another address from now on, also of what had bounced; false if that is no news."""
    if await tx.value(READDRESS, tenant, box.key, str(box), tx.sequence) is None:
        return False
    await tx.execute(REVIVE, tenant, box.key, tx.now)
    return True
