import asyncio
from typing import Any
from uuid import UUID, uuid4

from chassis_testing.refusing import refusing
from contracts.orders import OrderCancelled, OrderClosed, OrderPaid, OrderPlaced
from contracts.payments import PaymentAuthorized, TransferReceived

from services.orders.tests.integration.conftest import Shop, header, of_order, units_of, uses

DAY = 86400


def received(placed: OrderPlaced, units: list[UUID]) -> TransferReceived:
    facts: dict[str, Any] = {"amount": 1, "currency": "EUR", "booked_at": placed.ordered_at}
    return TransferReceived(**header(placed), receipt=uuid4(), units=units, **facts)


async def partly_paid(shop: Shop, customer: UUID | None = None, **changes: Any) -> OrderPlaced:
    """An order of two units of which money for the first is in."""
    body = shop.request() | {"payment_method": "transfer"} | changes
    placed = await shop.buy(customer or uuid4(), body)
    await shop.home.publish(received(placed, units_of(placed)[:1]))
    await shop.home.settled()
    assert await shop.state(placed) == "partly_paid"
    return placed


async def let_lapse(shop: Shop, placed: OrderPlaced) -> OrderCancelled:
    """Let the time of an order end, and return what is published of that."""
    rows = await shop.home.sql("select lapses_at from orders where id = $1", placed.order)
    shop.home.shift_clock((rows[0]["lapses_at"] - shop.home.clock.now()).total_seconds() + 1)
    (cancelled,) = await of_order(shop, OrderCancelled, placed)
    return cancelled


async def cancel(shop: Shop, placed: OrderPlaced, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
    return await shop.post(f"/orders/{placed.order}/cancellation", None, headers)


def with_coupon(shop: Shop) -> dict[str, Any]:
    line = {**shop.request()["lines"][0], "price": 20900}
    return {"channel": "nordlicht", "coupon": "NORD10", "payment_method": "transfer", "lines": [line]}


async def test_an_unpaid_order_lapses_and_gives_its_coupon_back(shop: Shop):
    before = await uses(shop)
    placed = await shop.buy(uuid4(), shop.request(**with_coupon(shop)))
    paid = await shop.buy(uuid4())
    await shop.home.publish(shop.captured(paid))
    await shop.home.settled()
    cancelled = await let_lapse(shop, placed)
    assert (cancelled.reason, cancelled.units) == ("unpaid", units_of(placed))
    assert await uses(shop) == before
    assert await shop.state(paid) == "paid"
    late = shop.captured(placed)
    await shop.home.publish(late)
    await shop.home.settled()
    assert await shop.state(placed) == "cancelled"


async def test_a_transfer_of_the_last_day_pays_its_order_though_the_statement_comes_later(shop: Shop):  # PAY-6
    in_time, never = [await shop.buy(uuid4(), shop.request(payment_method="transfer")) for _ in range(2)]
    by_card = await shop.buy(uuid4())
    shop.home.shift_clock(14 * DAY + 1)
    await of_order(shop, OrderCancelled, by_card)
    assert await shop.state(in_time) == "open"
    await shop.home.publish(received(in_time, units_of(in_time)))
    await of_order(shop, OrderPaid, in_time)
    cancelled = await let_lapse(shop, never)
    assert cancelled.cancelled_at > never.pay_until
    assert await shop.state(in_time) == "paid"


async def test_an_order_does_not_lapse_while_a_debit_for_it_is_on_its_way(shop: Shop):  # F-P08
    debited, other = await shop.buy(uuid4()), await shop.buy(uuid4())
    shop.home.shift_clock(13 * DAY)
    facts: dict[str, Any] = {"payment": uuid4(), "amount": debited.totals.gross, "currency": "EUR"}
    await shop.home.publish(PaymentAuthorized(**header(debited), **facts, authorized_at=shop.home.clock.now()))
    await shop.home.settled()
    shop.home.shift_clock(DAY + 1)
    await of_order(shop, OrderCancelled, other)
    assert await shop.state(debited) == "open"
    await shop.home.publish(shop.captured(debited))
    await of_order(shop, OrderPaid, debited)
    assert await shop.home.sql(
        "select 1 from orders where id = $1 and lapses_at > $2", debited.order, debited.pay_until
    )


async def test_what_is_unpaid_of_an_order_lapses_when_its_time_is_over_and_then_the_order_ends(shop: Shop):  # E26
    placed = await partly_paid(shop)
    shop.home.shift_clock(13 * DAY)
    young = await partly_paid(shop)
    paid, open_ = units_of(placed)
    await shop.home.publish(shop.sent(placed, [paid]))
    await shop.home.settled()
    cancelled = await let_lapse(shop, placed)
    assert (cancelled.reason, cancelled.units) == ("unpaid", [open_])
    (closed,) = await of_order(shop, OrderClosed, placed)
    assert (closed.closed_at, closed.contact_until > closed.closed_at) == (cancelled.cancelled_at, True)
    assert await shop.state(placed) == "delivered"
    await shop.home.publish(received(placed, [open_]))
    await shop.home.settled()
    assert [line.units for published in await of_order(shop, OrderPaid, placed) for line in published.lines] == [[paid]]
    assert await shop.state(placed) == "delivered"
    assert await shop.state(young) == "partly_paid"


async def test_what_is_unpaid_of_a_partly_refunded_order_lapses_and_the_order_is_refunded(shop: Shop):
    placed, whole = await partly_paid(shop), await shop.buy(uuid4())
    await shop.home.publish(shop.captured(whole))
    await shop.home.settled()
    for order in (placed, whole):
        body = {"units": [str(units_of(order)[0])], "reason": "goodwill"}
        assert (await shop.post(f"/orders/{order.order}/refunds", body, shop.staff("sales")))[0] == 201
        assert await shop.state(order) == "partly_refunded"
    assert (await let_lapse(shop, placed)).units == units_of(placed)[1:]
    await of_order(shop, OrderClosed, placed)
    assert await shop.state(placed) == "refunded"
    assert await shop.state(whole) == "partly_refunded"


async def test_the_customer_cancels_what_is_unpaid_once_and_keeps_what_is_paid(shop: Shop):
    customer = uuid4()
    placed = await partly_paid(shop, customer)
    headers = shop.home.bearer(shop.token(customer))
    assert (await cancel(shop, placed, shop.home.bearer(shop.token(uuid4()))))[0] == 404
    assert (await cancel(shop, placed, shop.staff("sales", tenant="other")))[0] == 404
    status, view = await cancel(shop, placed, headers)
    assert (status, view["state"], view["closed_at"]) == (200, "paid", None)
    assert [unit["state"] for unit in view["lines"][0]["units"]] == ["paid", "cancelled"]
    for again in (headers, shop.staff("sales")):
        status, problem = await cancel(shop, placed, again)
        assert (status, problem["type"]) == (409, "/problems/not-cancellable")
    (cancelled,) = await of_order(shop, OrderCancelled, placed)
    assert (cancelled.reason, cancelled.units) == ("customer", units_of(placed)[1:])


async def test_nothing_is_cancelled_of_an_order_that_is_paid(shop: Shop):
    placed = await shop.buy(uuid4())
    await shop.home.publish(shop.captured(placed))
    await shop.home.settled()
    assert (await cancel(shop, placed, shop.staff("sales")))[0] == 409
    assert await shop.state(placed) == "paid"


async def test_a_coupon_stays_used_where_a_part_of_its_order_is_paid(shop: Shop):  # F-P16
    before = await uses(shop)
    placed = await partly_paid(shop, **with_coupon(shop))
    assert (await cancel(shop, placed, shop.staff("sales")))[0] == 200
    assert await uses(shop) == before + 1


async def test_F_P22_money_for_the_rest_that_races_with_its_cancellation_leaves_one_of_both(shop: Shop):
    async def race(delay: float) -> tuple[OrderPlaced, int]:
        placed = await partly_paid(shop)
        await shop.home.publish(received(placed, units_of(placed)[1:]))
        await asyncio.sleep(delay)
        return placed, (await cancel(shop, placed, shop.staff("sales")))[0]

    raced = await asyncio.gather(*(race(number * 0.01) for number in range(8)))
    await shop.home.settled()
    published = [unit for fact in await shop.home.published(OrderPaid) for line in fact.lines for unit in line.units]
    for placed, status in raced:
        rest = units_of(placed)[1]
        row = (await shop.home.sql("select paid_at, cancelled_at from units where id = $1", rest))[0]
        ended = (status, row["paid_at"] is not None, row["cancelled_at"] is not None, published.count(rest))
        assert ended in ((200, False, True, 0), (409, True, False, 1))


async def test_an_order_that_cannot_lapse_holds_up_no_other(shop: Shop):
    bad, good = [await shop.buy(uuid4(), shop.request(payment_method="transfer")) for _ in range(2)]
    async with refusing(shop.home, "orders", "id", bad.order):
        await let_lapse(shop, good)
        assert await shop.state(bad) != "cancelled"
    assert await shop.state(good) == "cancelled"
