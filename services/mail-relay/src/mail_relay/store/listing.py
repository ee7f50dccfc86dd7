"""E-mails as they are asked for: what became of them, and the letters that were kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Tx

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


async def letter(tx: Tx, tenant: str, email: UUID, reader: str) -> str | None:
    """The box with what was sent, if there is one; that it is read is recorded."""
    found: str | None = await tx.value(LETTER, tenant, email)
    if found is not None:
        await tx.execute(LOG_READING, tenant, email, reader, tx.now)
    return found


def _email(row: Any) -> Email:
    facts = dict(row)
    return Email(order=facts.pop("order_id"), **facts)
