"""Charges that the customer's bank takes back: noticed, listed, and never paid back beside it (F-P21)."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis_testing.harness import until
from contracts.orders import OrderPlaced

from .house import REFUND_PENDING, House, session_event
from .test_refunds import in_state, state


async def listed(house: House, order: OrderPlaced, *wanted: str) -> bool:
    return sorted(await house.review(order)) == sorted(wanted)


async def payouts(house: House, order: OrderPlaced) -> list[str]:
    _, found = await house.get("/payouts?limit=500", **house.as_staff())
    return [one["refund"] for one in found["items"] if one["order"] == str(order.order)]


@pytest.mark.parametrize("noticed", [True, False])
async def test_a_refund_of_a_disputed_charge_waits_and_is_not_owed_once_that_is_lost(house: House, noticed: bool):
    order, view = await house.paid()
    session = view["url"].rpartition("/")[2]
    if not noticed:
        await house.control("switches", webhooks={"drop": {}})
    await house.control("dispute", session=session)
    if noticed:
        await until(lambda: listed(house, order, "disputed"))
    refunded = house.refunded(order)
    await house.harness.publish(refunded)
    await until(lambda: in_state(house, refunded.refund, "disputed"))
    assert await payouts(house, order) == []
    await house.control("reset")
    await house.control("dispute", session=session, status="lost")
    await until(lambda: in_state(house, refunded.refund, "refused"))
    assert await listed(house, order, "dispute_lost", "disputed", "refund_exceeds")
    assert (await payouts(house, order), house.so_far("PaymentRefunded", order)) == ([], [])
    closed = "select outcome from review_entries where order_id = $1 and reason = 'disputed'"
    assert [row["outcome"] for row in await house.harness.sql(closed, order.order)] == ["dispute_lost"]
    _, seen = await house.get(f"/payments/{view['payment']}", **house.as_customer(order))
    assert (seen["state"], seen["dispute"]) == ("captured", "lost")
    status, problem = await house.ask_to_pay(order)
    assert (status, problem["type"]) == (409, "/problems/already-paid")


async def test_a_refund_is_owed_again_once_the_dispute_is_won(house: House):
    order, view = await house.paid()
    session = view["url"].rpartition("/")[2]
    await house.control("dispute", session=session)
    refunded = house.refunded(order)
    await house.harness.publish(refunded)
    await until(lambda: in_state(house, refunded.refund, "disputed"))
    _, seen = await house.get(f"/payments/{view['payment']}", **house.as_customer(order))
    assert seen["dispute"] == "open"
    await house.control("dispute", session=session, status="won")
    # The provider does not send what was disputed once.
    await until(lambda: in_state(house, refunded.refund, "payout"))
    assert await payouts(house, order) == [str(refunded.refund)]


async def test_a_payout_by_hand_waits_too_where_its_charge_is_disputed_meanwhile(house: House):
    await house.control("switches", settle_after=None)
    order, view = await house.paid(REFUND_PENDING)
    refunded = house.refunded(order, 5000)
    await house.harness.publish(refunded)
    await until(lambda: in_state(house, refunded.refund, "asked"))
    (at_provider,) = await house.at_provider(order)
    await house.control("settle", refund=at_provider["refunds"][0]["id"], outcome="failed")
    await until(lambda: in_state(house, refunded.refund, "payout"))
    await house.control("dispute", session=view["url"].rpartition("/")[2])
    await until(lambda: in_state(house, refunded.refund, "disputed"))
    done = f"/payouts/{refunded.refund}/done"
    assert (await house.post(done, {"reference": "SEPA-1"}, **house.as_staff()))[0] == 404


def dispute_event(payment: UUID, status: str, kind: str = "created") -> dict[str, Any]:
    of: dict[str, Any] = {
        "id": f"du_{payment.hex}",
        "object": "dispute",
        "payment_intent": f"pi_{payment.hex}",
        "metadata": {},
    }
    of |= {"amount": 21900, "currency": "eur", "status": status, "evidence": {"customer_name": "Erika Musterfrau"}}
    return {"id": f"evt_{uuid4().hex}", "type": f"charge.dispute.{kind}", "data": {"object": of}}


async def test_notices_of_a_dispute_end_the_same_in_any_order(house: House):
    order, payment = await house.placed(), uuid4()
    notices = [
        dispute_event(payment, "lost", "closed"),
        session_event(order, payment),
        dispute_event(payment, "under_review", "updated"),
        dispute_event(payment, "warning_needs_response"),
    ]
    for notice in notices:
        assert await house.webhook(notice) == 200
    await house.published("PaymentCaptured", order)
    await until(lambda: listed(house, order, "dispute_lost"))
    (opened,), (closed,) = [await house.published(f"Dispute{what}", order) for what in ("Opened", "Closed")]
    assert (opened.payment, opened.amount, closed.outcome) == (payment, 21900, "lost")
    assert opened.dispute == closed.dispute
    refunded = house.refunded(order)
    await house.harness.publish(refunded)
    await until(lambda: in_state(house, refunded.refund, "refused"))
    assert await state(house, refunded.refund) == "refused"


async def test_F_P21_a_dispute_is_published_once_and_its_end_too_and_an_inquiry_is_neither(house: House):
    order, payment = await house.placed(), uuid4()
    await house.webhook(session_event(order, payment))
    for status in ("warning_needs_response", "warning_under_review"):
        await house.webhook(dispute_event(payment, status))
    await house.harness.settled()
    assert house.so_far("DisputeOpened", order) == []
    for status in ("needs_response", "under_review", "lost", "lost", "won", "under_review", "won"):
        await house.webhook(dispute_event(payment, status, "updated"))
    await house.published("DisputeClosed", order, 2)
    await house.harness.settled()
    assert len(house.so_far("DisputeOpened", order)) == 1
    assert [one.outcome for one in house.so_far("DisputeClosed", order)] == ["lost", "won"]
    inquired, later = await house.placed(), uuid4()
    await house.webhook(session_event(inquired, later))
    await house.webhook(dispute_event(later, "warning_closed", "closed"))
    await house.harness.settled()
    assert house.so_far("DisputeClosed", inquired) == house.so_far("DisputeOpened", inquired) == []
