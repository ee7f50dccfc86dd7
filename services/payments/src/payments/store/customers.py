"""Customers as the provider knows them: an id, and whether it may keep a card."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.db import Read, Tx
from pydantic import TypeAdapter

from payments.domain.provider import CardRemoval, CustomerDeletion


@dataclass(frozen=True, slots=True)
class Choice:
    """Whether a customer's data may be kept; of several the one with the highest sequence counts."""

    tenant: str
    customer_id: UUID
    keep_data: bool
    sequence: int
    traceparent: str | None


CHOICES = TypeAdapter(Sequence[Choice])

CHOOSE = """
insert into customers (tenant, id, keep_data, choice_sequence, card_removal_traceparent)
select c.tenant, c.customer_id, c.keep_data, c.sequence, c.traceparent
from jsonb_to_recordset($1::jsonb) as c
  (tenant text, customer_id uuid, keep_data boolean, sequence bigint, traceparent text)
order by c.tenant, c.customer_id
on conflict (tenant, id) do update
set keep_data = excluded.keep_data,
    choice_sequence = excluded.choice_sequence,
    card_removals_requested = customers.card_removals_requested + (not excluded.keep_data)::integer,
    card_removal_traceparent = excluded.card_removal_traceparent
where customers.choice_sequence < excluded.choice_sequence
"""


async def choose(tx: Tx, choices: Sequence[Choice]) -> None:
    """Keep one choice for each customer, unless a later one is known (M26); not to keep data has cards removed."""
    await tx.execute(CHOOSE, CHOICES.dump_json(choices).decode())


FIND = """
select provider_customer_id
from customers
where tenant = $1
  and id = $2
"""


async def provider_id(read: Read, tenant: str, customer_id: UUID) -> str | None:
    """Return the provider's id of a customer whom it knows."""
    return await read.value(FIND, tenant, customer_id)


REQUEST_DELETION = """
insert into customers (tenant, id, deletion_requested_at, profile_key_id, deletion_traceparent, deleted_at)
values ($1, $2, $3, $4, $5, $3)
on conflict (tenant, id) do update
set deletion_requested_at = coalesce(customers.deletion_requested_at, excluded.deletion_requested_at),
    profile_key_id = coalesce(customers.profile_key_id, excluded.profile_key_id),
    deletion_traceparent = coalesce(customers.deletion_traceparent, excluded.deletion_traceparent),
    deleted_at = case when customers.provider_asked_at is null
                      then coalesce(customers.deleted_at, excluded.deleted_at)
                      else customers.deleted_at end
"""


async def request_deletion(
    tx: Tx, tenant: str, customer_id: UUID, profile_key_id: UUID | None, traceparent: str | None
) -> None:
    """Have the provider delete a customer; one of whom it was never asked counts as deleted."""
    await tx.execute(REQUEST_DELETION, tenant, customer_id, tx.now, profile_key_id, traceparent)


CLAIM_DELETIONS = """
with due as (
  select tenant, id
  from customers
  where deletion_requested_at is not null
    and deleted_at is null
    and (deletion_claimed_until is null or deletion_claimed_until < clock_timestamp())
  order by deletion_requested_at
  limit $1
  for update skip locked
)
update customers c
set deletion_claimed_until = clock_timestamp() + interval '30 seconds'
from due
where c.tenant = due.tenant
  and c.id = due.id
returning c.tenant, c.id as customer_id, c.provider_customer_id, c.deletion_traceparent as traceparent
"""


async def claim_deletions(tx: Tx, limit: int) -> list[CustomerDeletion]:
    """Claim customers whom the provider shall delete, for 30 seconds of real time."""
    return [CustomerDeletion(**dict(row)) for row in await tx.fetch(CLAIM_DELETIONS, limit)]


DELETED = """
update customers
set deleted_at = $3, provider_customer_id = null, deletion_claimed_until = null
where tenant = $1
  and id = $2
"""


async def deleted(tx: Tx, tenant: str, customer_id: UUID) -> None:
    """Record that the provider has deleted the customer."""
    await tx.execute(DELETED, tenant, customer_id, tx.now)


CONFIRM = """
update customers
set confirmed_at = $3
where tenant = $1
  and id = $2
  and deleted_at is not null
  and profile_key_id is not null
  and confirmed_at is null
returning profile_key_id
"""


async def confirm(tx: Tx, tenant: str, customer_id: UUID) -> UUID | None:
    """Return the destroyed profile key, once, when nothing is left of the customer at the provider."""
    return await tx.value(CONFIRM, tenant, customer_id, tx.now)


REQUEST_REMOVAL = """
update customers
set card_removals_requested = card_removals_requested + 1, card_removal_traceparent = $3
where tenant = $1
  and id = $2
  and not keep_data
"""


async def request_card_removal(tx: Tx, tenant: str, customer_id: UUID, traceparent: str | None) -> bool:
    """Have the provider remove a customer's saved cards, once more; false for one whose data is kept."""
    return await tx.execute(REQUEST_REMOVAL, tenant, customer_id, traceparent) == 1


CLAIM_REMOVALS = """
with due as (
  select tenant, id
  from customers
  where card_removals_requested > card_removals_done
    and not keep_data
    and provider_customer_id is not null
    and deletion_requested_at is null
    and (card_removal_claimed_until is null or card_removal_claimed_until < clock_timestamp())
  order by tenant, id
  limit $1
  for update skip locked
)
update customers c
set card_removal_claimed_until = clock_timestamp() + interval '30 seconds'
from due
where c.tenant = due.tenant
  and c.id = due.id
returning c.tenant, c.id as customer_id, c.provider_customer_id, c.card_removals_requested as request,
          c.card_removal_traceparent as traceparent
"""


async def claim_card_removals(tx: Tx, limit: int) -> list[CardRemoval]:
    """Claim customers whose saved cards are to be removed, for 30 seconds of real time; none whose data is kept."""
    return [CardRemoval(**dict(row)) for row in await tx.fetch(CLAIM_REMOVALS, limit)]


REMOVED = """
update customers
set card_removals_done = greatest(card_removals_done, $3), card_removal_claimed_until = null
where tenant = $1
  and id = $2
"""


async def cards_removed(tx: Tx, tenant: str, customer_id: UUID, request: int) -> None:
    """Record that all cards saved before this request are removed; one that was made meanwhile stays."""
    await tx.execute(REMOVED, tenant, customer_id, request)
