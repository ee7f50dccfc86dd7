"""What an order's e-mails are made of, recorded as facts: paid units, releases, links, keys, refunds.

Each function records the events of one type by one statement, which holds their orders first: nobody else concludes
about them before this transaction ends. The same fact twice, in one batch or later, is one row.
"""

from collections.abc import Sequence
from typing import Any

from chassis.consuming import Message
from chassis.db import Tx
from contracts.delivery import DownloadExtended, DownloadGranted
from contracts.licensing import LicenseBackordered, LicenseIssued
from contracts.orders import DeliveryReleased, OrderCancelled, OrderPaid, OrderRefunded
from contracts.payments import PaymentRefunded
from pydantic_core import to_json

from letters.domain.email import HISTORY

# The orders of the events in $1, made or else locked, in the order of their ids; the lateral join looks each up by its
# key, however many there may be. What is recorded is taken from `held`, so that the lock comes first; an order that is
# there already gets no new version of its row.
HOLD = """
with named as (
  select distinct on (tenant, order_id) tenant, order_id, channel, market, seller, order_number, ordered_at
  from jsonb_to_recordset($1::jsonb) as event
    (tenant text, order_id uuid, channel text, market text, seller text, order_number text, ordered_at timestamptz)
  order by tenant, order_id
), known as (
  select named.tenant, named.order_id
  from named
  cross join lateral (
    select id
    from orders
    where orders.tenant = named.tenant
      and orders.id = named.order_id
    for update
  ) as locked
), opened as (
  insert into orders (tenant, id, channel, market, seller, number, ordered_at)
  select tenant, order_id, channel, market, seller, order_number, ordered_at
  from named
  where not exists (select from known where known.tenant = named.tenant and known.order_id = named.order_id)
  order by tenant, order_id
  on conflict (tenant, id) do update
  set number = excluded.number
  returning tenant, id as order_id
), held as (
  select tenant, order_id
  from known
  union all
  select tenant, order_id
  from opened
)
"""

# What the customer has stated, by the events that may deliver for it: whichever comes first, the letter confirms it.
CONSENTS = """, stated as (
  insert into later_consents (tenant, order_id, kind, text, given_at)
  select distinct on (tenant, order_id, kind) tenant, order_id, kind, text, given_at
  from held
  join jsonb_to_recordset($1::jsonb) as event (tenant text, order_id uuid, consents jsonb) using (tenant, order_id)
  cross join jsonb_to_recordset(consents) as consent (kind text, text text, given_at timestamptz)
  order by tenant, order_id, kind, given_at
  on conflict (tenant, order_id, kind) do nothing
)
"""

RECORD_PAYMENTS = f"""
{HOLD}{CONSENTS}
insert into paid_units
  (tenant, order_id, id, line_id, payment_id, paid_at, known_at, deliver_from, download, keyed, announced_in,
   traceparent)
select tenant, order_id, unit.id, line.line,
       (select min(unit::text)::uuid from jsonb_to_recordset(lines) as line (units uuid[]), unnest(line.units) as unit),
       paid_at, $2, line.deliver_from, line.fulfilment = 'download',
       line.fulfilment = 'download' and line.key_source <> 'none', $3, traceparent
from held
join jsonb_to_recordset($1::jsonb) as event
  (tenant text, order_id uuid, lines jsonb, paid_at timestamptz, traceparent text) using (tenant, order_id)
cross join jsonb_to_recordset(lines) as line
  (line uuid, units uuid[], fulfilment text, key_source text, deliver_from timestamptz)
cross join unnest(line.units) as unit (id)
on conflict do nothing
"""  # noqa: S608 -- made of statements alone


async def record_payments(tx: Tx, messages: Sequence[Message[OrderPaid]]) -> None:
    """Record the units of payments; its smallest unit names a payment, for a repetition names the same."""
    await tx.execute(RECORD_PAYMENTS, events_in(messages), tx.now, _history(tx))


RECORD_RELEASES = f"""
{HOLD}{CONSENTS}
insert into releases (tenant, order_id, line_id, deliver_from)
select tenant, order_id, line.id, min(deliver_from)
from held
join jsonb_to_recordset($1::jsonb) as event (tenant text, order_id uuid, lines uuid[], deliver_from timestamptz)
  using (tenant, order_id)
cross join unnest(lines) as line (id)
group by tenant, order_id, line.id
order by tenant, order_id, line.id
on conflict (tenant, order_id, line_id) do update
set deliver_from = least(releases.deliver_from, excluded.deliver_from)
"""  # noqa: S608 -- made of statements alone


async def record_releases(tx: Tx, messages: Sequence[Message[DeliveryReleased]]) -> None:
    """Record from when on lines may be delivered, and the statements that release them; the earliest moment wins."""
    await tx.execute(RECORD_RELEASES, events_in(messages))


RECORD_CANCELLATIONS = f"""
{HOLD}
insert into cancelled_units (tenant, order_id, unit_id, reason, emailed_in)
select tenant, order_id, unit.id, reason, $2
from held
join jsonb_to_recordset($1::jsonb) as event (tenant text, order_id uuid, units uuid[], reason text)
  using (tenant, order_id)
cross join unnest(units) as unit (id)
on conflict do nothing
"""  # noqa: S608 -- made of statements alone


async def record_cancellations(tx: Tx, messages: Sequence[Message[OrderCancelled]]) -> None:
    """Record which units will not be paid, and why: nobody is thanked for an order that is cancelled."""
    await tx.execute(RECORD_CANCELLATIONS, events_in(messages), _history(tx))


RECORD_BACKORDERS = f"""
{HOLD}
insert into backordered_units (tenant, order_id, unit_id)
select tenant, order_id, unit
from held
join jsonb_to_recordset($1::jsonb) as event (tenant text, order_id uuid, unit uuid) using (tenant, order_id)
on conflict do nothing
"""  # noqa: S608 -- made of statements alone


async def record_backorders(tx: Tx, messages: Sequence[Message[LicenseBackordered]]) -> None:
    """Record that the keys of units follow on refill."""
    await tx.execute(RECORD_BACKORDERS, events_in(messages))


# A link or key may cover more units each time it is published. Of history it counts as carried by that e-mail, unless
# another is known to carry it.
RECORD_LINKS = f"""
{HOLD}, covered as (
  select tenant, order_id, sha256(convert_to(token, 'UTF8')) as digest, line, "grant", token, unit.id as unit_id,
         array(select name from jsonb_to_recordset(files) as file (name text)) as files, valid_until, download_limit,
         sequence
  from held
  join jsonb_to_recordset($1::jsonb) as event
    (tenant text, order_id uuid, line uuid, "grant" uuid, token text, units uuid[], files jsonb,
     valid_until timestamptz, download_limit integer, sequence bigint) using (tenant, order_id)
  cross join unnest(units) as unit (id)
), assumed as (
  insert into email_contents (tenant, order_id, part, unit_id, emailed_in)
  select tenant, order_id, digest, unit_id, $2::integer
  from covered
  where $2::integer is not null
  on conflict do nothing
)
insert into links
  (tenant, order_id, digest, line_id, grant_id, token, unit_ids, files, valid_until, download_limit, sequence,
   emailed_in)
select tenant, order_id, digest, line, "grant", token, array_agg(distinct unit_id), max(files),
       (array_agg(valid_until order by sequence desc))[1], (array_agg(download_limit order by sequence desc))[1],
       max(sequence), $2::integer
from covered
group by tenant, order_id, digest, line, "grant", token
order by tenant, order_id, digest
on conflict (tenant, order_id, digest) do update
set unit_ids = array(select distinct unit_id from unnest(links.unit_ids || excluded.unit_ids) as covered (unit_id)),
    valid_until = case when excluded.sequence > links.sequence then excluded.valid_until else links.valid_until end,
    download_limit =
      case when excluded.sequence > links.sequence then excluded.download_limit else links.download_limit end,
    sequence = greatest(links.sequence, excluded.sequence)
"""  # noqa: S608 -- made of statements alone


async def record_links(tx: Tx, messages: Sequence[Message[DownloadGranted]]) -> None:
    """Record links; the same token is the same link, on the terms of its newest event."""
    await tx.execute(RECORD_LINKS, events_in(messages), _history(tx))


RECORD_EXTENSIONS = f"""
{HOLD}
insert into extensions (tenant, order_id, grant_id, sequence, valid_until, download_limit, emailed_in)
select distinct on (tenant, order_id, "grant")
       tenant, order_id, "grant", sequence, valid_until, download_limit, $2::integer
from held
join jsonb_to_recordset($1::jsonb) as event
  (tenant text, order_id uuid, "grant" uuid, sequence bigint, valid_until timestamptz, download_limit integer)
  using (tenant, order_id)
order by tenant, order_id, "grant", sequence desc
on conflict (tenant, order_id, grant_id) do update
set sequence = excluded.sequence, valid_until = excluded.valid_until, download_limit = excluded.download_limit,
    emailed_in = case when (extensions.valid_until, extensions.download_limit)
                             = (excluded.valid_until, excluded.download_limit) then extensions.emailed_in
                      else excluded.emailed_in end
where extensions.sequence < excluded.sequence
"""  # noqa: S608 -- made of statements alone


async def record_extensions(tx: Tx, messages: Sequence[Message[DownloadExtended]]) -> None:
    """Record until when grants live and for how many downloads; the newest event wins."""
    await tx.execute(RECORD_EXTENSIONS, events_in(messages), _history(tx))


RECORD_KEYS = f"""
{HOLD}, covered as (
  select tenant, order_id, license, line, unit.id as unit_id, license_key, issued_at
  from held
  join jsonb_to_recordset($1::jsonb) as event
    (tenant text, order_id uuid, license uuid, line uuid, unit uuid, units uuid[], license_key text,
     issued_at timestamptz) using (tenant, order_id)
  cross join unnest(event.unit || coalesce(units, '{{}}')) as unit (id)
), assumed as (
  insert into email_contents (tenant, order_id, part, unit_id, emailed_in)
  select tenant, order_id, uuid_send(license), unit_id, $2::integer
  from covered
  where $2::integer is not null
  on conflict do nothing
)
insert into license_keys (tenant, order_id, id, line_id, unit_ids, license_key, issued_at, emailed_in)
select tenant, order_id, license, line, array_agg(distinct unit_id), max(license_key), min(issued_at), $2::integer
from covered
group by tenant, order_id, license, line
order by tenant, order_id, license
on conflict (tenant, order_id, id) do update
set unit_ids = array(
  select distinct unit_id
  from unnest(license_keys.unit_ids || excluded.unit_ids) as covered (unit_id)
)
"""  # noqa: S608 -- made of statements alone


async def record_keys(tx: Tx, messages: Sequence[Message[LicenseIssued]]) -> None:
    """Record licence keys."""
    await tx.execute(RECORD_KEYS, events_in(messages), _history(tx))


RECORD_REFUNDS = f"""
{HOLD}
insert into refunds (tenant, order_id, id, unit_ids, reason)
select tenant, order_id, refund, array(select unit from jsonb_to_recordset(units) as refunded (unit uuid)), reason
from held
join jsonb_to_recordset($1::jsonb) as event (tenant text, order_id uuid, refund uuid, units jsonb, reason text)
  using (tenant, order_id)
on conflict do nothing
"""  # noqa: S608 -- made of statements alone


async def record_refunds(tx: Tx, messages: Sequence[Message[OrderRefunded]]) -> None:
    """Record which units were taken back, and why: they are delivered no more."""
    await tx.execute(RECORD_REFUNDS, events_in(messages))


RECORD_REPAYMENTS = f"""
{HOLD}
insert into repayments (tenant, order_id, id, refund_id, amount, currency, refunded_at, known_at, emailed_in)
select tenant, order_id, repayment, coalesce(refund, repayment), amount, currency, refunded_at, $2, $3
from held
join jsonb_to_recordset($1::jsonb) as event
  (tenant text, order_id uuid, repayment uuid, refund uuid, amount bigint, currency text, refunded_at timestamptz)
  using (tenant, order_id)
on conflict do nothing
"""  # noqa: S608 -- made of statements alone


async def record_repayments(tx: Tx, messages: Sequence[Message[PaymentRefunded]]) -> None:
    """Record what was paid back; orders knows what a provider began by the repayment's own id."""
    await tx.execute(RECORD_REPAYMENTS, events_in(messages), tx.now, _history(tx))


def events_in(messages: Sequence[Message[Any]]) -> str:
    """Return events as a JSON array, each with its sequence and the trace of its handling."""
    return to_json(
        [
            {
                **vars(message.event),
                "order_id": message.event.order,
                "sequence": message.sequence,
                "traceparent": message.cause.traceparent,
            }
            for message in messages
        ]
    ).decode()


def _history(tx: Tx) -> int | None:
    """Return the e-mail that has announced a fact of before EFFECTS_SINCE already, None for a later fact."""
    return None if tx.effects else HISTORY
