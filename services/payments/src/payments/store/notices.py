"""What the provider has told, once each, and what of it waits for the thing it speaks of to be known."""

from datetime import datetime
from uuid import UUID

from chassis.db import Tx
from pydantic import TypeAdapter

from payments.domain.provider import Notice

FACTS = TypeAdapter(Notice)

ADD = """
insert into notices (tenant, event, kind, heard_at, order_id, intent, facts)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict do nothing
"""

TAKE_OF_ORDER = """
update notices
set facts = null
from (
  select tenant, event, facts
  from notices
  where tenant = $1
    and order_id = $2
    and facts is not null
) as kept
where notices.tenant = kept.tenant
  and notices.event = kept.event
returning kept.facts
"""

TAKE_OF_INTENT = """
update notices
set facts = null
from (
  select tenant, event, facts
  from notices
  where tenant in ($1, '')
    and intent = $2
    and facts is not null
) as kept
where notices.tenant = kept.tenant
  and notices.event = kept.event
returning kept.facts
"""

APPLICABLE = """
select distinct n.intent
from notices n
join payments p on p.intent = n.intent
where n.facts is not null
limit 100
"""

FORGET = """
delete from notices
where heard_at < $1
"""


def add(tx: Tx, tenant: str, event: str, kind: str) -> None:
    """Note that the provider has told this (F-P05, F-P25)."""
    tx.note(ADD, tenant, event, kind, tx.now, None, None, None)


def keep(tx: Tx, tenant: str, event: str, notice: Notice) -> None:
    """Note it likewise, and let it wait until what it speaks of is known (F-P07)."""
    facts = FACTS.dump_json(notice).decode()
    tx.note(ADD, tenant, event, notice.kind, tx.now, notice.order, notice.intent, facts)


async def take_of_order(tx: Tx, tenant: str, order: UUID) -> list[Notice]:
    """What waits for this order."""
    return [FACTS.validate_json(row["facts"]) for row in await tx.fetch(TAKE_OF_ORDER, tenant, order)]


async def take_of_intent(tx: Tx, tenant: str, intent: str) -> list[Notice]:
    """What waits for a payment with this provider's id."""
    return [FACTS.validate_json(row["facts"]) for row in await tx.fetch(TAKE_OF_INTENT, tenant, intent)]


async def applicable(tx: Tx) -> list[str]:
    """The provider's ids of payments that are known by now and for which something waits."""
    return [row["intent"] for row in await tx.fetch(APPLICABLE)]


async def forget(tx: Tx, before: datetime) -> None:
    """Forget what was told before."""
    await tx.execute(FORGET, before)
