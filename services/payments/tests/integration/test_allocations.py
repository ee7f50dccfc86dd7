"""Transferred money that staff allocates (PAY-6)."""

import asyncio
from datetime import date
from uuid import UUID, uuid4

import orjson

from .camt import entry, imported, reasons, requested, statement
from .epc import qr_of, qr_of_transfer
from .house import House, units


async def test_staff_allocates_what_an_underpayment_covers(house: House):
    order, reference = await requested(house, prices=(21900, 4999))
    _, answer = await imported(house, statement([entry("220.00", structured=reference)]))
    (reviewed,) = answer["review"]
    path = f"/review/{reviewed['entry']}/allocation"
    first, second = units(order)
    status, problem = await house.post(
        path, {"order": str(order.order), "units": [str(first), str(second)]}, **house.as_staff()
    )
    assert (status, problem["type"]) == (422, "/problems/allocation-exceeds")
    status, entry_view = await house.post(path, {"order": str(order.order), "units": [str(first)]}, **house.as_staff())
    assert (status, entry_view["allocated"], entry_view["closed_at"]) == (200, 21900, None)
    (received,) = await house.published("TransferReceived", order)
    assert (received.units, received.amount) == ([first], 21900)
    status, problem = await house.post(path, {"order": str(order.order), "units": [str(first)]}, **house.as_staff())
    assert (status, problem["type"]) == (409, "/problems/units-not-open")
    _, view = await house.get(f"/orders/{order.order}/transfer", **house.as_customer(order))
    assert (view["state"], view["amount"]) == ("open", 4999)
    assert qr_of(view) == qr_of_transfer(reference, "49.99")
    _, answer = await imported(house, statement([entry("49.99", structured=reference)]))
    assert answer["matched"] == 1
    (_, rest) = await house.published("TransferReceived", order, 2)
    assert rest.units == [second]
    status, closed = await house.post(
        f"/review/{reviewed['entry']}/closing", {"outcome": "paid_back"}, **house.as_staff()
    )
    assert (status, closed["outcome"]) == (200, "paid_back")
    rows = "select actor, operation, before, after from chassis.audit where object_id = $1 order by number"
    allocated, ended = await house.harness.sql(rows, reviewed["entry"])  # PLT-19
    assert (allocated["actor"], allocated["operation"]) == ("staff-1", "POST /review/{entry}/allocation")
    after = {"allocated": 21900, "order": str(order.order), "units": [str(first)]}
    assert (orjson.loads(allocated["before"]), orjson.loads(allocated["after"])) == ({"allocated": 0}, after)
    assert ended["after"] == '{"outcome":"paid_back"}'
    status, problem = await house.post(f"/review/{reviewed['entry']}/closing", {"outcome": "kept"}, **house.as_staff())
    assert (status, problem["type"]) == (409, "/problems/entry-closed")


async def test_two_credits_together_pay_one_unit(house: House):  # PAY-6
    order, reference = await requested(house)
    earlier, later = (date(date.today().year, 1, day).isoformat() for day in (5, 7))  # noqa: DTZ011 -- any year will do
    first = entry("100.00", structured=reference, day=earlier)
    second = entry("150.00", structured=reference, day=later)
    _, answer = await imported(house, statement([first, second]))
    assert reasons(answer) == ["underpaid", "underpaid"]
    one, two = [found["entry"] for found in answer["review"]]
    path, body = f"/review/{one}/allocation", {"order": str(order.order), "units": [str(units(order)[0])]}
    status, problem = await house.post(path, body, **house.as_staff())
    assert (status, problem["type"]) == (422, "/problems/allocation-exceeds")
    status, problem = await house.post(path, {**body, "together_with": [one]}, **house.as_staff())
    assert (status, problem["type"]) == (422, "/problems/allocation-exceeds")
    status, _ = await house.post(path, {**body, "together_with": [two, str(uuid4())]}, **house.as_staff())
    assert status == 404
    assert house.so_far("TransferReceived", order) == []
    status, seen = await house.post(path, {**body, "together_with": [two]}, **house.as_staff())
    assert (status, seen["allocated"], seen["outcome"]) == (200, 10000, "allocated")
    (received,) = await house.published("TransferReceived", order)
    assert (received.units, received.amount, received.booked_at.date().isoformat()) == (units(order), 21900, later)
    (left,) = await house.harness.sql("select allocated, closed_at from review_entries where id = $1", UUID(two))
    assert (left["allocated"], left["closed_at"]) == (11900, None)
    status, problem = await house.post(path, {**body, "together_with": [two]}, **house.as_staff())
    assert (status, problem["type"]) == (409, "/problems/entry-closed")
    await house.harness.publish(house.refunded(order))
    await house.harness.settled()
    rows = await house.harness.sql("select state, amount from refunds where order_id = $1", order.order)
    assert [tuple(row.values()) for row in rows] == [("payout", 21900)]


async def test_two_allocations_at_once_never_spend_a_credit_twice(house: House):  # PAY-6
    order, reference = await requested(house, prices=(10000, 10000))
    booked = [entry("75.00", structured=reference), entry("75.00", structured=reference)]
    _, answer = await imported(house, statement(booked))
    one, two = [found["entry"] for found in answer["review"]]

    async def allocate(entry: str, other: str, unit: UUID) -> int:
        body = {"order": str(order.order), "units": [str(unit)], "together_with": [other]}
        return (await house.post(f"/review/{entry}/allocation", body, **house.as_staff()))[0]

    first, second = units(order)
    statuses = await asyncio.gather(allocate(one, two, first), allocate(two, one, second))
    assert sorted(statuses) in ([200, 409], [200, 422])
    rows = await house.harness.sql(
        "select sum(allocated)::bigint as spent from review_entries where order_id = $1", order.order
    )
    assert rows[0]["spent"] == 10000


async def test_allocations_are_refused_to_others_and_for_units_of_others(house: House):
    order, reference = await requested(house)
    other, _ = await requested(house)
    _, answer = await imported(house, statement([entry("500.00", structured=reference)]))
    path = f"/review/{answer['review'][0]['entry']}/allocation"
    body = {"order": str(order.order), "units": [str(units(order)[0])]}
    assert (await house.post(path, body))[0] == 401
    assert (await house.post(path, body, **house.as_staff("sales")))[0] == 403
    assert (await house.post(path, body, **house.as_staff(tenant="elsewhere")))[0] == 404
    assert (await house.post(path, {**body, "order": str(uuid4())}, **house.as_staff()))[0] == 404
    assert (await house.post(path, {**body, "units": [str(units(other)[0])]}, **house.as_staff()))[0] == 409
    assert (await house.post(path, {**body, "units": body["units"] * 2}, **house.as_staff()))[0] == 409
    for bad in ({**body, "units": []}, {**body, "amount": 1}, {"order": "x", "units": body["units"]}):
        assert (await house.post(path, bad, **house.as_staff()))[0] == 422
    assert house.so_far("TransferReceived", order) == []
