"""E-mails and notifications that came back after the next server had taken them."""

from uuid import UUID

from chassis.db import Read, Tx

from letters.domain.email import Email

ORDER_OF = """
select order_id
from emails
where tenant = $1
  and id = $2
"""


async def order_of(read: Read, tenant: str, email_id: UUID) -> UUID | None:
    """Return the order of an e-mail, if there is one of this id."""
    return await read.value(ORDER_OF, tenant, email_id)


TAKE_BACK = """
with undelivered as (
  update paid_units
  set delivered_in = null
  where tenant = $1
    and order_id = $2
    and delivered_in = $3
)
update emails
set state = 'bounced', settled_at = $5, code = $6, answer = $7, unit_ids = '{}'
where tenant = $1
  and id = $4
"""


async def take_back(tx: Tx, tenant: str, email: Email, code: int, answer: str) -> None:
    """Record that an e-mail that was sent has delivered nothing; its order is locked."""
    await tx.execute(TAKE_BACK, tenant, email.order_id, email.sequence, email.id, tx.now, code, answer)


TAKE_BACK_NOTIFICATION = """
update notifications
set state = 'bounced', settled_at = $3, code = $4, answer = $5
where tenant = $1
  and id = $2
  and state = 'sent'
"""


async def take_back_notification(tx: Tx, tenant: str, notification_id: UUID, code: int, answer: str) -> None:
    """Record that a notification that was sent did not arrive."""
    await tx.execute(TAKE_BACK_NOTIFICATION, tenant, notification_id, tx.now, code, answer)
