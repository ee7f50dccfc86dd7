"""What an order's e-mails are made of: paid units, releases, links, keys, refunds."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from chassis.db import Tx
from contracts.delivery import DownloadGranted
from contracts.licensing import LicenseBackordered, LicenseIssued
from contracts.orders import DeliveryReleased, OrderPaid, OrderRefunded
from contracts.payments import PaymentRefunded
from contracts.shared import Fulfilment, KeySource

from mail_relay.store import carried
from mail_relay.store.orders import HOLD, header

ADD_PAID = f"""
{HOLD}
insert into paid_units
  (tenant, order_id, unit, line, payment, paid_at, known_at, deliver_from, download, keyed, announced_in)
select held.tenant, held.order_id, unit, line, $8, $9, $10, deliver_from, download, keyed, $11
from held, unnest($12::uuid[], $13::uuid[], $14::timestamptz[], $15::boolean[], $16::boolean[])
  as said (unit, line, deliver_from, download, keyed)
on conflict (tenant, order_id, unit) do nothing
"""  # noqa: S608 -- made of statements alone

RELEASE = f"""
{HOLD}
insert into releases (tenant, order_id, line, deliver_from)
select held.tenant, held.order_id, line, $9
from held, unnest($8::uuid[]) as said (line)
on conflict (tenant, order_id, line) do update
set deliver_from = least(releases.deliver_from, excluded.deliver_from)
"""  # noqa: S608 -- made of statements alone

RETURN = f"""
{HOLD}
insert into returned_units (tenant, order_id, unit)
select held.tenant, held.order_id, unit
from held, unnest($8::uuid[]) as said (unit)
on conflict do nothing
"""  # noqa: S608 -- made of statements alone

BACKORDER = f"""
{HOLD}
insert into backordered_units (tenant, order_id, unit)
select tenant, order_id, $8
from held
on conflict do nothing
"""  # noqa: S608 -- made of statements alone

ADD_LINK = f"""
{HOLD}
insert into links
  (tenant, order_id, line, granted, digest, token, units, files, valid_until, download_limit, sequence, emailed_in)
select tenant, order_id, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17
from held
on conflict (tenant, order_id, digest) do update
set units = array(select distinct unit from unnest(links.units || excluded.units) as known (unit) order by unit),
    valid_until = greatest(links.valid_until, excluded.valid_until),
    sequence = greatest(links.sequence, excluded.sequence)
"""  # noqa: S608 -- made of statements alone

ADD_KEY = f"""
{HOLD}
insert into license_keys (tenant, order_id, license, line, unit, units, license_key, issued_at, emailed_in)
select tenant, order_id, $8, $9, $10, $11, $12, $13, $14
from held
on conflict (tenant, order_id, license) do update
set units = array(
  select distinct unit
  from unnest(license_keys.units || license_keys.unit || excluded.units) as known (unit)
  order by unit
)
"""  # noqa: S608 -- made of statements alone

ADD_REFUND = """
insert into refunds (tenant, order_id, refund, units, reason)
values ($1, $2, $3, $4, $5)
on conflict do nothing
"""

ADD_REPAYMENT = f"""
{HOLD}
insert into repayments
  (tenant, order_id, repayment, refund, amount, currency, refunded_at, known_at, emailed_in)
select tenant, order_id, $8, $9, $10, $11, $12, $13, $14
from held
on conflict do nothing
"""  # noqa: S608 -- made of statements alone

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


def add_paid(tx: Tx, paid: OrderPaid, announced_in: int | None) -> None:
    """Keep the units of a payment; its smallest unit names the payment, for a repetition names the same."""
    rows = [
        (unit, line.line, line.deliver_from, line.fulfilment is Fulfilment.DOWNLOAD, line.key_source)
        for line in paid.lines
        for unit in line.units
    ]
    tx.note(
        ADD_PAID,
        *header(paid),
        min((row[0] for row in rows), default=paid.order),
        paid.paid_at,
        tx.now,
        announced_in,
        [row[0] for row in rows],
        [row[1] for row in rows],
        [row[2] for row in rows],
        [row[3] for row in rows],
        [row[3] and row[4] is not KeySource.NONE for row in rows],
    )


def release(tx: Tx, released: DeliveryReleased) -> None:
    """Let lines be delivered from then on; the earliest moment wins."""
    tx.note(RELEASE, *header(released), released.lines, released.deliver_from)


def backorder(tx: Tx, waiting: LicenseBackordered) -> None:
    """Remember that a unit's key follows on refill."""
    tx.note(BACKORDER, *header(waiting), waiting.unit)


def add_link(tx: Tx, granted: DownloadGranted, sequence: int, emailed_in: int | None) -> None:
    """Keep a link; the same token is the same link, however often it is told, and may cover more units each time."""
    token = str(granted.token)
    digest = hashlib.sha256(token.encode()).digest()
    tx.note(
        ADD_LINK,
        *header(granted),
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
        carried.assume(tx, granted.tenant, granted.order, emailed_in, [(digest, unit) for unit in granted.units])


def add_key(tx: Tx, issued: LicenseIssued, emailed_in: int | None) -> None:
    """Keep a licence key, which may cover more units each time it is told."""
    units = issued.units or [issued.unit]
    facts = (issued.license, issued.line, issued.unit, units, str(issued.license_key), issued.issued_at, emailed_in)
    tx.note(ADD_KEY, *header(issued), *facts)
    if emailed_in is not None:
        parts = [(issued.license.bytes, unit) for unit in units]
        carried.assume(tx, issued.tenant, issued.order, emailed_in, parts)


def add_refund(tx: Tx, refunded: OrderRefunded) -> None:
    """Keep which units were taken back, and why."""
    units = [unit.unit for unit in refunded.units]
    tx.note(RETURN, *header(refunded), units)
    tx.note(ADD_REFUND, refunded.tenant, refunded.order, refunded.refund, units, refunded.reason)


def add_repayment(tx: Tx, repaid: PaymentRefunded, emailed_in: int | None) -> None:
    """Keep what was paid back; what a provider began is known to orders by the repayment's own id."""
    refund = repaid.refund or repaid.repayment
    facts = (repaid.repayment, refund, repaid.amount, repaid.currency, repaid.refunded_at, tx.now, emailed_in)
    tx.note(ADD_REPAYMENT, *header(repaid), *facts)


async def drop_boxes(tx: Tx, tenant: str, orders: Sequence[UUID]) -> None:
    """Forget tokens and keys that nobody can open any more."""
    await tx.execute(DROP_TOKENS, tenant, orders)
    await tx.execute(DROP_KEYS, tenant, orders)


async def refunds(tx: Tx, tenant: str, order: UUID) -> dict[UUID, tuple[str, list[UUID]]]:
    """The reason and units of each refund."""
    return {row["refund"]: (row["reason"], list(row["units"])) for row in await tx.fetch(REFUNDS, tenant, order)}
