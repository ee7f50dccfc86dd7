"""How often a coupon may be used, by all and by one customer, and how its code may be written."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from contracts.catalog import CouponOffered

from services.orders.tests.integration.conftest import Shop

Answer = tuple[int, dict[str, Any]]


async def offer(shop: Shop, code: str, **terms: Any) -> None:
    facts = {"coupon": uuid4(), "code": code, "valid_until": shop.home.clock.now().replace(year=2100)}
    offered = CouponOffered.model_validate(CouponOffered.EXAMPLE).model_copy(update=facts | terms)
    await shop.home.publish(offered)
    await shop.home.settled()


async def use(shop: Shop, code: str, customer: UUID) -> Answer:
    lines = [{"sku": "WORKS-9-ESD", "quantity": 1, "price": 3999}]
    body = shop.request(channel="nordlicht", coupon=code, lines=lines)
    return await shop.post("/orders", body, shop.home.bearer(shop.token(customer)))


def outcome(answer: Answer) -> str:
    status, body = answer
    return "taken" if status == 201 else body["type"].removeprefix("/problems/")


async def test_F_P16_one_customer_cannot_use_up_a_coupon_with_unpaid_orders(shop: Shop):
    await offer(shop, "TWICE", uses=2)
    one, two, three = uuid4(), uuid4(), uuid4()
    assert [outcome(await use(shop, "TWICE", who)) for who in (one, one, two, three)] == [
        "taken",
        "coupon-used",
        "taken",
        "coupon-refused",
    ]
    shop.home.shift_clock(3601)
    assert [outcome(await use(shop, "TWICE", who)) for who in (one, three)] == ["coupon-used", "taken"]


async def test_F_P16_a_use_that_is_paid_counts_for_good_and_a_cancelled_one_no_more(shop: Shop):
    await offer(shop, "ONCE", uses=1)
    payer, other = uuid4(), uuid4()
    _, order = await use(shop, "ONCE", other)
    cancelled = await shop.post(f"/orders/{order['order']}/cancellation", None, shop.staff("sales"))
    assert cancelled[0] == 200
    body = shop.request(channel="nordlicht", coupon="ONCE")
    body["lines"] = [{"sku": "WORKS-9-ESD", "quantity": 1, "price": 3999}]
    placed = await shop.buy(payer, body)
    await shop.home.publish(shop.captured(placed))
    await shop.home.settled()
    shop.home.shift_clock(3601)
    assert outcome(await use(shop, "ONCE", other)) == "coupon-refused"


async def test_a_customer_may_use_a_coupon_as_often_as_it_says(shop: Shop):
    await offer(shop, "OFTEN", uses=None, uses_per_customer=2)
    customer = uuid4()
    answers = [outcome(await use(shop, "OFTEN", customer)) for _ in range(3)]
    assert answers == ["taken", "taken", "coupon-used"]


@pytest.mark.parametrize("basis_points", [1, 333, 1429, 6667])
async def test_lines_and_units_with_a_coupon_add_up_to_the_total(shop: Shop, basis_points: int):  # ORD-9
    await offer(shop, "CROOKED", coupon=UUID(int=27), discount_basis_points=basis_points, uses=None)
    lines = [
        {"sku": "WORKS-9-ESD", "quantity": 3, "price": 3999},
        {"sku": "VISTA-HP-ESD", "quantity": 7, "price": 20900},
    ]
    placed = await shop.buy(uuid4(), shop.request(channel="nordlicht", coupon="CROOKED", lines=lines))
    for name in ("net", "tax", "gross"):
        assert sum(getattr(line, name) for line in placed.lines) == getattr(placed.totals, name)
    assert placed.totals.net + placed.totals.tax == placed.totals.gross
    for line in placed.lines:
        assert (line.net + line.tax, line.price * len(line.units)) == (line.gross, line.gross)


@pytest.mark.parametrize(
    "written", ["spring 26", "Spring\u201126", "SPRING\u00ad-\u200b26\ufeff", "Code: \u201eSPRING26\u201c."]
)
async def test_a_coupon_counts_as_people_type_and_paste_it(shop: Shop, written: str):
    await offer(shop, "SPRING-26", coupon=UUID(int=26))
    assert outcome(await use(shop, written, uuid4())) == "taken"


@pytest.mark.parametrize("written", ["SPRING27", "SPRING-26A", "\u200b", " "])
async def test_another_code_or_none_is_refused(shop: Shop, written: str):
    assert outcome(await use(shop, written, uuid4())) == "coupon-refused"
