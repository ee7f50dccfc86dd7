"""E-mails: wishes to the mail server, and what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.database import Tx
from pydantic import ConfigDict, TypeAdapter

from mail_relay.domain.dossier import State
from mail_relay.domain.letter import Letter

ADD = """
insert into emails
  (tenant, email, order_id, kind, sequence, about, message_id, state, created_at, send_at, traceparent)
values ($1, $2, $3, $4, $5, $6, $7, 'waiting', $8, $9, $10)
"""

# An order's e-mails leave one after the other; who is at work on an order is not waited for.
CLAIMABLE = """
select emails.tenant, emails.order_id, emails.email
from emails
join orders using (tenant, order_id)
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

LEASE = """
update emails
set state = 'sending', lost = lost or state = 'sending', leased_until = clock_timestamp() + $3,
    attempts = attempts + 1, laid_out = $4
where tenant = $1
  and email = $2
"""

FIND = """
select tenant, email, order_id, kind, sequence, about, message_id, state, created_at, send_at, attempts, lost, failures,
       first_failed_at, settled_at, code, answer, units, traceparent
from emails
where tenant = $1
  and email = $2
"""

OF_ORDER = """
select tenant, email, order_id, kind, sequence, about, message_id, state, created_at, send_at, attempts, lost, failures,
       first_failed_at, settled_at, code, answer, units, traceparent
from emails
where tenant = $1
  and order_id = $2
order by sequence
"""

BOUNCED = """
select tenant, email, order_id, kind, sequence, about, message_id, state, created_at, send_at, attempts, lost, failures,
       first_failed_at, settled_at, code, answer, units, traceparent
from emails
where tenant = $1
  and state = 'bounced'
  and ($2::timestamptz is null or (settled_at, email) < ($2, $3))
order by settled_at desc, email desc
limit $4
"""

SETTLE = """
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

LETTER = """
select letter
from emails
where tenant = $1
  and email = $2
"""

LOG_READING = """
insert into letter_readings (tenant, email, reader, read_at)
values ($1, $2, $3, $4)
"""

# pydantic takes no settings for a dataclass itself
LAYOUT = TypeAdapter(tuple[Letter], config=ConfigDict(ser_json_bytes="base64", val_json_bytes="base64"))


@dataclass(frozen=True, slots=True)
class Email:
    """An e-mail as stored."""

    tenant: str
    email: UUID
    order: UUID
    kind: str
    sequence: int
    about: UUID | None
    message_id: str
    state: str
    created_at: datetime
    send_at: datetime
    attempts: int
    lost: bool
    failures: int
    first_failed_at: datetime | None
    settled_at: datetime | None
    code: int | None
    answer: str | None
    units: list[UUID]
    traceparent: str | None


async def add(
    tx: Tx,
    tenant: str,
    order: UUID,
    email: UUID,
    kind: str,
    sequence: int,
    about: UUID | None,
    message_id: str,
    send_at: datetime,
    traceparent: str | None,
) -> None:
    """Record an e-mail that is to be sent."""
    await tx.execute(ADD, tenant, email, order, kind, sequence, about, message_id, tx.now, send_at, traceparent)


async def claimable(tx: Tx, limit: int) -> list[tuple[str, UUID, UUID]]:
    """Tenant, order and id of e-mails that are to be sent now; they and their orders are locked."""
    rows = await tx.fetch(CLAIMABLE, tx.now, limit)
    return [(row["tenant"], row["order_id"], row["email"]) for row in rows]


async def lease(tx: Tx, tenant: str, email: UUID, letter: Letter, duration: timedelta) -> None:
    """Keep others from sending it for a while (of real time), and the letter as it is sent."""
    await tx.execute(LEASE, tenant, email, duration, LAYOUT.dump_json((letter,)).decode())


async def laid_out(tx: Tx, tenant: str, email: UUID) -> Letter | None:
    """The letter of an e-mail of which an attempt may have reached the server."""
    text: str | None = await tx.value(LAID_OUT, tenant, email)
    return None if text is None else LAYOUT.validate_json(text)[0]


async def find(tx: Tx, tenant: str, email: UUID) -> Email | None:
    """An e-mail."""
    row = await tx.row(FIND, tenant, email)
    return None if row is None else _email(row)


async def of_order(tx: Tx, tenant: str, order: UUID) -> list[Email]:
    """The e-mails of an order in their sequence."""
    return [_email(row) for row in await tx.fetch(OF_ORDER, tenant, order)]


async def bounced(tx: Tx, tenant: str, after: tuple[datetime, UUID] | None, limit: int) -> list[Email]:
    """E-mails that were refused for good, newest first, before the given place."""
    return [_email(row) for row in await tx.fetch(BOUNCED, tenant, *(after or (None, None)), limit)]


async def settle(
    tx: Tx,
    tenant: str,
    email: UUID,
    state: State,
    *,
    code: int | None = None,
    answer: str | None = None,
    units: Sequence[UUID] = (),
    letter: str | None = None,
) -> None:
    """Keep how an e-mail ended."""
    await tx.execute(SETTLE, tenant, email, state, tx.now, code, answer, units, letter)


async def put_off(
    tx: Tx,
    tenant: str,
    email: UUID,
    send_at: datetime,
    failure: tuple[int | None, str | None, int, datetime | None],
    *,
    lost: bool = False,
) -> None:
    """Let an e-mail be tried again; the failure is code, answer, how many there were and when the first was."""
    await tx.execute(PUT_OFF, tenant, email, lost, send_at, *failure)


async def revive(tx: Tx, tenant: str, email: UUID) -> None:
    """Let a bounced e-mail be tried again at once."""
    await tx.execute(REVIVE, tenant, email, tx.now)


async def give_up(tx: Tx, tenant: str, orders: Sequence[UUID]) -> None:
    """Record that nobody can be written to any more."""
    await tx.execute(GIVE_UP, tenant, orders, tx.now)


async def drop_boxes(tx: Tx, tenant: str, orders: Sequence[UUID]) -> None:
    """Forget letters whose boxes nobody can open any more."""
    await tx.execute(DROP_BOXES, tenant, orders)


async def letter(tx: Tx, tenant: str, email: UUID, reader: str) -> str | None:
    """The box with what was sent, if there is one; that it is read is recorded."""
    found: str | None = await tx.value(LETTER, tenant, email)
    if found is not None:
        await tx.execute(LOG_READING, tenant, email, reader, tx.now)
    return found


def _email(row: Any) -> Email:
    facts = dict(row)
    return Email(order=facts.pop("order_id"), **facts)
