"""Transferred money whose units turn out cancelled waits for staff (PAY-6)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from contracts.orders import OrderCancelled, OrderPlaced

from .camt import PAYER, entry, imported, reasons, requested, statement
from .house import House, units


async def cancel(house: House, order: OrderPlaced, named: Sequence[UUID], times: int = 1) -> None:
    for _ in range(times):
        cancelled: OrderCancelled = house.cancelled(order).model_copy(update={"units": list(named)})
        await house.harness.publish(cancelled)
        await house.harness.settled()


async def waiting(house: House, order: OrderPlaced) -> list[Any]:
    """What the list shows of an order, oldest first."""
    status, listed = await house.get("/review?limit=500", **house.as_staff())
    assert status == 200
    return [item for item in listed["items"] if item["order"] == str(order.order)]


def money(items: Sequence[Any]) -> list[tuple[str, int]]:
    return [(item["reason"], item["amount"]) for item in items]


async def allocate(house: House, entries: Sequence[str], order: OrderPlaced, named: Sequence[UUID]) -> tuple[int, Any]:
    first, *others = entries
    body = {"order": str(order.order), "units": [str(unit) for unit in named], "together_with": others}
    return await house.post(f"/review/{first}/allocation", body, **house.as_staff())


async def credited(house: House, *amounts: str) -> list[str]:
    """Entries of credits that name no order."""
    _, answer = await imported(house, statement([entry(amount, text="Danke") for amount in amounts]))
    assert reasons(answer) == ["no_reference"] * len(amounts)
    return [one["entry"] for one in answer["review"]]


async def test_a_transfer_that_raced_with_a_cancellation_waits_once_and_pays_another_order(house: House):
    order, reference = await requested(house, prices=(1000, 2000))
    content = statement([entry("30.00", structured=reference)])
    answered = await imported(house, content)
    (received,) = await house.published("TransferReceived", order)
    await cancel(house, order, units(order), times=3)
    (item,) = await waiting(house, order)
    assert (item["reason"], item["amount"], item["allocated"]) == ("order_cancelled", 3000, 0)
    assert (item["receipt"], item["payer"]["name"]) == (str(received.receipt), PAYER)
    assert await imported(house, content) == answered
    other, _ = await requested(house, prices=(2000,))
    status, seen = await allocate(house, [item["entry"]], other, units(other))
    assert (status, seen["allocated"], seen["closed_at"]) == (200, 2000, None)
    (paid,) = await house.published("TransferReceived", other)
    assert (paid.units, paid.amount) == (units(other), 2000)
    status, seen = await house.post(f"/review/{item['entry']}/closing", {"outcome": "paid_back"}, **house.as_staff())
    assert (status, seen["outcome"]) == (200, "paid_back")


async def test_each_cancellation_frees_the_money_of_the_units_that_it_names_first(house: House):
    order, reference = await requested(house, prices=(1000, 2000, 4000))
    await imported(house, statement([entry("70.00", structured=reference)]))
    first, second, third = units(order)
    await cancel(house, order, [first])
    await cancel(house, order, [first, second])
    assert money(await waiting(house, order)) == [("order_cancelled", 1000), ("order_cancelled", 2000)]
    for item in await waiting(house, order):
        path = f"/review/{item['entry']}/closing"
        assert (await house.post(path, {"outcome": "paid_back"}, **house.as_staff()))[0] == 200
    await cancel(house, order, [first, second])
    assert await waiting(house, order) == []
    await cancel(house, order, [third])
    assert money(await waiting(house, order)) == [("order_cancelled", 4000)]


async def test_money_that_staff_had_allocated_goes_back_to_its_credits(house: House):
    order, _ = await requested(house, prices=(1000, 2000))
    named = await credited(house, "5.00", "25.00")
    first, second = units(order)
    assert (await allocate(house, named, order, [first, second]))[0] == 200
    await cancel(house, order, [first])
    await cancel(house, order, [second])
    freed = [item for item in await waiting(house, order) if item["reason"] == "order_cancelled"]
    assert sum(item["amount"] for item in freed) == 3000
    assert {item["payer"]["name"] for item in freed} == {PAYER}
    rows = await house.harness.sql(
        "select r.amount, sum(e.amount)::bigint from review_entries e"
        " join receipts r on r.tenant = e.tenant and r.id = e.receipt_id"
        " where e.order_id = $1 and e.reason = 'order_cancelled' group by r.id, r.amount order by r.amount",
        order.order,
    )
    assert [tuple(row) for row in rows] == [(500, 500), (2500, 2500)]


async def test_freed_money_is_freed_again_where_its_next_order_is_cancelled_too(house: House):
    (credit,) = await credited(house, "30.00")
    one, _ = await requested(house, prices=(1000, 2000))
    other, _ = await requested(house, prices=(3000,))
    assert (await allocate(house, [credit], one, units(one)))[0] == 200
    for unit in units(one):
        await cancel(house, one, [unit])
    entries = [item["entry"] for item in await waiting(house, one)]
    assert (await allocate(house, entries, other, units(other)))[0] == 200
    assert await waiting(house, one) == []
    await cancel(house, other, units(other))
    assert money(await waiting(house, other)) == [("order_cancelled", 3000)]
    status, _ = await allocate(house, entries, other, units(other))
    assert status == 409


async def test_money_of_which_no_credit_is_known_waits_all_the_same(house: House):
    order, _ = await requested(house, prices=(1000,))
    assert (await allocate(house, await credited(house, "10.00"), order, units(order)))[0] == 200
    # an allocation of a program that did not note its credits yet
    await house.harness.sql(
        "delete from allocations where id in (select covered_by from units where order_id = $1)", order.order
    )
    await cancel(house, order, units(order))
    (item,) = [item for item in await waiting(house, order) if item["reason"] == "order_cancelled"]
    assert (item["amount"], item["receipt"], item["payer"]) == (1000, None, None)
    other, _ = await requested(house, prices=(1000,))
    status, problem = await allocate(house, [item["entry"]], other, units(other))
    assert (status, problem["type"]) == (409, "/problems/not-allocatable")
    path = f"/review/{item['entry']}/closing"
    assert (await house.post(path, {"outcome": "paid_back"}, **house.as_staff()))[0] == 200


async def test_card_money_of_a_cancelled_order_waits_by_its_payment_alone(house: House):
    order, view = await house.paid(prices=(1000, 2000))
    first, second = units(order)
    await cancel(house, order, [first])
    await cancel(house, order, [second])
    (item,) = await waiting(house, order)
    assert (item["reason"], item["amount"], item["payment"]) == ("order_cancelled", 3000, view["payment"])


async def test_F_P18_freed_money_is_not_there_for_refunds(house: House):
    order, reference = await requested(house, prices=(1000, 2000))
    await imported(house, statement([entry("30.00", structured=reference)]))
    await cancel(house, order, units(order)[1:])
    fits, exceeds = house.refunded(order, 1000), house.refunded(order, 1)
    for refunded in (fits, exceeds):
        await house.harness.publish(refunded)
        await house.harness.settled()
    rows = await house.harness.sql("select id, state from refunds where order_id = $1", order.order)
    assert {row["id"]: row["state"] for row in rows} == {fits.refund: "payout", exceeds.refund: "refused"}
