"""The share of payments in an export: a customer's own payments, and nobody else's. GDPR 15, 20"""

from typing import Any

import orjson
from chassis_testing.exports import exported

from .house import GOOD, House


async def test_the_share_has_the_payments_of_the_customer_and_of_nobody_else(house: House):
    order, view = await house.paid()
    other, others = await house.paid()
    share: dict[str, Any] = await exported(house.harness, order.customer, tenant=order.tenant)
    assert [one["number"] for one in share["orders"]] == [order.order_number]
    (payment,) = share["payments"]
    assert (payment["payment"], payment["captured_amount"]) == (view["payment"], order.totals.gross)
    text = orjson.dumps(share).decode()
    assert str(other.order) not in text
    assert others["payment"] not in text
    assert GOOD not in text
    assert "http" not in text
    assert (await exported(house.harness, order.customer, tenant="elsewhere"))["payments"] == []
