"""Customers, their choice, and what of them is sealed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.db import Tx
from contracts.event import Sealed

ADD = """
insert into customers
  (tenant, customer, market, language, keep_data, registered_at,
   name_profile, email_profile, name_contact, email_contact)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""

FIND = """
select customer, market, language, keep_data, registered_at, deletion_asked_at, erased_at, contact_erased_at,
       name_profile, email_profile, name_contact, email_contact
from customers
where tenant = $1
  and customer = $2
"""

LOCK = FIND + "for update"

CHOOSE = """
update customers
set keep_data = $3,
    deletion_asked_at = null
where tenant = $1
  and customer = $2
"""

ASK_DELETION = """
update customers
set deletion_asked_at = coalesce(deletion_asked_at, $3)
where tenant = $1
  and customer = $2
"""

ERASE = """
update customers
set erased_at = $3,
    name_profile = null,
    email_profile = null
where tenant = $1
  and customer = $2
"""

ERASE_CONTACT = """
update customers
set contact_erased_at = $3,
    name_contact = null,
    email_contact = null
where tenant = $1
  and customer = $2
"""

ADD_NAME_MARKS = """
insert into name_marks (tenant, mark, customer)
select $1, mark, $3
from unnest($2::bytea[]) as said (mark)
on conflict do nothing
"""

REMOVE_NAME_MARKS = """
delete from name_marks
where tenant = $1
  and customer = $2
"""

BY_NAME = """
select customer
from name_marks
where tenant = $1
  and mark = any($2::bytea[])
group by customer
having count(*) = cardinality($2::bytea[])
order by customer desc
limit $3
"""


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

    customer: UUID
    market: str
    language: str
    keep_data: bool
    registered_at: datetime
    deletion_asked_at: datetime | None
    erased_at: datetime | None
    contact_erased_at: datetime | None
    boxes: Boxes | None


async def add(
    tx: Tx, tenant: str, customer: UUID, *, market: str, language: str, keep_data: bool, boxes: Boxes
) -> None:
    """Keep a new customer."""
    sealed = (boxes.name_profile, boxes.email_profile, boxes.name_contact, boxes.email_contact)
    await tx.execute(ADD, tenant, customer, market, language, keep_data, tx.now, *(str(box) for box in sealed))


async def find(tx: Tx, tenant: str, customer: UUID) -> Customer | None:
    """The customer, if there is one."""
    return await _read(tx, FIND, tenant, customer)


async def lock(tx: Tx, tenant: str, customer: UUID) -> Customer | None:
    """The customer, whom nobody else changes meanwhile."""
    return await _read(tx, LOCK, tenant, customer)


async def choose(tx: Tx, tenant: str, customer: UUID, *, keep_data: bool) -> None:
    """Set the choice; an earlier wish for deletion is withdrawn by it."""
    await tx.execute(CHOOSE, tenant, customer, keep_data)


async def ask_deletion(tx: Tx, tenant: str, customer: UUID) -> None:
    """Keep that the customer asks for deletion."""
    await tx.execute(ASK_DELETION, tenant, customer, tx.now)


async def erase(tx: Tx, tenant: str, customer: UUID) -> None:
    """Forget what only the profile's key could open, and the words the customer was found by."""
    await tx.execute(ERASE, tenant, customer, tx.now)
    await tx.execute(REMOVE_NAME_MARKS, tenant, customer)


async def erase_contact(tx: Tx, tenant: str, customer: UUID) -> None:
    """Forget what only the contact's key could open."""
    await tx.execute(ERASE_CONTACT, tenant, customer, tx.now)


async def add_name_marks(tx: Tx, tenant: str, customer: UUID, marks: list[bytes]) -> None:
    """Let a customer be found by these words."""
    await tx.execute(ADD_NAME_MARKS, tenant, marks, customer)


async def by_name(tx: Tx, tenant: str, marks: list[bytes], limit: int) -> list[UUID]:
    """The customers whose names have all these words, the latest first."""
    return [row["customer"] for row in await tx.fetch(BY_NAME, tenant, marks, limit)]


async def _read(tx: Tx, query: str, tenant: str, customer: UUID) -> Customer | None:
    row = await tx.row(query, tenant, customer)
    if row is None:
        return None
    facts = dict(row)
    texts = {name: facts.pop(name) for name in Boxes.__dataclass_fields__}
    whole = all(text is not None for text in texts.values())
    boxes = Boxes(**{name: Sealed.parse(text) for name, text in texts.items()}) if whole else None
    return Customer(**facts, boxes=boxes)
