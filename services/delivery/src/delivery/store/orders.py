"""Paid lines, their units, and what was heard of them before the payment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Tx
from contracts.event import SubjectKey
from contracts.orders import Line as PaidLine
from contracts.orders import OrderPaid, OrderRefunded
from contracts.shared import SaleEvent

from delivery.domain.grants import Grant, Line

LOCK = """
insert into orders (tenant, order_id)
values ($1, $2)
on conflict (tenant, order_id) do update
set order_id = excluded.order_id
"""

RECORD_PAID = """
with story as (
  insert into orders
    (tenant, order_id, channel, market, seller, order_number, ordered_at, customer, language, contact_key,
     contact_public, name_profile, email_profile, company_profile)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
  on conflict (tenant, order_id) do update
  set channel = excluded.channel,
      market = excluded.market,
      seller = excluded.seller,
      order_number = excluded.order_number,
      ordered_at = excluded.ordered_at,
      customer = excluded.customer,
      language = excluded.language,
      contact_key = excluded.contact_key,
      contact_public = excluded.contact_public,
      name_profile = excluded.name_profile,
      email_profile = excluded.email_profile,
      company_profile = excluded.company_profile
), paid_lines as (
  insert into lines (tenant, order_id, line, sku, name, link_validity_days, download_limit, not_before)
  select $1, $2, line, sku, name, link_validity_days, download_limit, not_before
  from unnest($15::uuid[], $16::text[], $17::text[], $18::integer[], $19::integer[], $20::timestamptz[])
    as said (line, sku, name, link_validity_days, download_limit, not_before)
  on conflict (tenant, line) do update
  set not_before = least(lines.not_before, excluded.not_before)
)
insert into units (tenant, order_id, unit, line, paid)
select $1, $2, unit, line, true
from unnest($21::uuid[], $22::uuid[]) as said (unit, line)
on conflict (tenant, order_id, unit) do update
set paid = true
"""

RECORD_REFUND = """
insert into units (tenant, order_id, unit, line, refunded)
select $1, $2, unit, line, true
from unnest($3::uuid[], $4::uuid[]) as said (unit, line)
on conflict (tenant, order_id, unit) do update
set refunded = true
"""

RECORD_RELEASE = """
insert into releases (tenant, line, deliver_from)
select $1, line, $3
from unnest($2::uuid[]) as said (line)
on conflict (tenant, line) do update
set deliver_from = least(releases.deliver_from, excluded.deliver_from)
"""

LINES = """
select lines.line, lines.sku, lines.name, lines.link_validity_days, lines.download_limit, lines.waiting,
       least(lines.not_before, releases.deliver_from) as not_before,
       array(
         select unit
         from units
         where units.tenant = lines.tenant
           and units.line = lines.line
           and units.paid
           and not units.refunded
       ) as live,
       exists(select 1 from files where files.tenant = lines.tenant and files.sku = lines.sku) as has_files,
       grants.grant_id, grants.units, grants.valid_until, grants.revoked_at, grants.reason
from lines
left join releases on releases.tenant = lines.tenant and releases.line = lines.line
left join grants on grants.tenant = lines.tenant and grants.line = lines.line
where lines.tenant = $1
  and lines.order_id = $2
order by lines.line
"""

SET_WAITING = """
update lines
set waiting = $3
where tenant = $1
  and line = any($2::uuid[])
  and waiting <> $3
"""

HEADER = """
select order_id, channel, market, seller, order_number, ordered_at, customer, language, contact_key, contact_public
from orders
where tenant = $1
  and order_id = $2
"""

DUE = """
select lines.tenant, lines.order_id
from lines
left join releases on releases.tenant = lines.tenant and releases.line = lines.line
where lines.waiting
  and least(lines.not_before, releases.deliver_from) <= $1
  and exists(select 1 from files where files.tenant = lines.tenant and files.sku = lines.sku)
group by lines.tenant, lines.order_id
limit 100
"""


@dataclass(frozen=True, slots=True)
class Known:
    """A line with what its link will be like."""

    line: Line
    sku: str
    name: str
    link_validity_days: int
    download_limit: int
    waiting: bool


@dataclass(frozen=True, slots=True)
class Header:
    """What every event of a sale carries, whose sale it is, and the key that reaches the customer."""

    tenant: str
    order: UUID
    channel: str
    market: str
    seller: str
    order_number: str
    ordered_at: datetime
    customer: UUID
    language: str
    contact: SubjectKey

    @property
    def story(self) -> dict[str, Any]:
        """The fields of `contracts.shared.SaleEvent`."""
        return {name: getattr(self, name) for name in SaleEvent.model_fields}


async def lock(tx: Tx, tenant: str, order: UUID) -> None:
    """Let nobody else count the parts of an order meanwhile, known or not."""
    await tx.execute(LOCK, tenant, order)


async def record_paid(tx: Tx, paid: OrderPaid, lines: Sequence[PaidLine]) -> None:
    """Know the order, its lines and that these units are paid; the order is locked."""
    await tx.execute(
        RECORD_PAID,
        paid.tenant,
        paid.order,
        paid.channel,
        paid.market,
        paid.seller,
        paid.order_number,
        paid.ordered_at,
        paid.customer,
        paid.language,
        paid.keys.contact.key,
        paid.keys.contact.public,
        str(paid.name_profile),
        str(paid.email_profile),
        str(paid.company_profile) if paid.company_profile is not None else None,
        [line.line for line in lines],
        [line.sku for line in lines],
        [line.name for line in lines],
        [line.link_validity_days for line in lines],
        [line.download_limit for line in lines],
        [line.deliver_from or paid.ordered_at for line in lines],
        [unit for line in lines for unit in line.units],
        [line.line for line in lines for _ in line.units],
    )


async def record_refund(tx: Tx, refund: OrderRefunded) -> None:
    """These units are taken back, paid or not yet heard of."""
    units = refund.units
    await tx.execute(
        RECORD_REFUND, refund.tenant, refund.order, [unit.unit for unit in units], [unit.line for unit in units]
    )


async def record_release(tx: Tx, tenant: str, lines: Sequence[UUID], deliver_from: datetime) -> None:
    """These lines may be delivered from then on, or from an earlier moment that is known."""
    await tx.execute(RECORD_RELEASE, tenant, lines, deliver_from)


async def lines(tx: Tx, tenant: str, order: UUID) -> list[Known]:
    """The lines of an order as far as they are known."""
    return [_known(row) for row in await tx.fetch(LINES, tenant, order)]


async def set_waiting(tx: Tx, tenant: str, lines: Sequence[UUID], *, waiting: bool) -> None:
    """Let the clock look after these lines, or no longer."""
    await tx.execute(SET_WAITING, tenant, lines, waiting)


async def header(tx: Tx, tenant: str, order: UUID) -> Header | None:
    """The header of a paid order."""
    row = await tx.row(HEADER, tenant, order)
    return None if row is None else header_in(tenant, row)


def header_in(tenant: str, row: Any) -> Header | None:
    """The header in a row that has the columns of an order among others; None while it is not known to be paid."""
    if row["channel"] is None:
        return None
    return Header(
        tenant=tenant,
        order=row["order_id"],
        channel=row["channel"],
        market=row["market"],
        seller=row["seller"],
        order_number=row["order_number"],
        ordered_at=row["ordered_at"],
        customer=row["customer"],
        language=row["language"],
        contact=SubjectKey(key=row["contact_key"], public=row["contact_public"]),
    )


async def due(tx: Tx, now: datetime) -> list[tuple[str, UUID]]:
    """Orders with waiting lines whose time and files have come, at most 100."""
    return [(row["tenant"], row["order_id"]) for row in await tx.fetch(DUE, now)]


def _known(row: Any) -> Known:
    grant = None
    if row["grant_id"] is not None:
        grant = Grant(row["grant_id"], frozenset(row["units"]), row["valid_until"], row["revoked_at"], row["reason"])
    return Known(
        line=Line(row["line"], frozenset(row["live"]), row["not_before"], row["has_files"], grant),
        sku=row["sku"],
        name=row["name"],
        link_validity_days=row["link_validity_days"],
        download_limit=row["download_limit"],
        waiting=row["waiting"],
    )
