"""Claims, what sides stated about them, and the clocks of tenants."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from chassis.db import Read, Tx
from contracts.orders import OrderPlaced
from pydantic import TypeAdapter
from pydantic_core import to_json

from mail_relay.domain.alias import Side
from mail_relay.domain.claim import Claim, State, Terms

HOURS = ("contact", "statement", "appeal", "answer")
TERMS = TypeAdapter(Terms)

TERMS_OF = """
select contact, statement, appeal, answer, weekends_count
from claim_terms
where tenant = $1
"""


async def terms_of(read: Read, tenant: str) -> Terms:
    """Return a tenant's clocks."""
    row = await read.row(TERMS_OF, tenant)
    if row is None:
        return Terms()
    return Terms(**{name: timedelta(hours=row[name]) for name in HOURS}, weekends_count=row["weekends_count"])


SET_TERMS = """
insert into claim_terms (tenant, contact, statement, appeal, answer, weekends_count)
values ($1, $2, $3, $4, $5, $6)
on conflict (tenant) do update
set contact = excluded.contact, statement = excluded.statement, appeal = excluded.appeal, answer = excluded.answer,
    weekends_count = excluded.weekends_count
"""


async def set_terms(tx: Tx, tenant: str, terms: Terms) -> None:
    """Let other clocks run from now on; claims that are open keep theirs."""
    hours = [getattr(terms, name) // timedelta(hours=1) for name in HOURS]
    await tx.execute(SET_TERMS, tenant, *hours, terms.weekends_count)


ADD_ORDER = """
insert into order_units (tenant, order_id, ordered_at, lines)
values ($1, $2, $3, $4::jsonb)
on conflict (tenant, order_id) do nothing
"""


async def add_order(tx: Tx, placed: OrderPlaced) -> None:
    """Keep what of an order can be claimed about."""
    lines = to_json([{"line": line.line, "units": line.units} for line in placed.lines]).decode()
    await tx.execute(ADD_ORDER, placed.tenant, placed.order, placed.ordered_at, lines)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an order and its units."""

    line: UUID
    units: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Claimable:
    """An order that can be claimed about."""

    ordered_at: datetime
    lines: Sequence[Line]


LINES = TypeAdapter(list[Line])
ORDER = """
select ordered_at, lines
from order_units
where tenant = $1
  and order_id = $2
"""


async def order(read: Read, tenant: str, order_id: UUID) -> Claimable | None:
    """Return what of an order can be claimed about."""
    row = await read.row(ORDER, tenant, order_id)
    return None if row is None else Claimable(row["ordered_at"], LINES.validate_json(row["lines"]))


FIRST_WRITTEN = """
select min(coalesce(j.decided_at, m.received_at))
from messages m
left join judgements j on j.tenant = m.tenant and j.message_id = m.id and j.released
where m.tenant = $1
  and m.conversation_id = $2
  and m.side = 'buyer'
  and m.state not in ('filed', 'held', 'blocked')
  and m.received_at >= $3
"""


async def first_written(read: Read, tenant: str, conversation_id: UUID, since: datetime) -> datetime | None:
    """Return when the buyer first wrote to the seller since then; what was held counts from its release."""
    return await read.value(FIRST_WRITTEN, tenant, conversation_id, since)


SAVE = """
insert into claims
  (tenant, id, conversation_id, order_id, seller, unit_ids, reason, opened_at, terms, due_at, state, revision, outcome,
   grounds, granted, decided_at, decided_by, appealed_by, ended_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
on conflict (tenant, id) do update
set due_at = excluded.due_at, state = excluded.state, revision = excluded.revision, outcome = excluded.outcome,
    grounds = excluded.grounds, granted = excluded.granted, decided_at = excluded.decided_at,
    decided_by = excluded.decided_by, appealed_by = excluded.appealed_by, ended_at = excluded.ended_at
"""


async def save(tx: Tx, claim: Claim) -> None:
    """Keep a claim of a conversation that is locked."""
    values = {field.name: getattr(claim, field.name) for field in fields(claim)}
    values["terms"] = TERMS.dump_json(claim.terms).decode()
    await tx.execute(SAVE, *values.values())


OF = """
select tenant, id, conversation_id, order_id, seller, unit_ids, reason, opened_at, terms, due_at, state, revision,
       outcome, grounds, granted, decided_at, decided_by, appealed_by, ended_at
from claims
"""
CLAIM = TypeAdapter(Claim)
FIND = f"{OF} where tenant = $1 and id = $2"
OF_CONVERSATION = f"{OF} where tenant = $1 and conversation_id = $2 order by opened_at, id"
OF_ORDER = f"{OF} where tenant = $1 and order_id = $2 order by opened_at, id"
OF_STATES = f"""{OF}
where tenant = $1
  and state = any($2::text[])
  and ($3::uuid is null or id > $3)
order by id
limit $4
"""


async def find(read: Read, tenant: str, claim_id: UUID) -> Claim | None:
    """Return the claim of this id."""
    row = await read.row(FIND, tenant, claim_id)
    return None if row is None else _claim(row)


async def of_conversation(read: Read, tenant: str, conversation_id: UUID) -> Sequence[Claim]:
    """Return all claims of a conversation, the oldest first."""
    return [_claim(row) for row in await read.fetch(OF_CONVERSATION, tenant, conversation_id)]


async def of_order(read: Read, tenant: str, order_id: UUID) -> Sequence[Claim]:
    """Return all claims about an order, the oldest first."""
    return [_claim(row) for row in await read.fetch(OF_ORDER, tenant, order_id)]


async def of_states(
    read: Read, tenant: str, states: Sequence[State], after: UUID | None, limit: int
) -> Sequence[Claim]:
    """Return claims in one of these states, the oldest first."""
    return [_claim(row) for row in await read.fetch(OF_STATES, tenant, states, after, limit)]


# A seller who is being told of it still is not silent.
DUE = """
select tenant, id
from claims
where due_at <= $1
  and not exists (
    select
    from notices
    where notices.tenant = claims.tenant
      and notices.conversation_id = claims.conversation_id
      and claims.state = 'open'
      and side = 'seller'
      and kind = 'claim_opened'
      and created_at >= opened_at
      and sent_at is null
  )
order by due_at
limit $2
"""


async def due(read: Read, limit: int) -> Sequence[tuple[str, UUID]]:
    """Return the claims about which the clock decides now."""
    return [(row["tenant"], row["id"]) for row in await read.fetch(DUE, read.now, limit)]


ADD_STATEMENT = """
insert into statements (tenant, claim_id, message_id, side, stated_at)
values ($1, $2, $3, $4, $5)
"""


async def add_statement(tx: Tx, claim: Claim, message_id: UUID, side: Side) -> None:
    """Keep that a side has written to the desk about a claim."""
    await tx.execute(ADD_STATEMENT, claim.tenant, claim.id, message_id, side, tx.now)


STATEMENTS = """
select message_id, side, stated_at
from statements
where tenant = $1
  and claim_id = $2
order by stated_at, message_id
"""


async def statements(read: Read, tenant: str, claim_id: UUID) -> Sequence[asyncpg.Record]:
    """Return which messages were written to the desk about a claim."""
    return await read.fetch(STATEMENTS, tenant, claim_id)


@dataclass(frozen=True, slots=True)
class Durations:
    """How many claims have ended, and how many hours they took: half of them no longer than the median."""

    ended: int
    median_hours: float | None
    longest_hours: float | None


DURATIONS = """
select count(*) as ended, percentile_cont(0.5) within group (order by hours) as median_hours,
       max(hours) as longest_hours
from (
  select extract(epoch from ended_at - opened_at)::float8 / 3600 as hours
  from claims
  where tenant = $1
    and ended_at > $2
) as ended
"""


async def durations(read: Read, tenant: str, since: datetime) -> Durations:
    """Return how long the claims took that have ended since then."""
    row = await read.row(DURATIONS, tenant, since)
    return Durations(0, None, None) if row is None else Durations(**row)


def _claim(row: asyncpg.Record) -> Claim:
    facts: dict[str, Any] = {**row, "terms": asdict(TERMS.validate_json(row["terms"]))}
    return CLAIM.validate_python(facts)
