"""Customers, their choice, and what of them is sealed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
from chassis.db import Read, Tx
from contracts.event import Sealed


@dataclass(frozen=True, slots=True)
class Boxes:
    """What is known of a person, sealed to both keys of theirs."""

    name_profile: Sealed
    email_profile: Sealed
    name_contact: Sealed
    email_contact: Sealed


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer; `boxes` is None as soon as one of the keys is destroyed."""

    tenant: str
    id: UUID
    market: str
    language: str
    keep_data: bool
    registered_at: datetime
    deletion_asked_at: datetime | None
    erased_at: datetime | None
    contact_erased_at: datetime | None
    boxes: Boxes | None


ADD = """
insert into customers
  (tenant, id, market, language, keep_data, registered_at, name_profile, email_profile, name_contact, email_contact)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""


async def add(
    tx: Tx, tenant: str, customer_id: UUID, *, market: str, language: str, keep_data: bool, boxes: Boxes
) -> None:
    """Add a new customer."""
    sealed = (boxes.name_profile, boxes.email_profile, boxes.name_contact, boxes.email_contact)
    await tx.execute(ADD, tenant, customer_id, market, language, keep_data, tx.now, *(str(box) for box in sealed))


FIND = """
select tenant, id, market, language, keep_data, registered_at, deletion_asked_at, erased_at, contact_erased_at,
       name_profile, email_profile, name_contact, email_contact
from customers
join unnest($1::text[], $2::uuid[]) as wanted (tenant, id) using (tenant, id)
"""


async def find(read: Read, tenant: str, customer_id: UUID) -> Customer | None:
    """Return a customer, if there is one."""
    row = await read.row(FIND, [tenant], [customer_id])
    return None if row is None else _customer(row)


LOCK = f"""
{FIND}
order by tenant, id
for update of customers
"""


async def lock(tx: Tx, keys: Collection[tuple[str, UUID]]) -> list[Customer]:
    """Return those of these customers that exist; nobody else changes them before the transaction ends."""
    return [_customer(row) for row in await tx.fetch(LOCK, [tenant for tenant, _ in keys], [id_ for _, id_ in keys])]


CHOOSE = """
update customers
set keep_data = $3,
    deletion_asked_at = null
where tenant = $1
  and id = $2
"""


async def choose(tx: Tx, tenant: str, customer_id: UUID, *, keep_data: bool) -> None:
    """Set the choice, which withdraws an earlier request for deletion."""
    await tx.execute(CHOOSE, tenant, customer_id, keep_data)


SET_EMAIL = """
update customers
set email_profile = $3, email_contact = $4
where tenant = $1
  and id = $2
"""


async def set_email(tx: Tx, tenant: str, customer_id: UUID, email_profile: Sealed, email_contact: Sealed) -> None:
    """Replace a customer's e-mail address."""
    await tx.execute(SET_EMAIL, tenant, customer_id, str(email_profile), str(email_contact))


ASK_DELETION = """
update customers
set deletion_asked_at = coalesce(deletion_asked_at, $3)
where tenant = $1
  and id = $2
"""


async def ask_deletion(tx: Tx, tenant: str, customer_id: UUID) -> None:
    """Record that the customer asks for deletion."""
    await tx.execute(ASK_DELETION, tenant, customer_id, tx.now)


ERASE_PROFILE = """
with removed_words as (
  delete from name_words
  where tenant = $1
    and customer_id = $2
), removed_order_words as (
  delete from order_words
  where tenant = $1
    and customer_id = $2
), removed_registration as (
  delete from registrations
  where tenant = $1
    and customer_id = $2
)
update customers
set erased_at = $3,
    name_profile = null,
    email_profile = null
where tenant = $1
  and id = $2
"""


async def erase_profile(tx: Tx, tenant: str, customer_id: UUID) -> None:
    """Remove what only the profile key could open, and the words by which customer and orders were found."""
    await tx.execute(ERASE_PROFILE, tenant, customer_id, tx.now)


ERASE_CONTACT = """
update customers
set contact_erased_at = $3,
    name_contact = null,
    email_contact = null
where tenant = $1
  and id = $2
"""


async def erase_contact(tx: Tx, tenant: str, customer_id: UUID) -> None:
    """Remove what only the contact key could open."""
    await tx.execute(ERASE_CONTACT, tenant, customer_id, tx.now)


ADD_NAME_WORDS = """
insert into name_words (tenant, word_hmac, customer_id)
select $1, word_hmac, $3
from unnest($2::bytea[]) as added (word_hmac)
on conflict do nothing
"""


async def add_name_words(tx: Tx, tenant: str, customer_id: UUID, word_hmacs: list[bytes]) -> None:
    """Let a customer be found by these words."""
    await tx.execute(ADD_NAME_WORDS, tenant, word_hmacs, customer_id)


BY_NAME = """
select customer_id
from name_words
where tenant = $1
  and word_hmac = any($2::bytea[])
group by customer_id
having count(*) = cardinality($2::bytea[])
order by customer_id desc
limit $3
"""


async def by_name(read: Read, tenant: str, word_hmacs: list[bytes], limit: int) -> list[UUID]:
    """Return the customers whose names have all these words, the latest first."""
    return [row["customer_id"] for row in await read.fetch(BY_NAME, tenant, word_hmacs, limit)]


def _customer(row: asyncpg.Record) -> Customer:
    facts = dict(row)
    texts = {name: facts.pop(name) for name in Boxes.__dataclass_fields__}
    complete = all(text is not None for text in texts.values())
    boxes = Boxes(**{name: Sealed.parse(text) for name, text in texts.items()}) if complete else None
    return Customer(**facts, boxes=boxes)
