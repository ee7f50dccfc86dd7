"""What an order's e-mails are made of: paid units, releases, links, keys, refunds."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.database import Tx
from contracts.delivery import DownloadGranted
from contracts.licensing import LicenseIssued
from contracts.orders import OrderPaid, OrderRefunded
from contracts.payments import PaymentRefunded
from contracts.shared import Fulfilment, KeySource

from mail_relay.store import carried

ADD_PAID = """
insert into paid_units
  (tenant, order_id, unit, line, payment, paid_at, known_at, deliver_from, download, keyed, announced_in)
select $1, $2, unit, line, $3, $4, $5, deliver_from, download, keyed, $6
from unnest($7::uuid[], $8::uuid[], $9::timestamptz[], $10::boolean[], $11::boolean[])
  as said (unit, line, deliver_from, download, keyed)
on conflict (tenant, order_id, unit) do nothing
"""

RELEASE = """
insert into releases (tenant, order_id, line, deliver_from)
select $1, $2, line, $4
from unnest($3::uuid[]) as said (line)
on conflict (tenant, order_id, line) do update
set deliver_from = least(releases.deliver_from, excluded.deliver_from)
"""

RETURN = """
insert into returned_units (tenant, order_id, unit)
select $1, $2, unit
from unnest($3::uuid[]) as said (unit)
on conflict do nothing
"""

BACKORDER = """
insert into backordered_units (tenant, order_id, unit)
values ($1, $2, $3)
on conflict do nothing
"""

ADD_LINK = """
insert into links
  (tenant, order_id, line, granted, digest, token, units, files, valid_until, download_limit, sequence, emailed_in)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
on conflict (tenant, order_id, digest) do update
set units = array(select distinct unit from unnest(links.units || excluded.units) as known (unit) order by unit),
    valid_until = greatest(links.valid_until, excluded.valid_until),
    sequence = greatest(links.sequence, excluded.sequence)
"""

ADD_KEY = """
insert into license_keys (tenant, order_id, license, line, unit, units, license_key, issued_at, emailed_in)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (tenant, order_id, license) do update
set units = array(
  select distinct unit
  from unnest(license_keys.units || license_keys.unit || excluded.units) as known (unit)
  order by unit
)
"""

ADD_REFUND = """
insert into refunds (tenant, order_id, refund, units, reason)
values ($1, $2, $3, $4, $5)
on conflict do nothing
"""

ADD_REPAYMENT = """
insert into repayments
  (tenant, order_id, repayment, refund, amount, currency, refunded_at, known_at, emailed_in)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict do nothing
"""

ANNOUNCE = """
update paid_units
set announced_in = $3
where tenant = $1
  and order_id = $2
  and unit = any($4::uuid[])
  and announced_in is null
"""

DELIVER = """
update paid_units
set delivered_in = $3
where tenant = $1
  and order_id = $2
  and unit = any($4::uuid[])
"""

NOTIFY = """
update repayments
set emailed_in = $3
where tenant = $1
  and order_id = $2
  and repayment = $4
"""

DROP_TOKENS = """
update links
set token = null
where tenant = $1
  and order_id = any($2::uuid[])
"""

DROP_KEYS = """
update license_keys
set license_key = null
where tenant = $1
  and order_id = any($2::uuid[])
"""


REFUNDS = """
select refund, units, reason
from refunds
where tenant = $1
  and order_id = $2
"""


async def add_paid(tx: Tx, paid: OrderPaid, announced_in: int | None) -> None:
    """Keep the units of a payment; its smallest unit names the payment, for a repetition names the same."""
    rows = [
        (unit, line.line, line.deliver_from, line.fulfilment is Fulfilment.DOWNLOAD, line.key_source)
        for line in paid.lines
        for unit in line.units
    ]
    if not rows:
        return
    await tx.execute(
        ADD_PAID,
        paid.tenant,
        paid.order,
        min(row[0] for row in rows),
        paid.paid_at,
        tx.now,
        announced_in,
        [row[0] for row in rows],
        [row[1] for row in rows],
        [row[2] for row in rows],
        [row[3] for row in rows],
        [row[3] and row[4] is not KeySource.NONE for row in rows],
    )


async def release(tx: Tx, tenant: str, order: UUID, lines: Sequence[UUID], deliver_from: datetime) -> None:
    """Let lines be delivered from then on; the earliest moment wins."""
    await tx.execute(RELEASE, tenant, order, lines, deliver_from)


async def backorder(tx: Tx, tenant: str, order: UUID, unit: UUID) -> None:
    """Remember that a unit's key follows on refill."""
    await tx.execute(BACKORDER, tenant, order, unit)


async def add_link(tx: Tx, granted: DownloadGranted, sequence: int, emailed_in: int | None) -> None:
    """Keep a link; the same token is the same link, however often it is told, and may cover more units each time."""
    token = str(granted.token)
    digest = hashlib.sha256(token.encode()).digest()
    await tx.execute(
        ADD_LINK,
        granted.tenant,
        granted.order,
        granted.line,
        granted.grant,
        digest,
        token,
        granted.units,
        [file.name for file in granted.files],
        granted.valid_until,
        granted.download_limit,
        sequence,
        emailed_in,
    )
    if emailed_in is not None:
        await carried.assume(tx, granted.tenant, granted.order, emailed_in, [(digest, unit) for unit in granted.units])


async def add_key(tx: Tx, issued: LicenseIssued, emailed_in: int | None) -> None:
    """Keep a licence key, which may cover more units each time it is told."""
    units = issued.units or [issued.unit]
    facts = (issued.license, issued.line, issued.unit, units, str(issued.license_key), issued.issued_at, emailed_in)
    await tx.execute(ADD_KEY, issued.tenant, issued.order, *facts)
    if emailed_in is not None:
        parts = [(issued.license.bytes, unit) for unit in units]
        await carried.assume(tx, issued.tenant, issued.order, emailed_in, parts)


async def add_refund(tx: Tx, refunded: OrderRefunded) -> None:
    """Keep which units were taken back, and why."""
    units = [unit.unit for unit in refunded.units]
    await tx.execute(RETURN, refunded.tenant, refunded.order, units)
    await tx.execute(ADD_REFUND, refunded.tenant, refunded.order, refunded.refund, units, refunded.reason)


async def add_repayment(tx: Tx, repaid: PaymentRefunded, emailed_in: int | None) -> None:
    """Keep what was paid back; what a provider began is known to orders by the repayment's own id."""
    refund = repaid.refund or repaid.repayment
    facts = (repaid.repayment, refund, repaid.amount, repaid.currency, repaid.refunded_at, tx.now, emailed_in)
    await tx.execute(ADD_REPAYMENT, repaid.tenant, repaid.order, *facts)


async def announce(tx: Tx, tenant: str, order: UUID, sequence: int, units: Sequence[UUID]) -> None:
    """Let an e-mail be the first to speak of these units."""
    await tx.execute(ANNOUNCE, tenant, order, sequence, units)


async def deliver(tx: Tx, tenant: str, order: UUID, sequence: int, units: Sequence[UUID]) -> None:
    """Remember which e-mail delivered these units."""
    await tx.execute(DELIVER, tenant, order, sequence, units)


async def notify(tx: Tx, tenant: str, order: UUID, sequence: int, repayment: UUID) -> None:
    """Remember which e-mail tells of a repayment."""
    await tx.execute(NOTIFY, tenant, order, sequence, repayment)


async def drop_boxes(tx: Tx, tenant: str, orders: Sequence[UUID]) -> None:
    """Forget tokens and keys that nobody can open any more."""
    await tx.execute(DROP_TOKENS, tenant, orders)
    await tx.execute(DROP_KEYS, tenant, orders)


async def refunds(tx: Tx, tenant: str, order: UUID) -> dict[UUID, tuple[str, list[UUID]]]:
    """The reason and units of each refund."""
    return {row["refund"]: (row["reason"], list(row["units"])) for row in await tx.fetch(REFUNDS, tenant, order)}
