"""Recording the e-mails that are due by what is known of orders."""

from collections.abc import Iterable
from datetime import timedelta

from chassis.consuming import Touched
from chassis.db import Tx
from chassis.jobs import Trigger, in_parts

from letters.domain.decision import DueEmail, decide
from letters.domain.email import Email, State
from letters.domain.order import Order
from letters.domain.sending import Sender
from letters.store import emails, orders

SEND = Trigger("send e-mails")
AT_ONCE = 100


async def conclude(tx: Tx, touched: Touched, sender: Sender) -> None:
    """Record every e-mail that is due for these orders, which are locked.

    An e-mail belongs to the trace of the event that made it due, or else to that of its order.
    """
    await record_due(tx, await orders.load(tx, touched), touched, sender)


async def conclude_due(tx: Tx, sender: Sender) -> bool:
    """Record the e-mails that time alone has made due; return whether there may be more."""
    due = await orders.lock_due(tx, AT_ONCE)
    done = await in_parts(tx, "conclude orders", due, lambda some: conclude(tx, dict.fromkeys(some), sender), tuple)
    return done > 0 and len(due) == AT_ONCE


async def record_due(tx: Tx, locked: Iterable[Order], touched: Touched, sender: Sender) -> None:
    """Record every e-mail that is due, each once, with the Message-ID that it keeps whatever happens."""
    conclusions: list[emails.Conclusion] = []
    for order in locked:
        decision = decide(order, tx.now)
        if decision.due or decision.conclude_at != order.conclude_at:
            cause = touched.get((order.tenant, order.id))
            trace = (cause and cause.traceparent) or order.traceparent
            new = [
                (_email(tx, order, due, sequence, trace, sender), due.mentioned)
                for sequence, due in enumerate(decision.due, order.last_sequence + 1)
            ]
            conclusions.append(emails.Conclusion(order, new, decision.conclude_at))
        if any(due.gather == timedelta() for due in decision.due):
            tx.wake(SEND)
    if conclusions:
        await emails.record(tx, conclusions)


def _email(tx: Tx, order: Order, due: DueEmail, sequence: int, traceparent: str | None, sender: Sender) -> Email:
    id_ = tx.new_id()
    return Email(
        id=id_,
        order_id=order.id,
        kind=due.kind,
        sequence=sequence,
        state=State.WAITING,
        created_at=tx.now,
        send_at=tx.now + due.gather,
        repayment_id=due.repayment_id,
        message_id=sender.message_id(id_),
        traceparent=traceparent,
    )
