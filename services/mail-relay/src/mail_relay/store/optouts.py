"""Which buyers want no messages of a seller without having asked, and what reached them all the same."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.db import Read, Tx

from mail_relay.domain.conversation import Conversation

OPT_OUT = """
insert into optouts (tenant, customer_id, seller, opted_out_at)
values ($1, $2, $3, $4)
on conflict (tenant, customer_id, seller) do update
set opted_out_at = excluded.opted_out_at
"""
OPT_IN = """
delete from optouts
where tenant = $1
  and customer_id = $2
  and seller = $3
"""


async def set_opted_out(tx: Tx, to: Conversation, *, out: bool) -> None:
    """Record that a buyer wants no more messages of a seller from now on, or does again."""
    if out:
        await tx.execute(OPT_OUT, to.tenant, to.customer_id, to.seller, tx.now)
    else:
        await tx.execute(OPT_IN, to.tenant, to.customer_id, to.seller)


IS_OUT = """
select exists (
  select
  from optouts
  where tenant = $1
    and customer_id = $2
    and seller = $3
)
"""


async def is_opted_out(read: Read, of: Conversation) -> bool:
    """Return whether a buyer has chosen to get no messages of a seller without having asked."""
    return await read.value(IS_OUT, of.tenant, of.customer_id, of.seller)


ADD_CRITICAL = """
insert into criticals (tenant, message_id, conversation_id, seller)
values ($1, $2, $3, $4)
"""


async def add_critical(tx: Tx, to: Conversation, message_id: UUID) -> None:
    """Record that a message reached a buyer who had not asked, for it was marked critical."""
    await tx.execute(ADD_CRITICAL, to.tenant, message_id, to.id, to.seller)


MISUSE = """
update criticals
set misused_at = $3
where tenant = $1
  and conversation_id = $2
  and misused_at is null
returning message_id
"""


async def report_misuse(tx: Tx, to: Conversation) -> bool:
    """Record that what was marked critical in a conversation was not; false where nothing was."""
    return await tx.value(MISUSE, to.tenant, to.id, tx.now) is not None


MISUSES = """
select misused_at
from criticals
where tenant = $1
  and seller = $2
  and misused_at > $3
"""


async def misuses(read: Read, tenant: str, seller: str, since: datetime) -> Sequence[datetime]:
    """Return when misuses of a seller were reported since then."""
    return [row["misused_at"] for row in await read.fetch(MISUSES, tenant, seller, since)]
