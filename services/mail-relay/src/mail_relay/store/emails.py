"""E-mails: wishes to the mail server, and what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chassis.db import Tx
from pydantic import ConfigDict, TypeAdapter

from mail_relay.domain.dossier import Email as Known
from mail_relay.domain.dossier import State
from mail_relay.domain.letter import Letter
from mail_relay.domain.planning import Wanted
from mail_relay.store import carried

# with the units of which it is the first to speak, and the repayment that it tells of
ADD = """
with announced as (
  update paid_units
  set announced_in = $5
  where tenant = $1
    and order_id = $3
    and unit = any($11::uuid[])
    and announced_in is null
), told as (
  update repayments
  set emailed_in = $5
  where tenant = $1
    and order_id = $3
    and repayment = $6
)
insert into emails
  (tenant, email, order_id, kind, sequence, about, message_id, state, created_at, send_at, traceparent)
values ($1, $2, $3, $4, $5, $6, $7, 'waiting', $8, $9, $10)
"""

# A look that most of the time finds nothing and then spares a transaction.
DUE = """
select true
from emails
where state in ('waiting', 'sending')
  and send_at <= $1
  and (leased_until is null or leased_until < clock_timestamp())
limit 1
"""

# An order's e-mails leave one after the other; who is at work on an order is not waited for.
CLAIMABLE = """
select emails.tenant, emails.order_id as order, emails.email, records_keys.key, records_keys.public
from emails
join orders using (tenant, order_id)
left join records_keys
  on records_keys.tenant = orders.tenant and records_keys.seller = orders.seller and records_keys.year = $3
where emails.state in ('waiting', 'sending')
  and emails.send_at <= $1
  and (emails.leased_until is null or emails.leased_until < clock_timestamp())
  and not exists (
    select 1
    from emails earlier
    where earlier.tenant = emails.tenant
      and earlier.order_id = emails.order_id
      and earlier.sequence < emails.sequence
      and earlier.state in ('waiting', 'sending')
  )
order by emails.send_at, emails.email
limit $2
for update of orders, emails skip locked
"""

LEASE = f"""
{carried.TAKE}
update emails
set state = 'sending', lost = lost or state = 'sending', leased_until = clock_timestamp() + $7,
    attempts = attempts + 1, laid_out = $8
where tenant = $1
  and email = $6
"""  # noqa: S608 -- made of statements alone

SETTLE = """
with delivered as (
  update paid_units
  set delivered_in = $10
  where tenant = $1
    and order_id = $9
    and unit = any($7::uuid[])
)
update emails
set state = $3, settled_at = $4, code = $5, answer = $6, units = $7, letter = coalesce($8, letter), leased_until = null,
    laid_out = null
where tenant = $1
  and email = $2
"""

PUT_OFF = """
update emails
set state = case when lost or $3 then 'sending' else 'waiting' end, lost = lost or $3, send_at = $4, code = $5,
    answer = $6, failures = $7, first_failed_at = $8, leased_until = null,
    laid_out = case when lost or $3 then laid_out end
where tenant = $1
  and email = $2
"""

REVIVE = """
update emails
set state = 'waiting', send_at = $3, lost = false, failures = 0, first_failed_at = null, settled_at = null
where tenant = $1
  and email = $2
"""

GIVE_UP = """
update emails
set state = 'erased', settled_at = $3, leased_until = null
where tenant = $1
  and order_id = any($2::uuid[])
  and state in ('waiting', 'bounced')
"""

LAID_OUT = """
select laid_out
from emails
where tenant = $1
  and email = $2
"""

DROP_BOXES = """
update emails
set laid_out = null
where tenant = $1
  and order_id = any($2::uuid[])
  and laid_out is not null
"""

# the server's code and answer, how many failures there were, and when the first was
Failure = tuple[int | None, str | None, int, datetime | None]

# pydantic takes no settings for a dataclass itself
LAYOUT = TypeAdapter(tuple[Letter], config=ConfigDict(ser_json_bytes="base64", val_json_bytes="base64"))


@dataclass(frozen=True, slots=True)
class Claimed:
    """An e-mail that is to be sent now; its copy is kept under `records`, the id and public half of a key."""

    tenant: str
    order: UUID
    email: UUID
    records: tuple[UUID, bytes] | None


def add(
    tx: Tx,
    tenant: str,
    order: UUID,
    email: UUID,
    wanted: Wanted,
    sequence: int,
    message_id: str,
    traceparent: str | None,
) -> None:
    """Record an e-mail that is to be sent, and what it is the first to speak of."""
    send_at = tx.now + wanted.gather
    facts = (wanted.kind, sequence, wanted.about, message_id, tx.now, send_at, traceparent, wanted.units)
    tx.note(ADD, tenant, email, order, *facts)


async def claimable(tx: Tx, limit: int) -> list[Claimed]:
    """E-mails that are to be sent now, at most one of an order; they and their orders are locked."""
    if await tx.value(DUE, tx.now) is None:
        return []
    rows = await tx.fetch(CLAIMABLE, tx.now, limit, tx.now.year)
    return [
        Claimed(row["tenant"], row["order"], row["email"], None if row["key"] is None else (row["key"], row["public"]))
        for row in rows
    ]


def lease(tx: Tx, letter: Letter, sequence: int, duration: timedelta, parts: Sequence[carried.Carried]) -> None:
    """Keep others from sending it for a while (of real time), the letter as it is sent, and what it carries to whom."""
    layout = LAYOUT.dump_json((letter,)).decode()
    columns = carried.columns(parts)
    tx.note(LEASE, letter.tenant, letter.order, sequence, *columns, letter.email, duration, layout)


async def laid_out(tx: Tx, tenant: str, email: UUID) -> Letter | None:
    """The letter of an e-mail of which an attempt may have reached the server."""
    text: str | None = await tx.value(LAID_OUT, tenant, email)
    return None if text is None else LAYOUT.validate_json(text)[0]


def settle(
    tx: Tx,
    tenant: str,
    order: UUID,
    email: Known,
    state: State,
    *,
    code: int | None = None,
    answer: str | None = None,
    units: Sequence[UUID] = (),
    letter: str | None = None,
) -> None:
    """Keep how an e-mail ended, and which units it delivered."""
    tx.note(SETTLE, tenant, email.email, state, tx.now, code, answer, units, letter, order, email.sequence)


def put_off(
    tx: Tx,
    tenant: str,
    email: UUID,
    send_at: datetime,
    failure: Failure,
    *,
    lost: bool = False,
) -> None:
    """Let an e-mail be tried again."""
    tx.note(PUT_OFF, tenant, email, lost, send_at, *failure)


async def revive(tx: Tx, tenant: str, email: UUID) -> None:
    """Let a bounced e-mail be tried again at once."""
    await tx.execute(REVIVE, tenant, email, tx.now)


async def give_up(tx: Tx, tenant: str, orders: Sequence[UUID]) -> None:
    """Record that nobody can be written to any more."""
    await tx.execute(GIVE_UP, tenant, orders, tx.now)


async def drop_boxes(tx: Tx, tenant: str, orders: Sequence[UUID]) -> None:
    """Forget letters whose boxes nobody can open any more."""
    await tx.execute(DROP_BOXES, tenant, orders)
