"""An order whose delivery bounced waits for a better address, closes in the end, and can be delivered after all."""

from datetime import timedelta
from uuid import uuid4

import pytest
from chassis_testing import until
from contracts.letters import EmailBounced, EmailKind
from contracts.orders import ConsentKind, OrderClosed

from services.orders.tests.integration.conftest import Shop, header, of_order, units_of


async def test_an_order_that_cannot_be_mailed_closes_after_a_while_and_is_delivered_all_the_same(shop: Shop):
    placed = await shop.buy(uuid4(), shop.request({"VISTA-HP-ESD": 1, "WORKS-9-ESD": 1}))
    first, second = units_of(placed)
    at = placed.ordered_at
    bounced = EmailBounced(
        **header(placed), email=uuid4(), kind=EmailKind.DELIVERY, units=[second], code=550, bounced_at=at
    )
    await shop.home.publish(shop.captured(placed), shop.sent(placed, [first]), bounced)
    await shop.home.settled()
    assert await shop.state(placed) == "paid"
    _, view = await shop.get(f"/orders/{placed.order}", shop.staff("support"))
    assert [unit["bounced_at"] is None for line in view["lines"] for unit in line["units"]] == [True, False]
    shop.home.shift_clock(timedelta(days=14).total_seconds() + 60)
    (closed,) = await of_order(shop, OrderClosed, placed)
    assert closed.contact_until >= at + timedelta(days=44)
    assert await shop.state(placed) == "paid"
    await shop.home.publish(shop.sent(placed, [second], sent_at=at + timedelta(days=15)))

    async def delivered() -> bool:
        return await shop.state(placed) == "delivered"

    await until(delivered, what="the second e-mail")


@pytest.mark.parametrize("late", [False, True], ids=["in their order", "the e-mail last"])
async def test_what_came_back_after_all_delivers_and_confirms_nothing(shop: Shop, late: bool):  # ORD-7
    placed = await shop.buy(uuid4(), shop.request({"VISTA-HP-ESD": 1}))
    (unit,) = units_of(placed)
    kinds = [ConsentKind.IMMEDIATE_DELIVERY, ConsentKind.WITHDRAWAL_LOST]
    first = shop.sent(placed, [unit], consents=kinds)
    at = first.sent_at + timedelta(minutes=1)
    back = EmailBounced(
        **header(placed), email=first.email, kind=EmailKind.DELIVERY, units=[unit], code=550, bounced_at=at
    )
    again = first.model_copy(update={"email": uuid4(), "sent_at": at + timedelta(minutes=1)})
    await shop.home.publish(shop.captured(placed), *((back, first) if late else (first, back)))
    await shop.home.settled()
    assert await shop.state(placed) == "paid"
    _, view = await shop.get(f"/orders/{placed.order}", shop.staff("support"))
    assert [one["withdrawal_lost_at"] for line in view["lines"] for one in line["units"]] == [None]
    await shop.home.publish(again)
    await shop.home.settled()
    assert await shop.state(placed) == "delivered"
    _, view = await shop.get(f"/orders/{placed.order}", shop.staff("support"))
    assert [one["withdrawal_lost_at"] is None for line in view["lines"] for one in line["units"]] == [False]
