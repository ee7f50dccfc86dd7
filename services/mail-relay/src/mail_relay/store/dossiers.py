"""Reading everything that is known of an order's e-mails."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from chassis.db import Tx
from contracts.orders import PaymentMethod
from pydantic import BeforeValidator, TypeAdapter

from mail_relay.domain.dossier import Dossier, Email, Key, Link, Repayment, Unit
from mail_relay.store.orders import COLUMNS, Order, order

# "earliest wins": a line without a moment of its own follows its payment at once, whatever is released later
UNITS = """
select paid.unit, paid.line, paid.payment, paid.paid_at, paid.known_at, paid.deliver_from as promised_from,
       case when paid.deliver_from is not null then least(paid.deliver_from, releases.deliver_from) end as deliver_from,
       paid.download, paid.keyed, paid.announced_in, paid.delivered_in
from paid_units paid
left join releases using (tenant, order_id, line)
where paid.tenant = orders.tenant
  and paid.order_id = orders.order_id
order by paid.unit
"""

RETURNED = """
select unit
from returned_units
where tenant = orders.tenant
  and order_id = orders.order_id
"""

BACKORDERED = """
select unit
from backordered_units
where tenant = orders.tenant
  and order_id = orders.order_id
"""

# One row for the units of a link to which the same e-mail carries it. What is carried to no unit was taken, if at all,
# by a program from before `carried`, and then for all its units.
LINKS = """
select encode(digest, 'hex') as digest, granted as grant, line, array_agg(unit) as units, sequence, token, valid_until,
       download_limit, files, emailed_in
from (
  select links.digest, links.granted, links.line, covered.unit, links.sequence, links.token, links.valid_until,
         links.download_limit, links.files,
         case when count(carried.unit) over (partition by links.digest) > 0 then carried.emailed_in
              else links.emailed_in end as emailed_in
  from links
  cross join unnest(links.units) as covered (unit)
  left join carried on carried.tenant = links.tenant
    and carried.order_id = links.order_id
    and carried.part = links.digest
    and carried.unit = covered.unit
  where links.tenant = orders.tenant
    and links.order_id = orders.order_id
) as told
group by digest, granted, line, sequence, token, valid_until, download_limit, files, emailed_in
order by sequence, digest, emailed_in
"""

KEYS = """
select keys.license, covered.unit, keys.line, keys.license_key,
       case when count(carried.unit) over (partition by keys.license) > 0 then carried.emailed_in
            else keys.emailed_in end as emailed_in
from license_keys keys
cross join lateral (select distinct unit from unnest(keys.units || keys.unit) as known (unit)) as covered
left join carried on carried.tenant = keys.tenant
  and carried.order_id = keys.order_id
  and carried.part = uuid_send(keys.license)
  and carried.unit = covered.unit
where keys.tenant = orders.tenant
  and keys.order_id = orders.order_id
order by keys.issued_at, keys.license, covered.unit
"""

REFUNDS = """
select refund
from refunds
where tenant = orders.tenant
  and order_id = orders.order_id
"""

REPAYMENTS = """
select repayment, refund, amount, currency, refunded_at, known_at, emailed_in
from repayments
where tenant = orders.tenant
  and order_id = orders.order_id
order by repayment
"""

EMAILS = """
select email, kind, sequence, state, created_at, about, message_id, traceparent, lost, failures, first_failed_at, code,
       answer
from emails
where tenant = orders.tenant
  and order_id = orders.order_id
order by sequence
"""


# One statement instead of eight for each order: dossiers are read whenever anything is heard. The arrays are taken from
# a select, for else the database plans anew for each number of orders, and that takes far longer than the reading.
LOAD = f"""
select orders.tenant, orders.order_id, {", ".join(f"orders.{name}" for name in COLUMNS)}, json_build_object(
  'units', (select coalesce(json_agg(rows), '[]') from ({UNITS}) as rows),
  'returned', (select coalesce(json_agg(rows.unit), '[]') from ({RETURNED}) as rows),
  'backordered', (select coalesce(json_agg(rows.unit), '[]') from ({BACKORDERED}) as rows),
  'links', (select coalesce(json_agg(rows), '[]') from ({LINKS}) as rows),
  'keys', (select coalesce(json_agg(rows), '[]') from ({KEYS}) as rows),
  'refunds', (select coalesce(json_agg(rows.refund), '[]') from ({REFUNDS}) as rows),
  'repayments', (select coalesce(json_agg(rows), '[]') from ({REPAYMENTS}) as rows),
  'emails', (select coalesce(json_agg(rows), '[]') from ({EMAILS}) as rows)
)::text as parts
from unnest((select $1::text[]), (select $2::uuid[])) as asked (tenant, order_id)
join orders using (tenant, order_id)
"""  # noqa: S608 -- made of the statements above alone


@dataclass(frozen=True, slots=True)
class _Link(Link):
    """A link as the database writes it in JSON."""

    digest: Annotated[bytes, BeforeValidator(bytes.fromhex)]


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of a dossier that are kept in tables of their own."""

    units: tuple[Unit, ...]
    returned: frozenset[UUID]
    backordered: frozenset[UUID]
    links: tuple[_Link, ...]
    keys: tuple[Key, ...]
    refunds: frozenset[UUID]
    repayments: tuple[Repayment, ...]
    emails: tuple[Email, ...]


PARTS = TypeAdapter(_Parts)


async def load(tx: Tx, wanted: Iterable[tuple[str, UUID]]) -> list[tuple[Order, Dossier]]:
    """The orders of these that there are, each with its dossier.

    The caller has locked their rows where something is to be decided by them.
    """
    asked = list(wanted)
    rows = await tx.fetch(LOAD, [tenant for tenant, _ in asked], [order_id for _, order_id in asked])
    return [_case(row) for row in rows]


def _case(row: Any) -> tuple[Order, Dossier]:
    found, parts = order(row), PARTS.validate_json(row["parts"])
    placed = found.placed
    agreed: set[UUID] = {unit for line in placed.lines for unit in line.units} if placed else set()
    return found, Dossier(
        ordered_at=found.ordered_at,
        acknowledge_at=found.acknowledge_at,
        by_transfer=placed is not None and placed.payment_method is PaymentMethod.TRANSFER,
        transfer_known=found.transfer is not None,
        quiet=found.quiet,
        cancelled=bool(agreed) and agreed <= found.cancelled,
        units=parts.units,
        returned=parts.returned,
        backordered=parts.backordered,
        links=parts.links,
        keys=parts.keys,
        refunds=parts.refunds,
        repayments=parts.repayments,
        emails=parts.emails,
    )
