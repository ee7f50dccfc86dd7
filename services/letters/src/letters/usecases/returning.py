"""Returning: what the next server had taken and sent back counts as bounced from then on."""

import structlog
from chassis.db import Tx
from contracts.letters import EmailBounced
from contracts.mail_relay import EmailReturned

from letters.domain.email import State
from letters.domain.sending import returned_code
from letters.store import orders, returns
from letters.usecases.sending import header, published

log = structlog.get_logger(__name__)


async def take_back(tx: Tx, returned: EmailReturned) -> None:
    """Record that an e-mail or notification did not arrive, unless that is known.

    The units that it had delivered are delivered no more: they are sent again once the customer has another address.
    """
    code, answer = returned_code(returned.status), f"{returned.status} returned"
    order_id = await returns.order_of(tx, returned.tenant, returned.email)
    if order_id is None:
        await returns.take_back_notification(tx, returned.tenant, returned.email, code, answer)
        return
    key = returned.tenant, order_id
    await orders.lock(tx, [key])
    (order,) = await orders.load(tx, [key])
    email = order.email(returned.email)
    if email.state is not State.SENT:
        return
    await returns.take_back(tx, order.tenant, email, code, answer)
    log.warning("an e-mail came back", email=str(email.id), order=str(order_id), status=returned.status)
    tx.publish(
        EmailBounced(
            **header(order),
            email=email.id,
            kind=published(email.kind),
            units=list(email.unit_ids),
            code=code,
            bounced_at=returned.returned_at,
        )
    )
