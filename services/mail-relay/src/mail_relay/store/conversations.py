"""Conversations and the aliases of their sides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg
from chassis.db import Read, Tx
from pydantic import TypeAdapter

from mail_relay.domain.alias import Side
from mail_relay.domain.conversation import Conversation

SELECTED = """
select c.tenant, c.id, c.seller, c.customer_id, c.contact_key_id, c.contact_public_key, c.name_box, c.email_box,
       c.language, c.order_id, c.order_number, c.sku, c.opened_at, c.messages,
       (
         select json_agg(json_build_array(side, desk, local_part))::text
         from aliases
         where aliases.tenant = c.tenant
           and aliases.conversation_id = c.id
       ) as aliases,
       array(
         select a.side from aliases a
         where a.tenant = c.tenant
           and a.conversation_id = c.id
           and coalesce(a.closed_at, a.switched_off_at) is not null
           and not a.desk
       ) as closed
"""
OF = f"""{SELECTED}
from conversations c
"""

OF_ORDER = f"{OF} where c.tenant = $1 and c.order_id = $2"
OF_ID = f"{OF} where c.tenant = $1 and c.id = $2"
OF_CUSTOMER = f"""{OF}
where c.tenant = $1
  and c.customer_id = $2
  and ($3::uuid is null or c.id < $3)
order by c.id desc
limit $4
"""
OF_TENANT = f"""{OF}
where c.tenant = $1
  and ($2::text is null or c.seller = $2)
  and ($3::text is null or upper(c.order_number) = upper($3))
  and ($4::uuid is null or c.customer_id = $4)
  and ($5::uuid is null or c.id < $5)
order by c.id desc
limit $6
"""
FIRST_CONTACT = f"""{OF}
where c.tenant = $1
  and c.customer_id = $2
  and c.seller = $3
  and c.order_id is null
order by c.id desc
limit 1
"""


async def of_order(read: Read, tenant: str, order_id: UUID) -> Conversation | None:
    """Return the conversation about an order."""
    return _conversation(await read.row(OF_ORDER, tenant, order_id))


async def find(read: Read, tenant: str, conversation_id: UUID) -> Conversation | None:
    """Return the conversation of this id."""
    return _conversation(await read.row(OF_ID, tenant, conversation_id))


async def of_customer(
    read: Read, tenant: str, customer_id: UUID, before: UUID | None, limit: int
) -> Sequence[Conversation]:
    """Return a customer's conversations, the newest first."""
    rows = await read.fetch(OF_CUSTOMER, tenant, customer_id, before, limit)
    return [found for row in rows if (found := _conversation(row))]


class Wanted(NamedTuple):
    """Which conversations: with this seller, about the order of this number, of this customer, as far as named."""

    seller: str | None = None
    number: str | None = None
    customer_id: UUID | None = None


async def of_tenant(read: Read, tenant: str, wanted: Wanted, before: UUID | None, limit: int) -> Sequence[Conversation]:
    """Return the conversations of a tenant, the newest first."""
    rows = await read.fetch(OF_TENANT, tenant, *wanted, before, limit)
    return [found for row in rows if (found := _conversation(row))]


async def first_contact(read: Read, tenant: str, customer_id: UUID, seller: str) -> Conversation | None:
    """Return what a customer and a seller write to each other without an order."""
    return _conversation(await read.row(FIRST_CONTACT, tenant, customer_id, seller))


TURN = """
select pg_advisory_xact_lock(hashtextextended('conversations ' || $1 || ' ' || $2 || ' ' || $3, 0))
"""


async def take_turn(tx: Tx, tenant: str, customer_id: UUID, seller: str) -> None:
    """Let nobody else open a conversation of these two until the transaction ends."""
    await tx.execute(TURN, tenant, str(customer_id), seller)


# An order and a change of address do not see each other before they commit.
ADDRESS_TURN = """
select pg_advisory_xact_lock(hashtextextended('address ' || $1 || ' ' || $2, 0))
"""
ADD = """
with added as (
  insert into conversations
    (tenant, id, seller, customer_id, contact_key_id, contact_public_key, name_box, email_box, language, order_id,
     order_number, sku, opened_at)
  values ($1, $2, $3, $4, $5, $6, $7,
          coalesce((select email_box from addresses where tenant = $1 and contact_key_id = $5), $8),
          $9, $10, $11, $12, $13)
)
insert into aliases (local_part, tenant, conversation_id, side, desk)
select local_part, $1, $2, side, desk
from unnest($14::text[], $15::text[], $16::boolean[]) as new (side, local_part, desk)
"""


async def add(tx: Tx, new: Conversation) -> None:
    """Keep a conversation and its aliases; a later address than the one that is given counts, known before or not."""
    await tx.execute(ADDRESS_TURN, new.tenant, str(new.contact[0]))
    boxes = (*new.contact, new.name_box, new.email_box)
    about = (new.language, new.order_id, new.order_number, new.sku, new.opened_at)
    sides, local_parts = [*new.aliases, *new.desks], [*new.aliases.values(), *new.desks.values()]
    aliases = (sides, local_parts, [False] * len(new.aliases) + [True] * len(new.desks))
    await tx.execute(ADD, new.tenant, new.id, new.seller, new.customer_id, *boxes, *about, *aliases)


JOIN = """
update conversations
set order_id = $3, order_number = $4
where tenant = $1
  and id = $2
  and order_id is null
"""


async def join(tx: Tx, tenant: str, conversation_id: UUID, order_id: UUID, order_number: str) -> None:
    """Let a first contact go on as the conversation about an order."""
    await tx.execute(JOIN, tenant, conversation_id, order_id, order_number)


@dataclass(frozen=True, slots=True)
class Behind:
    """A conversation to whose desk, or other side, one side writes by an alias; a closed one takes nothing."""

    tenant: str
    conversation_id: UUID
    writer: Side
    desk: bool
    closed: bool


BEHIND = """
select tenant, conversation_id, side, desk, coalesce(closed_at, switched_off_at) as closed_at
from aliases
where local_part = $1
"""


async def behind(read: Read, local_part: str) -> Behind | None:
    """Return what an alias stands for."""
    row = await read.row(BEHIND, local_part)
    if row is None:
        return None
    side = Side(row["side"])
    writer = side if row["desk"] else side.other
    return Behind(row["tenant"], row["conversation_id"], writer, desk=row["desk"], closed=row["closed_at"] is not None)


CLOSE = """
update aliases
set closed_at = case when $4 then coalesce(closed_at, $5) end
where tenant = $1
  and conversation_id = $2
  and side = $3
  and not desk
"""


async def set_closed(tx: Tx, tenant: str, conversation_id: UUID, side: Side, *, closed: bool) -> None:
    """Close the alias of a side, so that nobody can write to it, or open it again."""
    await tx.execute(CLOSE, tenant, conversation_id, side, closed, tx.now)


HAS_CLOSED = """
select closed_at is not null
from aliases
where tenant = $1
  and conversation_id = $2
  and side = $3
  and not desk
"""


async def has_closed(read: Read, tenant: str, conversation_id: UUID, side: Side) -> bool:
    """Return whether a side has closed its alias itself, whatever staff did with it."""
    return bool(await read.value(HAS_CLOSED, tenant, conversation_id, side))


SWITCH = """
update aliases
set switched_off_at = case when $4 then coalesce(switched_off_at, $5) end
where tenant = $1
  and conversation_id = $2
  and side = $3
  and not desk
"""


async def switch(tx: Tx, tenant: str, conversation_id: UUID, side: Side, *, off: bool) -> None:
    """Let nobody write to the alias of a side any more, whatever the sides want, or undo that."""
    await tx.execute(SWITCH, tenant, conversation_id, side, off, tx.now)


READDRESS = """
with newest as (
  insert into addresses (tenant, contact_key_id, email_box, sequence)
  values ($1, $2, $3, $5)
  on conflict (tenant, contact_key_id) do update
  set email_box = excluded.email_box, sequence = excluded.sequence
  where addresses.sequence < excluded.sequence
  returning email_box
)
update conversations
set email_box = newest.email_box, readdressed_at = $4
from newest
where tenant = $1
  and contact_key_id = $2
  and conversations.email_box is not null
"""


async def readdress(tx: Tx, tenant: str, contact_key_id: UUID, email_box: str) -> None:
    """Write to a customer at another address from now on; only from there do they write."""
    await tx.execute(ADDRESS_TURN, tenant, str(contact_key_id))
    await tx.execute(READDRESS, tenant, contact_key_id, email_box, tx.now, tx.sequence)


ALIASES = TypeAdapter(list[tuple[Side, bool, str]])


def _conversation(row: asyncpg.Record | None) -> Conversation | None:
    return None if row is None else of_row(row)


def of_row(row: asyncpg.Record) -> Conversation:
    """Return the conversation of a row that begins as SELECTED."""
    opened_at: datetime = row["opened_at"]
    aliases = ALIASES.validate_json(row["aliases"])
    return Conversation(
        tenant=row["tenant"],
        id=row["id"],
        seller=row["seller"],
        customer_id=row["customer_id"],
        contact=(row["contact_key_id"], row["contact_public_key"]),
        name_box=row["name_box"],
        email_box=row["email_box"],
        language=row["language"],
        order_id=row["order_id"],
        order_number=row["order_number"],
        sku=row["sku"],
        opened_at=opened_at,
        messages=row["messages"],
        aliases={Side(side): local_part for side, desk, local_part in aliases if not desk},
        desks={Side(side): local_part for side, desk, local_part in aliases if desk},
        closed=frozenset(map(Side, row["closed"])),
    )
