"""What is heard of refunds belongs to its payment, whatever is written on them (F-P20)."""

from uuid import UUID, uuid4

import pytest
from chassis_testing.harness import until

from .house import House, refund_event, session_event


@pytest.mark.parametrize("named_by", ["payment_intent", "charge"])
async def test_F_P20_a_refund_is_known_by_its_intent_or_charge_where_its_payment_is_not_written_on_it(
    house: House, named_by: str
):
    order, view = await house.paid()
    (at_provider,) = await house.at_provider(order)
    notice = refund_event(UUID(view["payment"]), 500, "succeeded")
    of = notice["data"]["object"]
    of |= {"payment_intent": None, "charge": None, named_by: at_provider[named_by]}
    of["metadata"] = {"tenant": order.tenant, "order": str(order.order)}
    assert await house.webhook(notice) == 200
    (repaid,) = await house.published("PaymentRefunded", order)
    assert (repaid.origin, repaid.refund, repaid.amount) == ("provider", None, 500)
    if named_by == "charge":
        notice |= {"id": "evt_away"}
        await house.control("switches", api={"refuse": {"status": 500, "path": "/v1/charges"}})
        assert await house.webhook(notice) == 503


async def test_F_P20_a_refund_of_the_sellers_is_its_own_where_nothing_else_is_written_on_it(house: House):
    order, payment = await house.placed(), uuid4()
    refunded = house.refunded(order)
    await house.harness.publish(refunded)
    await house.harness.settled()
    notice = refund_event(payment, 21900, "succeeded")
    notice["data"]["object"]["metadata"] = {"refund": str(refunded.refund)}
    assert await house.webhook(notice) == await house.webhook(session_event(order, payment)) == 200
    (repaid,) = await house.published("PaymentRefunded", order)
    assert (repaid.origin, repaid.refund, repaid.amount) == ("seller", refunded.refund, 21900)
    assert await house.review(order) == []


async def test_F_P20_no_refund_is_missed_that_stands_behind_the_providers_first_page(house: House):
    order, view = await house.paid()
    await house.control("switches", webhooks={"drop": {}})
    for _ in range(101):  # a page has 100 at most
        await house.control("refund", session=view["url"].rpartition("/")[2], amount=1)
    await house.harness.sql("update payments set inquire_at = now() where order_id = $1", order.order)

    async def all_known() -> bool:
        return len(house.so_far("PaymentRefunded", order)) == 101

    await until(all_known, what="101 refunds")
