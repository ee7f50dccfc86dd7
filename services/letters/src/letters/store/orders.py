"""Orders, as far as their e-mails need them."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from chassis.consuming import Message
from chassis.db import Read, Tx
from contracts.orders import Line as OrderedLine
from contracts.orders import OrderPlaced, PaymentMethod
from contracts.payments import TransferRequested
from contracts.shared import CustomerType, Fulfilment, KeysPer
from pydantic import ConfigDict, TypeAdapter
from pydantic_core import to_json

from letters.domain.agreement import Agreement, Instructions, Line, Seller, Statement
from letters.domain.decision import acknowledge_at
from letters.domain.order import Order
from letters.store import emails

OrderKey = tuple[str, UUID]

RECORD_ORDERS = """
insert into orders
  (tenant, id, channel, market, seller, number, ordered_at,
   agreement, contact_key_id, name_box, email_box, shipping_box, acknowledge_at, quiet)
select tenant, "order", channel, market, seller, order_number, ordered_at,
       agreement, contact_key_id, name_box, email_box, shipping_box, acknowledge_at, $2
from jsonb_to_recordset($1::jsonb) as placed
  (tenant text, "order" uuid, channel text, market text, seller text, order_number text, ordered_at timestamptz,
   agreement jsonb, contact_key_id uuid, name_box text, email_box text, shipping_box text, acknowledge_at timestamptz)
order by tenant, "order"
on conflict (tenant, id) do update
set agreement = excluded.agreement, contact_key_id = excluded.contact_key_id, name_box = excluded.name_box,
    email_box = excluded.email_box, shipping_box = excluded.shipping_box, acknowledge_at = excluded.acknowledge_at,
    quiet = excluded.quiet
where orders.agreement is null
"""


async def record_orders(tx: Tx, messages: Sequence[Message[OrderPlaced]]) -> None:
    """Record what was agreed, without the boxes that e-mails do not need: without it nothing is written to anybody."""
    rows = {
        (event.tenant, event.order): {
            **event.header,
            "agreement": _agreement(event),
            "contact_key_id": event.keys.contact.key,
            "name_box": str(event.name_contact),
            "email_box": str(event.email_contact),
            "shipping_box": str(event.shipping_address_contact) if event.shipping_address_contact else None,
            "acknowledge_at": acknowledge_at(event.ordered_at, tx.now),
        }
        for event in (message.event for message in messages)
    }
    await tx.execute(RECORD_ORDERS, to_json(list(rows.values())).decode(), not tx.effects)


RECORD_TRANSFERS = """
insert into orders (tenant, id, channel, market, seller, number, ordered_at, transfer)
select tenant, "order", channel, market, seller, order_number, ordered_at, transfer
from jsonb_to_recordset($1::jsonb) as requested
  (tenant text, "order" uuid, channel text, market text, seller text, order_number text, ordered_at timestamptz,
   transfer jsonb)
order by tenant, "order"
on conflict (tenant, id) do update
set transfer = excluded.transfer
"""


async def record_transfers(tx: Tx, messages: Sequence[Message[TransferRequested]]) -> None:
    """Record how customers are asked to transfer the money."""
    rows = {
        (event.tenant, event.order): {
            **event.header,
            "transfer": Instructions(event.reference, event.iban, event.bic, event.payee, event.amount, event.due_at),
        }
        for event in (message.event for message in messages)
    }
    await tx.execute(RECORD_TRANSFERS, to_json(list(rows.values())).decode())


LOCK = """
select
from unnest((select $1::text[]), (select $2::uuid[])) as named (tenant, id)
join orders using (tenant, id)
order by tenant, id
for update of orders
"""


async def lock(tx: Tx, keys: Iterable[OrderKey]) -> None:
    """Lock those of these orders that there are, so that nobody else concludes about them."""
    named = sorted(set(keys))
    await tx.execute(LOCK, [tenant for tenant, _ in named], [order_id for _, order_id in named])


LOCK_DUE = """
select tenant, id
from orders
where conclude_at <= $1
order by conclude_at
limit $2
for update skip locked
"""


async def lock_due(tx: Tx, limit: int) -> list[OrderKey]:
    """Lock and return orders for which the time has come, but none that is locked already."""
    return [(row["tenant"], row["id"]) for row in await tx.fetch(LOCK_DUE, tx.now, limit)]


# "earliest wins": a line without a moment of its own follows its payment at once, whatever is released later
UNITS = """
select paid.id, paid.line_id, paid.payment_id, paid.paid_at, paid.known_at, paid.deliver_from as promised_from,
       case when paid.deliver_from is not null then least(paid.deliver_from, releases.deliver_from) end as deliver_from,
       paid.download, paid.keyed, paid.announced_in, paid.delivered_in, paid.traceparent
from paid_units paid
left join releases using (tenant, order_id, line_id)
where paid.tenant = orders.tenant
  and paid.order_id = orders.id
order by paid.id
"""

# One row for the units of a link to which the same e-mail carries it.
LINKS = """
select encode(digest, 'hex') as digest, grant_id, line_id, array_agg(unit_id) as unit_ids, sequence, token, valid_until,
       download_limit, files, emailed_in
from (
  select links.digest, links.grant_id, links.line_id, covered.unit_id, links.sequence, links.token, links.valid_until,
         links.download_limit, links.files,
         case when count(contents.unit_id) over (partition by links.digest) > 0 then contents.emailed_in
              else links.emailed_in end as emailed_in
  from links
  cross join unnest(links.unit_ids) as covered (unit_id)
  left join email_contents contents on contents.tenant = links.tenant
    and contents.order_id = links.order_id
    and contents.part = links.digest
    and contents.unit_id = covered.unit_id
  where links.tenant = orders.tenant
    and links.order_id = orders.id
) as carried
group by digest, grant_id, line_id, sequence, token, valid_until, download_limit, files, emailed_in
order by sequence, digest, emailed_in
"""

KEYS = """
select keys.id as license_id, covered.unit_id, keys.line_id, keys.license_key,
       case when count(contents.unit_id) over (partition by keys.id) > 0 then contents.emailed_in
            else keys.emailed_in end as emailed_in
from license_keys keys
cross join unnest(keys.unit_ids) as covered (unit_id)
left join email_contents contents on contents.tenant = keys.tenant
  and contents.order_id = keys.order_id
  and contents.part = uuid_send(keys.id)
  and contents.unit_id = covered.unit_id
where keys.tenant = orders.tenant
  and keys.order_id = orders.id
order by keys.issued_at, keys.id, covered.unit_id
"""

# One statement instead of eight for each order: orders are read after each event. The arrays are taken from a select,
# for else the database plans anew for each number of orders, and that takes far longer than the reading.
LOAD = f"""
select json_agg(loaded)::text
from (
  select orders.tenant, orders.id, channel, market, seller, number, ordered_at, agreement, name_box, shipping_box,
         case when orders.email_box is not null then coalesce(addresses.email_box, orders.email_box) end as email_box,
         acknowledge_at, quiet, transfer, conclude_at,
         array(select to_json(unit) from (
           select unit_id as id, reason, emailed_in
           from cancelled_units
           where tenant = orders.tenant and order_id = orders.id
           order by unit_id
         ) as unit) as cancelled_units,
         array(select unit_id from backordered_units where tenant = orders.tenant and order_id = orders.id)
           as backordered_unit_ids,
         exists(
           select from disputes where tenant = orders.tenant and order_id = orders.id and not won
         ) or exists(
           select from claims
           cross join unnest(claims.unit_ids) as claimed (unit_id)
           where claims.tenant = orders.tenant
             and claims.order_id = orders.id
             and not exists (
               select from refunds
               where refunds.tenant = orders.tenant
                 and refunds.order_id = orders.id
                 and claimed.unit_id = any(refunds.unit_ids)
             )
         ) as disputed,
         array(select to_json(unit) from ({UNITS}) as unit) as units,
         array(select to_json(link) from ({LINKS}) as link) as links,
         array(select to_json(extension) from (
           select grant_id, sequence, valid_until, download_limit, emailed_in
           from extensions
           where tenant = orders.tenant and order_id = orders.id
           order by grant_id
         ) as extension) as extensions,
         array(select to_json(key) from ({KEYS}) as key) as keys,
         array(select to_json(refund) from (
           select id, unit_ids, reason from refunds where tenant = orders.tenant and order_id = orders.id
         ) as refund) as refunds,
         array(select to_json(repayment) from (
           select id, refund_id, amount, currency, refunded_at, known_at, emailed_in
           from repayments
           where tenant = orders.tenant and order_id = orders.id
           order by id
         ) as repayment) as repayments,
         array(select to_json(consent) from (
           select text, given_at, kind
           from later_consents
           where tenant = orders.tenant and order_id = orders.id
           order by given_at, kind
         ) as consent) as later_consents,
         array(select to_json(email) from (
           select {emails.COLUMNS} from emails where tenant = orders.tenant and order_id = orders.id order by sequence
         ) as email) as emails
  from unnest((select $1::text[]), (select $2::uuid[])) as named (tenant, id)
  join orders using (tenant, id)
  left join addresses on addresses.tenant = orders.tenant and addresses.contact_key_id = orders.contact_key_id
) as loaded
"""  # noqa: S608 -- made of the statements above alone

# pydantic takes no settings for a dataclass itself
ORDERS = TypeAdapter(list[Order], config=ConfigDict(val_json_bytes="hex"))


async def load(read: Read, keys: Iterable[OrderKey]) -> list[Order]:
    """Return those of these orders that there are, with everything known of them.

    The caller has locked them where something is to be decided about them.
    """
    named = list(keys)
    text: str | None = await read.value(LOAD, [tenant for tenant, _ in named], [order_id for _, order_id in named])
    return [] if text is None else ORDERS.validate_json(text)


def _agreement(placed: OrderPlaced) -> Agreement:
    consumer = placed.customer_type is CustomerType.CONSUMER
    return Agreement(
        language=placed.language,
        by_transfer=placed.payment_method is PaymentMethod.TRANSFER,
        currency=placed.totals.currency,
        net=placed.totals.net,
        gross=placed.totals.gross,
        seller=Seller(**placed.seller_details.model_dump()),
        consents=tuple(Statement(consent.text, consent.given_at, consent.kind) for consent in placed.consents),
        withdrawal_notice=placed.terms.withdrawal_notice if consumer else "",
        lines=tuple(_line(line) for line in placed.lines),
    )


def _line(line: OrderedLine) -> Line:
    return Line(
        id=line.line,
        unit_ids=tuple(line.units),
        name=line.name,
        price=line.price,
        gross=line.gross,
        tax=line.tax,
        tax_rate=line.tax_rate,
        boxed=line.fulfilment is Fulfilment.BOXED,
        shared_key=line.keys_per is KeysPer.PURCHASE,
        deliver_from=line.deliver_from,
        days=None if line.delivery_days is None else (line.delivery_days.least, line.delivery_days.most),
    )
