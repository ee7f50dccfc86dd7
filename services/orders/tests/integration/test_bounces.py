"""An order whose delivery bounced waits for a better address, closes in the end, and can be delivered after all."""

from datetime import timedelta
from uuid import uuid4

from chassis_testing import until
from contracts.letters import EmailBounced, EmailKind
from contracts.orders import OrderClosed

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
    await shop.home.publish(shop.sent(placed, [second]))

    async def delivered() -> bool:
        return await shop.state(placed) == "delivered"

    await until(delivered, what="the second e-mail")
