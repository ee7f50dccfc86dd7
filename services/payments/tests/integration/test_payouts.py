"""Money that staff sends back by hand: to whoever has paid it, part by part, and again where the bank returns it."""

from typing import Any
from uuid import UUID

from chassis_testing.harness import until
from contracts.orders import OrderPlaced, OrderRefunded

from .camt import PAYER_IBAN, entry, imported, requested, statement
from .house import House, units
from .test_refunds import in_state, state

OTHER_IBAN = "DE75512108001245126199"


async def allocate(house: House, entries: list[str], order: OrderPlaced, named: list[UUID]) -> None:
    first, *others = entries
    body = {"order": str(order.order), "units": [str(unit) for unit in named], "together_with": others}
    status, _ = await house.post(f"/review/{first}/allocation", body, **house.as_staff())
    assert status == 200


async def credited(house: House, *booked: str) -> list[str]:
    _, answer = await imported(house, statement(booked))
    return [one["entry"] for one in answer["review"]]


async def owed(house: House, order: OrderPlaced, unit: UUID, amount: int) -> OrderRefunded:
    refunded = house.refunded(order, amount)
    of = refunded.units[0].model_copy(update={"unit": unit})
    refunded = refunded.model_copy(update={"units": [of]})
    await house.harness.publish(refunded)
    await until(lambda: in_state(house, refunded.refund, "payout"))
    return refunded


async def parts(house: House, refunded: OrderRefunded) -> list[tuple[int, str | None]]:
    _, payouts = await house.get("/payouts?limit=500", **house.as_staff())
    found: list[Any] = [one for one in payouts["items"] if one["refund"] == str(refunded.refund)]
    return [(part["amount"], part["payer"] and part["payer"]["iban"]) for one in found for part in one["parts"]]


async def test_the_payer_follows_the_money_of_one_credit_to_two_orders(house: House):
    (one, _), (other, _) = [await requested(house, prices=(1000,)) for _ in range(2)]
    (credit,) = await credited(house, entry("20.00", text="beide"))
    for order in (one, other):
        await allocate(house, [credit], order, units(order))
    for order in (one, other):
        assert await parts(house, await owed(house, order, units(order)[0], 1000)) == [(1000, PAYER_IBAN)]


async def test_money_of_two_payers_goes_back_to_both_part_by_part(house: House):
    order, _ = await requested(house, prices=(1000, 2000))
    others = entry("18.00", text="Rest").replace(PAYER_IBAN, OTHER_IBAN)
    entries = await credited(house, entry("12.00", text="Anfang"), others)
    first, second = units(order)
    await allocate(house, entries, order, [first, second])
    later, earlier = await owed(house, order, second, 2000), await owed(house, order, first, 1000)
    assert await parts(house, later) == [(200, PAYER_IBAN), (1800, OTHER_IBAN)]
    assert await parts(house, earlier) == [(1000, PAYER_IBAN)]


async def test_a_card_order_that_a_transfer_has_paid_is_paid_back_by_hand(house: House):
    order = await house.placed(prices=(1000,))
    await allocate(house, await credited(house, entry("10.00", text="Danke")), order, units(order))
    refunded = await owed(house, order, units(order)[0], 1000)
    assert await parts(house, refunded) == [(1000, PAYER_IBAN)]


async def test_what_waits_is_counted_for_bookkeeping_without_opening_anything(house: House):
    async def counts() -> list[int]:
        paths = ("/review/count", "/payouts/count")
        return [(await house.get(path, **house.as_staff()))[1]["count"] for path in paths]

    read = "select count(*) from chassis.audit where purpose <> ''"
    before, readings = await counts(), await house.harness.sql(read)
    order = await house.placed(prices=(1000,))
    (credit,) = await credited(house, entry("10.00", text="Danke"))
    assert await counts() == [before[0] + 1, before[1]]
    await allocate(house, [credit], order, units(order))
    await owed(house, order, units(order)[0], 1000)
    assert await counts() == [before[0], before[1] + 1]
    assert await house.harness.sql(read) == readings
    for role in ("sales", "support", "customer"):
        headers = house.harness.bearer(house.harness.accounts.token("x", role))
        assert (await house.get("/review/count", **headers))[0] == 403
        assert (await house.get("/payouts/count", **headers))[0] == 403


async def test_a_payout_that_the_bank_returns_is_owed_again(house: House):
    order = await house.placed(method="transfer")
    (asked,) = await house.published("TransferRequested", order)
    await imported(house, statement([entry("219.00", structured=asked.reference)]))
    refunded = house.refunded(order)
    await house.harness.publish(refunded)
    await until(lambda: in_state(house, refunded.refund, "payout"))
    done, sent = f"/payouts/{refunded.refund}/done", f"PO-{refunded.refund.hex[:8]}"
    assert (await house.post(done, {"reference": sent}, **house.as_staff()))[0] == 204
    details = f"<TxDtls><Refs><EndToEndId>{sent}</EndToEndId></Refs><RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"
    back = entry("219.00", structured=asked.reference).replace("<TxDtls>", details)
    _, answer = await imported(house, statement([back]))
    assert (answer["matched"], [one["reason"] for one in answer["review"]]) == (0, ["returned_payout"])
    assert await state(house, refunded.refund) == "payout"
    assert house.so_far("TransferReceived", order)[1:] == []
    _, listed = await house.get("/review?limit=500", **house.as_staff())
    (item,) = [one for one in listed["items"] if one["order"] == str(order.order)]
    assert (item["reason"], item["refund"], item["amount"]) == ("returned_payout", str(refunded.refund), 21900)
    assert (await house.post(done, {"reference": f"{sent}-2"}, **house.as_staff()))[0] == 204
    _, listed = await house.get("/review?limit=500", **house.as_staff())
    assert [one for one in listed["items"] if one["order"] == str(order.order)] == []
    assert await state(house, refunded.refund) == "done"
    assert len(await house.published("PaymentRefunded", order)) == 1
