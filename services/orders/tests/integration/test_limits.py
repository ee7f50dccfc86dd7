"""Nobody can use orders to have letters written to an address that may be somebody else's."""

from collections.abc import AsyncGenerator
from uuid import uuid4

import pytest
from chassis_testing.fixtures import ServiceHome
from orders.__main__ import service

from services.orders.tests.integration.conftest import Shop, open_shop


@pytest.fixture(scope="module")
async def strict(service_home: ServiceHome) -> AsyncGenerator[Shop]:
    async with service_home(service, orders_per_minute=4, unpaid_orders_per_day=2) as home:
        await open_shop(home)
        yield Shop(home)


async def test_many_unpaid_orders_keep_from_ordering_until_one_is_paid_or_a_day_is_over(strict: Shop):
    customer = uuid4()
    headers = strict.home.bearer(strict.token(customer))
    first = await strict.buy(customer)
    second = await strict.buy(customer)
    await strict.post(f"/orders/{second.order}/cancellation", None, headers)
    body, keyed = strict.request(), {**headers, "Idempotency-Key": str(uuid4())}
    async with strict.home.http.post("/orders", json=body, headers=keyed) as answer:
        problem = await answer.json()
        assert (answer.status, problem["type"]) == (429, "/problems/too-many-unpaid-orders")
        assert 86_000 < int(answer.headers["Retry-After"]) == problem["retry_after_seconds"] < 86_410
    await strict.home.publish(strict.captured(first))
    await strict.home.settled()
    await strict.buy(customer)
    # counted by customer, wherever the requests come from
    async with strict.home.http.post("/orders", json=body, headers=keyed) as answer:
        assert (answer.status, (await answer.json())["type"]) == (429, "/problems/too-many-requests")
        assert int(answer.headers["Retry-After"]) > 0
    await strict.buy(uuid4())


async def test_coupons_are_guessed_no_faster_by_quotes_than_by_orders(strict: Shop):
    headers = strict.home.bearer(strict.token(uuid4()))
    line = {"sku": "WORKS-9-ESD", "quantity": 1, "price": 3999}
    body = {"channel": "nordlicht", "customer_type": "consumer", "country": "DE", "lines": [line], "coupon": "GUESS"}
    answers = [await strict.post("/quotes", body, headers) for _ in range(5)]
    assert [status for status, _ in answers] == [422] * 4 + [429]
