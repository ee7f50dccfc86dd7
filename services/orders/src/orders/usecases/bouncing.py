"""What becomes of an order whose delivery could not be mailed: it waits for a better address, and not for ever."""

from collections.abc import Sequence

from chassis.db import Tx
from chassis.jobs import in_parts

from orders.domain.rules import Rules
from orders.store import bounces, orders
from orders.usecases.changing import Change, conclude


async def give_up_bounced(tx: Tx, rules: Rules) -> bool:
    """Let orders wait no longer for what bounced and nobody has helped since; true where there may be more.

    They close, and with them what waits for that: the deletion of their customer's data (M26). What is sent after all
    is delivered all the same.
    """
    since = tx.now - rules.bounce_patience

    async def give_up(keys: Sequence[orders.Key]) -> None:
        found = await orders.lock(tx, keys)
        await conclude(tx, [Change(stored, stored.order.given_up(since, tx.now)) for stored in found.values()])

    return await in_parts(tx, "give up what bounced", await bounces.hopeless(tx, since), give_up, tuple) > 0
