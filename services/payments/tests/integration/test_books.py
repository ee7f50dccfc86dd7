"""What bookkeeping looks through: payments and refunds by day, their sums, and the statements that were imported."""

from typing import Any

import pytest
from chassis_testing.harness import until
from contracts.orders import OrderPlaced

from .camt import entry, imported, requested, statement
from .house import House
from .test_refunds import in_state

YEARS = "since=2020-01-01T00:00:00Z&until=2035-01-01T00:00:00Z"


async def bookings(house: House, order: OrderPlaced) -> list[dict[str, Any]]:
    """All that was booked for an order, a page of two at a time."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while cursor is not None:
        path = f"/bookings?{YEARS}&limit=2" + (f"&cursor={cursor}" if cursor else "")
        status, page = await house.get(path, **house.as_staff())
        assert status == 200, page
        found += page["items"]
        cursor = page["next"]
    times = [one["at"] for one in found]
    assert times == sorted(times, reverse=True)
    return [one for one in found if one["order"] == str(order.order)]


async def sums(house: House, by: str = "day") -> tuple[int, int]:
    _, found = await house.get(f"/turnover?{YEARS}&by={by}&zone=Europe/Berlin", **house.as_staff())
    euro = [one for one in found["items"] if one["currency"] == "EUR"]
    return sum(one["received"] for one in euro), sum(one["returned"] for one in euro)


async def test_a_card_payment_and_its_refund_are_booked_and_summed(house: House):
    before = await sums(house)
    order, _ = await house.paid()
    refunded = house.refunded(order, 4999)
    await house.harness.publish(refunded)
    await until(lambda: in_state(house, refunded.refund, "done"))
    assert [(one["kind"], one["state"], one["amount"]) for one in await bookings(house, order)] == [
        ("refund", "done", 4999),
        ("card", "done", 21900),
    ]
    for by in ("day", "month"):
        received, returned = await sums(house, by)
        assert (received - before[0], returned - before[1]) == (21900, 4999)
    _, found = await house.get(f"/orders/{order.order}/refunds", **house.as_staff("support"))
    assert [(one["booking"], one["amount"], one["way"]) for one in found["items"]] == [
        (str(refunded.refund), 4999, "card")
    ]
    assert found["items"][0]["done_at"]


async def test_what_the_provider_pays_back_by_itself_is_a_refund_of_the_order_once(house: House):
    order, view = await house.paid()
    await house.control("refund", session=view["url"].rpartition("/")[2], amount=4999)
    await house.published("PaymentRefunded", order)
    _, found = await house.get(f"/orders/{order.order}/refunds", **house.as_staff("sales"))
    assert [(one["kind"], one["state"], one["amount"]) for one in found["items"]] == [("refund", "done", 4999)]


async def test_a_transfer_is_booked_once_and_its_statement_listed(house: House):
    order, reference = await requested(house, prices=(1000,))
    content = statement([entry("10.00", text=reference)])
    _, done = await imported(house, content)
    await imported(house, content)
    assert [(one["kind"], one["amount"]) for one in await bookings(house, order)] == [("transfer", 1000)]
    _, listed = await house.get("/statements?limit=500", **house.as_staff())
    (found,) = [one for one in listed["items"] if one["statement"] in done["statements"]]
    assert (found["entries"], found["matched"], found["first_day"]) == (1, 1, found["last_day"])


@pytest.mark.parametrize(
    "path",
    [f"/bookings?{YEARS}", f"/turnover?{YEARS}", "/statements", "/orders/01a22930-b59c-76d6-8364-6cc83dd69b65/refunds"],
)
async def test_the_books_are_for_bookkeeping_alone(house: House, path: str):
    order = await house.placed()
    of_order = path.endswith("/refunds")
    assert (await house.get(path, **house.as_customer(order)))[0] == (404 if of_order else 403)
    assert (await house.get(path))[0] == 401
    assert (await house.get(path, **house.as_staff("support")))[0] == (200 if of_order else 403)


async def test_customers_read_of_their_own_orders_alone_which_way_money_goes_back_and_since_when(house: House):
    order, asked = await requested(house, prices=(1000,))
    await imported(house, statement([entry("10.00", structured=asked)]))
    refunded = house.refunded(order, 1000)
    await house.harness.publish(refunded)
    await until(lambda: in_state(house, refunded.refund, "payout"))
    path = f"/orders/{order.order}/refunds"
    _, found = await house.get(path, **house.as_customer(order))
    assert [(one["booking"], one["state"], one["way"], one["done_at"]) for one in found["items"]] == [
        (str(refunded.refund), "payout", "transfer", None)
    ]
    await house.post(f"/payouts/{refunded.refund}/done", {"reference": "PO-1"}, **house.as_staff())
    _, found = await house.get(path, **house.as_customer(order))
    (one,) = found["items"]
    assert (one["state"], one["way"]) == ("done", "transfer")
    assert one["done_at"]
    assert (await house.get(path, **house.as_customer(await house.placed())))[0] == 404


async def test_nobody_sees_the_books_of_another_tenant(house: House):
    order, _ = await house.paid()
    foreign = house.as_staff(tenant="another")
    assert (await house.get(f"/bookings?{YEARS}", **foreign))[1]["items"] == []
    assert (await house.get(f"/turnover?{YEARS}", **foreign))[1]["items"] == []
    assert (await house.get(f"/orders/{order.order}/refunds", **foreign))[1]["items"] == []
    assert (await house.get("/statements", **foreign))[1]["items"] == []


@pytest.mark.parametrize("zone", ["Nowhere/Land", "../etc/passwd", "x'"])
async def test_a_time_zone_that_there_is_not_is_refused(house: House, zone: str):
    assert (await house.get(f"/turnover?{YEARS}&zone={zone}", **house.as_staff()))[0] in (400, 422)
