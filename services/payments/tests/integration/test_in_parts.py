"""A customer who transfers in parts: together they pay, to the cent, whatever comes first and however often (PAY-6)."""

import itertools
from typing import Any

import pytest

from .camt import entry, imported, reasons, requested, statement
from .epc import qr_of, qr_of_transfer
from .house import House, units


async def _transfer(house: House, order: Any) -> Any:
    _, view = await house.get(f"/orders/{order.order}/transfer", **house.as_customer(order))
    return view


async def _open(house: House, order: Any) -> list[tuple[str, int]]:
    _, listed = await house.get("/review?limit=500", **house.as_staff())
    return [(one["reason"], one["amount"]) for one in listed["items"] if one["order"] == str(order.order)]


@pytest.mark.parametrize("amounts", list(itertools.permutations(("100.00", "89.50", "29.50"))))
@pytest.mark.parametrize("together", [True, False])
async def test_PAY_6_parts_pay_the_order_once_nothing_is_missing(
    house: House, amounts: tuple[str, ...], together: bool
):
    order, reference = await requested(house)
    entries = [entry(amount, structured=reference, mark=f"{reference} {amount}") for amount in amounts]
    files = [statement(entries)] if together else [statement([one]) for one in entries]
    for number, file in enumerate(files, 1):
        if number == len(files) and not together:
            last = amounts[-1]
            view = await _transfer(house, order)
            assert (view["amount"], view["received"]) == (int(last.replace(".", "")), 21900 - view["amount"])
            assert (view["state"], qr_of(view)) == ("open", qr_of_transfer(reference, f"{float(last):g}"))
            assert house.so_far("TransferReceived", order) == []
        first = await imported(house, file)
        # the bank sends it again
        assert await imported(house, file) == first
    (received,) = await house.published("TransferReceived", order)
    assert (received.units, received.amount) == (units(order), 21900)
    view = await _transfer(house, order)
    assert (view["state"], view["amount"], view["received"], view["epc_qr"]) == ("paid", 0, 0, None)
    assert await _open(house, order) == []
    # who pays once more gets that back
    await imported(house, statement([entry("29.50", structured=reference, mark=f"{reference} more")]))
    assert await _open(house, order) == [("paid_twice", 2950)]


async def test_PAY_6_parts_that_are_more_or_less_than_what_is_due_wait_for_staff(house: House):
    order, reference = await requested(house)
    await imported(house, statement([entry("200.00", structured=reference)]))
    await imported(house, statement([entry("20.00", structured=reference)]))
    assert house.so_far("TransferReceived", order) == []
    assert await _open(house, order) == [("underpaid", 20000), ("underpaid", 2000)]
    view = await _transfer(house, order)
    assert (view["amount"], view["received"], view["epc_qr"]) == (0, 22000, None)


async def test_PAY_6_the_same_part_in_another_file_is_not_another_part(house: House):
    order, reference = await requested(house)
    half = entry("109.50", structured=reference, mark=f"{reference} half")
    await imported(house, statement([half]))
    _, answer = await imported(house, statement([half]))
    assert reasons(answer) == ["booked_before"]
    assert house.so_far("TransferReceived", order) == []
    assert (await _transfer(house, order))["received"] == 10950


async def test_PAY_6_what_staff_has_sent_back_counts_no_more(house: House):
    order, reference = await requested(house)
    _, answer = await imported(house, statement([entry("100.00", structured=reference)]))
    (found,) = answer["review"]
    path = f"/review/{found['entry']}/closing"
    assert (await house.post(path, {"outcome": "paid_back"}, **house.as_staff()))[0] == 200
    await imported(house, statement([entry("119.00", structured=reference)]))
    assert house.so_far("TransferReceived", order) == []
    assert (await _transfer(house, order))["amount"] == 10000


async def test_PAY_6_parts_for_an_order_that_is_cancelled_wait_for_staff(house: House):
    order, reference = await requested(house)
    await imported(house, statement([entry("100.00", structured=reference)]))
    await house.harness.publish(house.cancelled(order))
    await house.harness.settled()
    await imported(house, statement([entry("119.00", structured=reference)]))
    assert house.so_far("TransferReceived", order) == []
    assert await _open(house, order) == [("underpaid", 10000), ("order_cancelled", 11900)]


async def test_PAY_6_what_was_paid_in_parts_is_sent_back_to_who_has_paid_it(house: House):
    order, reference = await requested(house)
    for amount in ("100.00", "119.00"):
        await imported(house, statement([entry(amount, structured=reference)]))
    await house.published("TransferReceived", order)
    await house.harness.publish(house.refunded(order))
    await house.harness.settled()
    _, owed = await house.get("/payouts?limit=500", **house.as_staff())
    (mine,) = [one for one in owed["items"] if one["order"] == str(order.order)]
    assert sorted(part["amount"] for part in mine["parts"]) == [10000, 11900]
