"""Payments of what was ordered for an organisation: owners and auditors see them; who has ordered pays. ORD-14"""

from uuid import UUID, uuid4

from chassis_testing.members import acting, nobody
from contracts.orders import OrderPlaced

from .house import GOOD, House


async def ordered(house: House, organisation: UUID | None, method: str = "card") -> OrderPlaced:
    order = house.order(method=method).model_copy(update={"organisation": organisation})
    await house.harness.publish(order)
    await house.harness.settled()
    return order


async def test_owners_and_auditors_see_payments_and_get_no_page_to_pay_at(house: House):
    organisation = uuid4()
    order = await ordered(house, organisation)
    opened = await house.opened(order)
    assert opened["url"]
    for role in ("owner", "auditor"):
        one = acting(house.harness, uuid4(), organisation, role)
        status, seen = await house.get(f"/payments/{opened['payment']}", **one)
        assert (status, seen["state"], seen["url"]) == (200, "open", None)
        status, listed = await house.get(f"/payments?order={order.order}", **one)
        assert (status, [(found["payment"], found["url"]) for found in listed["items"]]) == (
            200,
            [(opened["payment"], None)],
        )
    assert await house.pay(opened["url"], GOOD) == 303
    await house.published("PaymentCaptured", order)
    _, seen = await house.get(
        f"/payments/{opened['payment']}", **acting(house.harness, uuid4(), organisation, "auditor")
    )
    assert seen["state"] == "captured"


async def test_an_owner_sees_how_to_transfer(house: House):
    organisation = uuid4()
    order = await ordered(house, organisation, "transfer")
    for role in ("owner", "auditor"):
        one = acting(house.harness, uuid4(), organisation, role)
        status, seen = await house.get(f"/orders/{order.order}/transfer", **one)
        assert (status, seen["state"]) == (200, "open")


async def test_nobody_but_who_has_ordered_begins_a_payment(house: House):
    organisation = uuid4()
    order = await ordered(house, organisation)
    for role in ("owner", "auditor"):
        one = acting(house.harness, uuid4(), organisation, role)
        status, refused = await house.post(
            "/payments", {"order": str(order.order)}, **one, **{"Idempotency-Key": uuid4().hex}
        )
        assert (status, refused["type"]) == (404, "/problems/order-unknown")


async def test_nobody_else_sees_a_payment_of_an_organisation(house: House):
    organisation = uuid4()
    order, by_transfer = await ordered(house, organisation), await ordered(house, organisation, "transfer")
    opened = await house.opened(order)
    for one in nobody(house.harness, organisation):
        assert (await house.get(f"/payments/{opened['payment']}", **one))[0] == 404
        assert (await house.get(f"/payments?order={order.order}", **one))[1]["items"] == []
        status, seen = await house.get(f"/orders/{by_transfer.order}/transfer", **one)
        assert (status, "iban" in seen) in ((404, False), (202, False))  # elsewhere it may be on its way


async def test_what_a_member_has_ordered_for_themself_stays_theirs(house: House):
    order = await ordered(house, None)
    opened = await house.opened(order)
    assert (await house.get(f"/payments/{opened['payment']}", **acting(house.harness, uuid4(), uuid4(), "owner")))[
        0
    ] == 404
    former = acting(house.harness, order.customer, uuid4(), "buyer")
    assert (await house.get(f"/payments/{opened['payment']}", **former))[1]["url"] == opened["url"]
