"""Who finds which payments."""

from .house import House


async def test_the_payments_of_an_order_are_found_by_staff_and_its_customer_alone(house: House):
    order = await house.placed(prices=(1000,))
    view = await house.opened(order)
    path = f"/payments?order={order.order}"
    for headers, count in (
        (house.as_staff(), 1),
        (house.as_customer(order), 1),
        (house.as_customer(house.order()), 0),
        (house.harness.bearer(house.harness.accounts.token("x", "support", tenant="elsewhere")), 0),
    ):
        status, found = await house.get(path, **headers)
        assert (status, [one["payment"] for one in found["items"]]) == (200, [view["payment"]] * count)
    assert (await house.get("/payments", **house.as_staff()))[0] == 422
