"""What the provider has sent, once each, and what of it waits until the payment that it is about is known."""

from datetime import datetime
from uuid import UUID

from chassis.db import Read, Tx
from pydantic import TypeAdapter

from payments.domain.provider import Notice, PaymentKey

NOTICE = TypeAdapter(Notice)

ADD = """
insert into notices (tenant, id, kind, received_at, order_id, intent_id, content)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict do nothing
"""


async def add(tx: Tx, tenant: str, notice_id: str, kind: str) -> None:
    """Record that the provider has sent this notice (F-P05, F-P25)."""
    await tx.execute(ADD, tenant, notice_id, kind, tx.now, None, None, None)


async def keep(tx: Tx, tenant: str, notice_id: str, notice: Notice) -> None:
    """Record it likewise, and let it wait until what it is about is known (F-P07)."""
    content = NOTICE.dump_json(notice).decode()
    await tx.execute(ADD, tenant, notice_id, notice.kind, tx.now, notice.order_id, notice.intent_id, content)


TAKE_OF_ORDER = """
update notices
set content = null
from (
  select tenant, id, content
  from notices
  where tenant = $1
    and order_id = $2
    and content is not null
) as kept
where notices.tenant = kept.tenant
  and notices.id = kept.id
returning kept.content
"""


async def take_of_order(tx: Tx, tenant: str, order_id: UUID) -> list[Notice]:
    """Take what waits for this order."""
    return [NOTICE.validate_json(row["content"]) for row in await tx.fetch(TAKE_OF_ORDER, tenant, order_id)]


TAKE_OF_INTENT = """
update notices
set content = null
from (
  select tenant, id, content
  from notices
  where tenant in ($1, '')
    and intent_id = $2
    and content is not null
) as kept
where notices.tenant = kept.tenant
  and notices.id = kept.id
returning kept.content
"""


async def take_of_intent(tx: Tx, tenant: str, intent_id: str) -> list[Notice]:
    """Take what waits for the payment with this intent at the provider."""
    return [NOTICE.validate_json(row["content"]) for row in await tx.fetch(TAKE_OF_INTENT, tenant, intent_id)]


APPLICABLE = """
select distinct on (n.intent_id) n.intent_id, p.tenant, p.order_id, p.id as payment_id
from notices n
join payments p on p.intent_id = n.intent_id
where n.content is not null
order by n.intent_id
limit 100
"""


async def applicable(read: Read) -> list[tuple[str, PaymentKey]]:
    """Return intents for which something waits though their payments are known by now, at most 100."""
    rows = [dict(row) for row in await read.fetch(APPLICABLE)]
    return [(row.pop("intent_id"), PaymentKey(**row)) for row in rows]


REMOVE = """
delete from notices
where received_at < $1
"""


async def remove(tx: Tx, before: datetime) -> None:
    """Remove what was received before then."""
    await tx.execute(REMOVE, before)
