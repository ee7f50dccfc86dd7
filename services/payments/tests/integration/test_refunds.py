"""Money that goes back: decided by the seller, at the provider, or by hand; never more than came in."""

import asyncio
from uuid import UUID, uuid4

import pytest
from chassis_testing.harness import until
from contracts.orders import OrderPlaced, RefundReason

from .camt import PAYER_IBAN, entry, imported, statement
from .house import GOOD, REFUND_FAILS, REFUND_PENDING, House, refund_event


async def kept(house: House, order: OrderPlaced) -> int:
    (at_provider,) = await house.at_provider(order)
    return at_provider["kept"]


async def state(house: House, refund: object) -> str:
    rows = await house.harness.sql("select state from refunds where id = $1", refund)
    return rows[0]["state"] if rows else "unknown"


async def in_state(house: House, refund: object, wanted: str) -> bool:
    return await state(house, refund) == wanted


async def test_F_P19_the_sellers_refund_is_paid_back_once(house: House):
    order, _ = await house.paid()
    refunded = house.refunded(order)
    await house.harness.publish(refunded)
    await house.harness.publish(refunded)
    (repaid,) = await house.published("PaymentRefunded", order)
    assert (repaid.origin, repaid.refund, repaid.amount) == ("seller", refunded.refund, 21900)
    await asyncio.sleep(0.5)
    await house.harness.settled()
    assert len(house.so_far("PaymentRefunded", order)) == 1
    (at_provider,) = await house.at_provider(order)
    assert (at_provider["kept"], len(at_provider["refunds"])) == (0, 1)


async def test_F_P20_a_refund_at_the_provider_is_published(house: House):
    order, view = await house.paid()
    await house.control("refund", session=view["url"].rpartition("/")[2], amount=4999)
    (repaid,) = await house.published("PaymentRefunded", order)
    assert (repaid.origin, repaid.refund, repaid.amount, repaid.currency) == ("provider", None, 4999, "EUR")
    await house.harness.publish(house.refunded(order, 4999, RefundReason.PROVIDER))
    await house.harness.settled()
    assert await kept(house, order) == 21900 - 4999


async def test_F_P18_partial_refunds_never_exceed_what_came_in(house: House):
    order, _ = await house.paid()
    first, second, third = house.refunded(order, 15000), house.refunded(order, 15000), house.refunded(order, 6900)
    await house.harness.publish(first, second, third)
    repaid = await house.published("PaymentRefunded", order, 2)
    await house.harness.settled()
    assert sorted(one.amount for one in repaid) == [6900, 15000]
    assert await house.review(order) == ["refund_exceeds"]
    assert await state(house, second.refund) == "refused"
    assert await kept(house, order) == 0


async def test_F_P09_a_refund_that_comes_before_its_payment_waits_for_it(house: House):
    order = await house.placed()
    refunded = house.refunded(order)
    await house.harness.publish(refunded)
    await house.harness.settled()
    assert await state(house, refunded.refund) == "waiting"
    view = await house.opened(order)
    await house.pay(view["url"])
    (repaid,) = await house.published("PaymentRefunded", order)
    assert repaid.refund == refunded.refund
    assert await kept(house, order) == 0


async def test_F_P19_an_answer_lost_after_the_refund_pays_back_once(house: House):
    order, _ = await house.paid()
    await house.control("switches", api={"refuse": {"status": 500, "at": "after", "path": "/v1/refunds", "times": 1}})
    await house.harness.publish(house.refunded(order))
    await house.published("PaymentRefunded", order)
    await house.harness.sql("update refunds set claimed_until = null where order_id = $1", order.order)
    await asyncio.sleep(1.5)
    (at_provider,) = await house.at_provider(order)
    assert len(at_provider["refunds"]) == 1
    await house.control("reset")
    assert len(house.so_far("PaymentRefunded", order)) == 1


async def test_F_P19_a_list_that_is_refused_does_not_mean_that_nothing_was_sent(house: House):
    order, _ = await house.paid()
    again = "update refunds set claimed_until = null, ask_at = now() - interval '1 day' where order_id = $1"
    refused = {"path": "/v1/refunds", "times": 1}
    await house.control("switches", api={"refuse": {"status": 500, "method": "POST", **refused}})
    await house.harness.publish(house.refunded(order))
    await house.used("refuse")
    await house.harness.settled()
    await house.control("switches", api={"refuse": {"status": 400, "method": "GET", **refused}})
    await house.harness.sql(again, order.order)
    await house.used("refuse")
    await asyncio.sleep(0.3)
    (at_provider,) = await house.at_provider(order)
    assert at_provider["refunds"] == []
    await house.harness.sql(again, order.order)
    assert len(await house.published("PaymentRefunded", order)) == 1


async def test_F_P27_a_crash_between_the_providers_answer_and_our_commit_pays_back_once(house: House):
    order, _ = await house.paid()
    crashes: list[str] = []

    def crash() -> None:
        if not crashes:
            crashes.append("killed")
            raise RuntimeError

    house.harness.fault.planned["outbound:send refunds:acted"] = crash
    await house.harness.publish(house.refunded(order))

    async def crashed() -> bool:
        return bool(crashes)

    await until(crashed)
    assert await kept(house, order) == 0
    await house.harness.sql("update refunds set claimed_until = null where order_id = $1", order.order)
    await house.published("PaymentRefunded", order)
    del house.harness.fault.planned["outbound:send refunds:acted"]
    (at_provider,) = await house.at_provider(order)
    assert (len(at_provider["refunds"]), len(house.so_far("PaymentRefunded", order))) == (1, 1)


async def test_a_refund_under_way_is_published_when_it_is_through(house: House):
    await house.control("switches", settle_after=None)
    order, _ = await house.paid(REFUND_PENDING)
    refunded = house.refunded(order)
    await house.harness.publish(refunded)

    async def asked() -> bool:
        return await state(house, refunded.refund) == "asked"

    await until(asked)
    assert house.so_far("PaymentRefunded", order) == []
    (at_provider,) = await house.at_provider(order)
    await house.control("settle", refund=at_provider["refunds"][0]["id"])
    assert len(await house.published("PaymentRefunded", order)) == 1
    await house.control("reset")


async def test_a_refund_that_fails_later_goes_on_the_list(house: House):
    await house.control("switches", settle_after=None)
    order, _ = await house.paid(REFUND_FAILS)
    await house.harness.publish(house.refunded(order))
    await house.published("PaymentRefunded", order)
    (at_provider,) = await house.at_provider(order)
    await house.control("settle", refund=at_provider["refunds"][0]["id"], outcome="failed")

    async def listed() -> bool:
        return await house.review(order) == ["refund_failed"]

    await until(listed)
    await house.control("reset")


async def test_F_P19_what_staff_has_sent_by_hand_is_not_sent_again(house: House):
    await house.control("switches", settle_after=None)
    order, view = await house.paid(REFUND_PENDING)
    first = house.refunded(order, 5000)
    await house.harness.publish(first)
    await until(lambda: in_state(house, first.refund, "asked"))
    (at_provider,) = await house.at_provider(order)
    await house.control("settle", refund=at_provider["refunds"][0]["id"], outcome="failed")
    await until(lambda: in_state(house, first.refund, "payout"))
    done = f"/payouts/{first.refund}/done"
    assert (await house.post(done, {"reference": "SEPA-1"}, **house.as_staff()))[0] == 204

    second = house.refunded(order, 4000)
    await house.harness.publish(second)
    await until(lambda: in_state(house, second.refund, "asked"))
    again = refund_event(UUID(view["payment"]), 5000, "failed", "refund.failed")
    again["data"]["object"] |= {"id": at_provider["refunds"][0]["id"]}
    again["data"]["object"] |= {"metadata": {"tenant": order.tenant, "order": str(order.order)}}
    assert await house.webhook(again) == 200
    await house.harness.settled()

    assert await state(house, first.refund) == "done"
    _, payouts = await house.get("/payouts?limit=500", **house.as_staff())
    assert [one for one in payouts["items"] if one["order"] == str(order.order)] == []
    assert (await house.post(done, {"reference": "SEPA-2"}, **house.as_staff()))[0] == 404
    (repaid,) = await house.published("PaymentRefunded", order)
    assert (repaid.refund, repaid.reference) == (first.refund, "SEPA-1")


async def test_F_P19_what_the_provider_sends_after_staff_has_sent_it_is_put_on_the_list(house: House):
    await house.control("switches", settle_after=None)
    order, view = await house.paid(REFUND_PENDING)
    refunded = house.refunded(order)
    await house.harness.publish(refunded)
    await until(lambda: in_state(house, refunded.refund, "asked"))
    (at_provider,) = await house.at_provider(order)
    await house.control("settle", refund=at_provider["refunds"][0]["id"], outcome="failed")
    await until(lambda: in_state(house, refunded.refund, "payout"))
    done = f"/payouts/{refunded.refund}/done"
    assert (await house.post(done, {"reference": "SEPA-1"}, **house.as_staff()))[0] == 204
    assert "refund_exceeds" not in await house.review(order)

    (at_provider,) = await house.at_provider(order)
    after_all = refund_event(UUID(view["payment"]), 21900, "succeeded")
    ours = {"tenant": order.tenant, "order": str(order.order), "payment": view["payment"]}
    ours["refund"] = str(refunded.refund)
    after_all["data"]["object"] |= {"payment_intent": at_provider["payment_intent"], "metadata": ours}
    assert await house.webhook(after_all) == 200
    await house.harness.settled()

    assert "refund_exceeds" in await house.review(order)
    assert await state(house, refunded.refund) == "done"
    assert len(await house.published("PaymentRefunded", order)) == 1


async def test_money_that_went_back_at_the_provider_is_not_paid_twice(house: House):
    order, view = await house.paid()
    await house.control("switches", webhooks={"drop": {}})
    await house.control("refund", session=view["url"].rpartition("/")[2])
    refunded = house.refunded(order)
    await house.harness.publish(refunded)
    (repaid,) = await house.published("PaymentRefunded", order)
    assert repaid.origin == "provider"
    await house.control("reset")
    assert await state(house, refunded.refund) == "refused"
    assert await house.review(order) == ["refund_exceeds"]
    assert await kept(house, order) == 0


@pytest.mark.parametrize("noticed", [True, False])
async def test_what_is_left_goes_back_where_a_part_went_back_at_the_provider(house: House, noticed: bool):
    order, view = await house.paid()
    if not noticed:
        await house.control("switches", webhooks={"drop": {}})
    await house.control("refund", session=view["url"].rpartition("/")[2], amount=500)
    if noticed:
        await house.published("PaymentRefunded", order)
    refunded = house.refunded(order)
    await house.harness.publish(refunded)
    (_, rest) = await house.published("PaymentRefunded", order, 2)
    assert (rest.origin, rest.refund, rest.amount) == ("seller", refunded.refund, 21400)
    assert await kept(house, order) == 0
    assert await house.review(order) == []


async def test_a_transfer_is_paid_back_by_staff_to_where_it_came_from(house: House):
    order = await house.placed(method="transfer")
    (asked,) = await house.published("TransferRequested", order)
    await imported(house, statement([entry("219.00", structured=asked.reference)]))
    await house.published("TransferReceived", order)
    refunded = house.refunded(order)
    await house.harness.publish(refunded)
    await house.harness.settled()
    _, payouts = await house.get("/payouts?limit=500", **house.as_staff())
    (payout,) = [one for one in payouts["items"] if one["refund"] == str(refunded.refund)]
    assert (payout["amount"], payout["method"]) == (21900, "transfer")
    assert [(part["amount"], part["payer"]["iban"]) for part in payout["parts"]] == [(21900, PAYER_IBAN)]
    assert house.so_far("PaymentRefunded", order) == []
    done = f"/payouts/{refunded.refund}/done"
    assert (await house.post(done, {"reference": "SEPA-1"}))[0] == 401
    assert (await house.post(done, {"reference": "SEPA-1"}, **house.as_staff("sales")))[0] == 403
    assert (await house.post(done, {"reference": "SEPA-1"}, **house.as_staff(tenant="elsewhere")))[0] == 404
    assert (await house.post(f"/payouts/{uuid4()}/done", {"reference": "SEPA-1"}, **house.as_staff()))[0] == 404
    assert (await house.post(done, {"reference": "a\nb"}, **house.as_staff()))[0] == 422
    status, problem = await house.post(done, {"reference": GOOD}, **house.as_staff())
    assert (status, problem["type"]) == (422, "/problems/card-number")
    async with house.harness.http.post(done, json={"reference": "SEPA-1"}, headers=house.as_staff()) as answer:
        assert answer.status == 204
    (repaid,) = await house.published("PaymentRefunded", order)
    assert (repaid.origin, repaid.refund, repaid.reference) == ("seller", refunded.refund, "SEPA-1")
    assert (await house.post(done, {"reference": "SEPA-2"}, **house.as_staff()))[0] == 404


async def test_F_P18_refunds_of_a_transfer_never_exceed_it(house: House):
    order = await house.placed(method="transfer")
    (asked,) = await house.published("TransferRequested", order)
    await imported(house, statement([entry("219.00", structured=asked.reference)]))
    await house.published("TransferReceived", order)
    await house.harness.publish(house.refunded(order, 20000), house.refunded(order, 2000))
    await house.harness.settled()
    rows = await house.harness.sql("select state from refunds where order_id = $1 order by amount desc", order.order)
    assert sorted(row["state"] for row in rows) == ["payout", "refused"]
    assert await house.review(order) == ["refund_exceeds"]


@pytest.mark.parametrize("amount", [21901])
async def test_a_refund_of_more_than_was_paid_is_not_sent(house: House, amount: int):
    order, _ = await house.paid()
    refunded = house.refunded(order, amount)
    await house.harness.publish(refunded)
    await house.harness.settled()
    assert await state(house, refunded.refund) == "refused"
    assert await kept(house, order) == 21900
