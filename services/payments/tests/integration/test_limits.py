"""How many payments one customer may begin, each of which costs a call to the provider."""

import asyncio
from uuid import uuid4

from payments.settings import Settings

from .house import House


async def test_a_customer_begins_no_more_payments_a_minute_than_the_setting_and_others_are_not_held_up(house: House):
    order = await house.placed()
    allowed = Settings.model_fields["payments_per_minute"].default
    others = [house.post("/payments", {"order": str(uuid4())}, **house.as_customer(order)) for _ in range(allowed)]
    answers = await asyncio.gather(*others)
    assert {status for status, _ in answers} == {404}
    body = {"order": str(order.order)}
    async with house.harness.http.post("/payments", json=body, headers=house.as_customer(order)) as refused:
        assert (refused.status, (await refused.json())["type"]) == (429, "/problems/too-many-requests")
        assert int(refused.headers["Retry-After"]) > 0
    assert await house.harness.sql("select id from payments where order_id = $1", order.order) == []
    await house.opened(await house.placed())
