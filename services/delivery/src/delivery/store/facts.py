"""What is published of orders, recorded as facts: blind to order, and a fact repeated changes nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from chassis.consuming import Message
from chassis.db import Tx
from contracts.mail_relay import ClaimDecided, ClaimOpened
from contracts.orders import DeliveryReleased, OrderPaid, OrderRefunded
from contracts.payments import DisputeClosed, DisputeOpened

RECORD_PAYMENTS = """
with paid as (
  select tenant, "order" as order_id, channel, market, seller, order_number, ordered_at, customer, organisation,
         language, keys, name_profile, email_profile, company_profile, lines
  from jsonb_to_recordset($1::jsonb) as event
    (tenant text, "order" uuid, channel text, market text, seller text, order_number text, ordered_at timestamptz,
     customer uuid, organisation uuid, language text, keys jsonb, name_profile text, email_profile text,
     company_profile text, lines jsonb)
), downloads as (
  select tenant, order_id, line, sku, name, link_validity_days, download_limit,
         coalesce(deliver_from, ordered_at) as not_before, units
  from paid, jsonb_to_recordset(lines) as line
    (line uuid, sku text, name text, fulfilment text, link_validity_days integer, download_limit integer,
     deliver_from timestamptz, units uuid[])
  where fulfilment = 'download'
), added_orders as (
  insert into orders
    (tenant, id, channel, market, seller, number, ordered_at, customer_id, organisation_id, language, contact,
     name_profile, email_profile, company_profile)
  select tenant, order_id, channel, market, seller, order_number, ordered_at, customer, organisation, language,
         keys ->> 'contact', name_profile, email_profile, company_profile
  from paid
  where (tenant, order_id) in (select tenant, order_id from downloads)
  on conflict (tenant, id) do nothing
), added_lines as (
  insert into lines (tenant, id, order_id, sku, name, link_validity_days, download_limit, not_before)
  select distinct on (tenant, line)
         tenant, line, order_id, sku, name, link_validity_days, download_limit, not_before
  from downloads
  order by tenant, line, not_before
  on conflict (tenant, id) do update
  set not_before = excluded.not_before
  where excluded.not_before < lines.not_before
)
insert into units (tenant, line_id, id)
select tenant, line, unit
from downloads, unnest(units) as unit
on conflict (tenant, line_id, id) do nothing
"""


async def record_payments(tx: Tx, messages: Sequence[Message[OrderPaid]]) -> None:
    """Record the orders, lines and units of what is paid and to be downloaded."""
    await tx.execute(RECORD_PAYMENTS, _events(messages))


async def record_line(tx: Tx, paid: Mapping[str, Any]) -> None:
    """Record a paid line that came by another door than Kafka's, in the words of `OrderPaid`."""
    await tx.execute(RECORD_PAYMENTS, orjson.dumps([paid]).decode())


RECORD_REFUNDS = """
insert into refunded_units (tenant, unit_id)
select tenant, unit
from jsonb_to_recordset($1::jsonb) as event (tenant text, units jsonb),
     jsonb_to_recordset(units) as refunded (unit uuid)
on conflict (tenant, unit_id) do nothing
"""


async def record_refunds(tx: Tx, messages: Sequence[Message[OrderRefunded]]) -> None:
    """Record which units are taken back, whether or not they are known to be paid."""
    await tx.execute(RECORD_REFUNDS, _events(messages))


RECORD_RELEASES = """
insert into releases (tenant, line_id, deliver_from)
select tenant, line, min(deliver_from)
from jsonb_to_recordset($1::jsonb) as event (tenant text, lines uuid[], deliver_from timestamptz),
     unnest(lines) as line
group by tenant, line
on conflict (tenant, line_id) do update
set deliver_from = excluded.deliver_from
where excluded.deliver_from < releases.deliver_from
"""


async def record_releases(tx: Tx, messages: Sequence[Message[DeliveryReleased]]) -> None:
    """Record from when on lines may be delivered; the earliest moment wins."""
    await tx.execute(RECORD_RELEASES, _events(messages))


RECORD_DISPUTES = """
insert into disputes (tenant, order_id, id, won)
select tenant, "order", dispute, bool_or(coalesce(outcome = 'won', false))
from jsonb_to_recordset($1::jsonb) as event (tenant text, "order" uuid, dispute uuid, outcome text)
group by tenant, "order", dispute
order by tenant, "order", dispute
on conflict (tenant, order_id, id) do update
set won = disputes.won or excluded.won
"""


async def record_disputes(tx: Tx, messages: Sequence[Message[DisputeOpened | DisputeClosed]]) -> None:
    """Record disputes, which suspend the links of their orders until they are won (F-P21)."""
    await tx.execute(RECORD_DISPUTES, _events(messages))


RECORD_CLAIMS = """
insert into claims (tenant, order_id, id, revision, unit_ids)
select distinct on (tenant, "order", claim) tenant, "order", claim, revision, units
from jsonb_to_recordset($1::jsonb) as event (tenant text, "order" uuid, claim uuid, revision integer, units uuid[])
order by tenant, "order", claim, revision desc
on conflict (tenant, order_id, id) do update
set revision = excluded.revision, unit_ids = excluded.unit_ids
where claims.revision < excluded.revision
"""


async def record_claims(tx: Tx, messages: Sequence[Message[ClaimOpened | ClaimDecided]]) -> None:
    """Record claims, which suspend the links of their units until nobody wants these back any more (DEL-12)."""
    await tx.execute(RECORD_CLAIMS, _events(messages))


def _events(messages: Sequence[Message[Any]]) -> str:
    return f"[{','.join(message.event.model_dump_json() for message in messages)}]"
