"""A card payment over units that a transfer covers: captured money pays the order once, or waits (F-P10)."""

from typing import Any
from uuid import UUID, uuid4

from chassis_testing.harness import until
from contracts.orders import OrderPlaced

from .camt import entry, imported, statement
from .house import House, refund_event, session_event, units


async def allocated(house: House, order: OrderPlaced, named: list[UUID], amount: str) -> None:
    """Staff lets a credit without a reference pay these units."""
    _, answer = await imported(house, statement([entry(amount, text="Danke")]))
    body = {"order": str(order.order), "units": [str(unit) for unit in named]}
    status, _ = await house.post(f"/review/{answer['review'][0]['entry']}/allocation", body, **house.as_staff())
    assert status == 200


async def waiting(house: House, order: OrderPlaced) -> list[Any]:
    _, listed = await house.get("/review?limit=500", **house.as_staff())
    return [item for item in listed["items"] if item["order"] == str(order.order)]


async def test_F_P10_a_capture_over_an_allocated_unit_waits_for_staff_who_pay_it_back(house: House):
    order = await house.placed(prices=(1000, 2000))
    view = await house.opened(order)
    first, second = units(order)
    await house.control("switches", webhooks={"drop": {}})
    assert await house.pay(view["url"]) == 303
    await allocated(house, order, [first], "10.00")

    async def is_known() -> bool:
        return bool(await waiting(house, order) or house.so_far("PaymentCaptured", order))

    await until(is_known)
    (item,) = await waiting(house, order)
    assert (item["reason"], item["amount"], item["payment"]) == ("paid_twice", 3000, view["payment"])
    assert house.so_far("PaymentCaptured", order) == []
    body = {"order": str(order.order), "units": [str(second)]}
    status, problem = await house.post(f"/review/{item['entry']}/allocation", body, **house.as_staff())
    assert (status, problem["type"]) == (409, "/problems/not-allocatable")
    await house.control("reset")
    await house.control("refund", session=view["url"].rpartition("/")[2])

    async def closed() -> bool:
        return await waiting(house, order) == []

    await until(closed)
    await allocated(house, order, [second], "20.00")
    assert [one.units for one in await house.published("TransferReceived", order, 2)] == [[first], [second]]


async def test_F_P10_a_payment_that_waits_is_closed_by_hand_and_does_not_come_again(house: House):
    order, payment = await house.placed(prices=(1000, 2000)), uuid4()
    await allocated(house, order, units(order)[:1], "10.00")
    await house.webhook(session_event(order, payment))
    await house.harness.settled()
    (item,) = await waiting(house, order)
    path = f"/review/{item['entry']}/closing"
    assert (await house.post(path, {"outcome": "paid_back"}, **house.as_staff()))[0] == 200
    await house.webhook(session_event(order, payment))
    await house.harness.settled()
    assert await house.review(order) == ["paid_twice"]
    assert house.so_far("PaymentCaptured", order) == []


async def test_a_payment_once_accepted_is_not_objected_to_by_the_units_that_it_covers(house: House):
    order, payment = await house.placed(prices=(1000, 2000)), uuid4()
    for notice in (
        session_event(order, payment),
        session_event(order, payment),
        refund_event(payment, 500, "succeeded"),
    ):
        assert await house.webhook(notice) == 200
    await house.harness.publish(house.refunded(order, 700))
    await house.published("PaymentRefunded", order)
    await house.harness.settled()
    assert await house.review(order) == []
    assert len(house.so_far("PaymentCaptured", order)) == 1


async def test_a_payment_that_waits_is_listed_once_also_when_its_order_is_cancelled(house: House):
    order, payment = await house.placed(prices=(1000, 2000)), uuid4()
    first, second = units(order)
    await allocated(house, order, [first], "10.00")
    await house.webhook(session_event(order, payment))
    for _ in range(2):
        await house.harness.publish(house.cancelled(order).model_copy(update={"units": [second]}))
        await house.harness.settled()
    (item,) = await waiting(house, order)
    assert (item["reason"], item["amount"], item["payment"]) == ("order_cancelled", 3000, str(payment))


async def test_an_allocation_closes_the_open_checkout_of_a_card_order(house: House):
    order = await house.placed(prices=(1000, 2000))
    view = await house.opened(order)
    await allocated(house, order, units(order)[:1], "10.00")

    async def closed() -> bool:
        _, seen = await house.get(f"/payments/{view['payment']}", **house.as_customer(order))
        return seen["state"] == "expired"

    await until(closed)
    assert await house.pay(view["url"]) != 303


async def test_a_card_is_not_asked_to_pay_the_whole_of_an_order_that_is_paid_in_part(house: House):
    order = await house.placed(prices=(1000, 2000))
    await allocated(house, order, units(order)[:1], "10.00")
    status, problem = await house.ask_to_pay(order)
    assert (status, problem["type"]) == (409, "/problems/paid-in-part")
