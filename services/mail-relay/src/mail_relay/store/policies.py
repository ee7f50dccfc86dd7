"""The versions of tenants' policies, and who was told of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
from chassis.db import Read, Tx
from pydantic import TypeAdapter

from mail_relay.domain.alias import Side
from mail_relay.domain.conversation import Conversation
from mail_relay.domain.policy.handling import Urgency
from mail_relay.domain.policy.policy import FIRST, Policy

POLICY = TypeAdapter(Policy)


@dataclass(frozen=True, slots=True)
class Published:
    """A version as it was published."""

    policy: Policy
    published_at: datetime | None
    urgency: Urgency | None
    announced_at: datetime | None


IN_FORCE = """
select document::text
from policies
where tenant = $1
  and valid_from <= $2
order by valid_from desc, version desc
limit 1
"""


async def in_force(read: Read, tenant: str, at: datetime) -> Policy:
    """Return the version that is in force at a time; of those that begin at the same one the latest (MAIL-18)."""
    document: str | None = await read.value(IN_FORCE, tenant, at)
    return of_document(document)


def of_document(document: str | None) -> Policy:
    """Return the version that is kept as this document; without one the first that everybody has."""
    return FIRST if document is None else POLICY.validate_json(document)


OF_TENANT = """
select document::text, published_at, urgency, announced_at
from policies
where tenant = $1
  and version < $2
order by version desc
limit $3
"""
FIND = """
select document::text, published_at, urgency, announced_at
from policies
where tenant = $1
  and version = $2
"""


async def of_tenant(read: Read, tenant: str, before: int, limit: int) -> Sequence[Published]:
    """Return a tenant's versions before a number, the newest first."""
    return [_published(row) for row in await read.fetch(OF_TENANT, tenant, before, limit)]


async def find(read: Read, tenant: str, version: int) -> Published | None:
    """Return the version of this number."""
    row = await read.row(FIND, tenant, version)
    return None if row is None else _published(row)


TURN = """
select pg_advisory_xact_lock(hashtextextended('policies ' || $1, 0))
"""
LATEST = """
select coalesce(max(version), 0)
from policies
where tenant = $1
"""


async def take_turn(tx: Tx, tenant: str) -> int:
    """Let nobody else publish until the transaction ends, and return the number of the latest version, 0 for none."""
    await tx.execute(TURN, tenant)
    return await tx.value(LATEST, tenant)


ADD = """
insert into policies (tenant, version, valid_from, published_at, urgency, document)
values ($1, $2, $3, $4, $5, $6::text::jsonb)
"""


async def add(tx: Tx, tenant: str, policy: Policy, urgency: Urgency | None) -> None:
    """Keep a new version."""
    document = POLICY.dump_json(policy).decode()
    await tx.execute(ADD, tenant, policy.version, policy.valid_from, tx.now, urgency, document)


# Who has written, or is written to: each once, in the latest conversation.
UNTOLD = """
with version as (
  select tenant, version, valid_from
  from policies
  where announced_at is null
  order by published_at
  limit 1
  for update
), parties as (
  select c.tenant, v.version, v.valid_from, side.name as side, side.party, (max(c.id::text))::uuid as conversation_id
  from version v
  join conversations c on c.tenant = v.tenant
  cross join lateral (values ('buyer', c.customer_id::text), ('seller', c.seller)) as side (name, party)
  where c.messages > 0
    and c.email_box is not null
  group by c.tenant, v.version, v.valid_from, side.name, side.party
), told as (
  insert into announcements (tenant, version, side, party)
  select tenant, version, side, party
  from parties
  where not exists (
    select from announcements known
    where known.tenant = parties.tenant
      and known.version = parties.version
      and known.side = parties.side
      and known.party = parties.party
  )
  limit $1
  returning tenant, version, side, party
), done as (
  update policies
  set announced_at = $2
  from version v
  where policies.tenant = v.tenant
    and policies.version = v.version
    and (select count(*) from told) < $1
  returning 1
)
select p.tenant, p.version, p.valid_from, p.side, p.conversation_id
from told
join parties p using (tenant, version, side, party)
"""


@dataclass(frozen=True, slots=True)
class Announcement:
    """That a side of a conversation is to be told of a version."""

    tenant: str
    conversation_id: UUID
    side: Side
    version: int
    valid_from: datetime


async def untold(tx: Tx, limit: int) -> Sequence[Announcement]:
    """Record that so many who were not told of a version yet are now, and return them; a version without is done."""
    return [_announcement(row) for row in await tx.fetch(UNTOLD, limit, tx.now)]


ANNOUNCE = """
with latest as (
  select tenant, version, valid_from
  from policies
  where tenant = $1
    and valid_from > $5
  order by version desc
  limit 1
), told as (
  insert into announcements (tenant, version, side, party)
  select tenant, version, $3, $4
  from latest
  on conflict do nothing
  returning version
)
select l.tenant, l.version, l.valid_from, $3::text as side, $2::uuid as conversation_id
from latest l
join told on told.version = l.version
"""


async def announce(tx: Tx, to: Conversation, side: Side) -> Announcement | None:
    """Record that a side is told of the latest version; None where it is already, or none begins after the first word.

    Who writes from a conversation that is younger than a version has begun it under that version.
    """
    party = to.seller if side is Side.SELLER else str(to.customer_id)
    row = await tx.row(ANNOUNCE, to.tenant, to.id, side, party, to.opened_at)
    return None if row is None else _announcement(row)


def _announcement(row: asyncpg.Record) -> Announcement:
    return Announcement(row["tenant"], row["conversation_id"], Side(row["side"]), row["version"], row["valid_from"])


def _published(row: asyncpg.Record) -> Published:
    urgency: str | None = row["urgency"]
    policy = POLICY.validate_json(row["document"])
    return Published(policy, row["published_at"], Urgency(urgency) if urgency else None, row["announced_at"])
