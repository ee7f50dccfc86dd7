"""What a cart costs is known before it is ordered, and refused for what its order would be. CAT-4 M17 ORD-9"""

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.orders.tests.integration.conftest import Shop
from services.orders.tests.integration.test_coupons import Answer, offer, outcome
from services.orders.tests.integration.test_organisations import acting

LINES = [{"sku": "WORKS-9-ESD", "quantity": 3, "price": 3999}]


def cart(**changes: Any) -> dict[str, Any]:
    return {"channel": "nordlicht", "customer_type": "consumer", "country": "DE", "lines": LINES} | changes


async def quoted(shop: Shop, customer: UUID | None = None, **changes: Any) -> Answer:
    return await shop.post("/quotes", cart(**changes), shop.home.bearer(shop.token(customer or uuid4())))


async def ordered(shop: Shop, customer: UUID, **changes: Any) -> Answer:
    body = shop.request() | {"channel": "nordlicht", "lines": LINES} | changes
    return await shop.post("/orders", body, shop.home.bearer(shop.token(customer)))


async def kept(shop: Shop) -> list[int]:
    """How much is stored of orders and events."""
    tables = ("orders", "lines", "units", "consents", "chassis.outbox")
    return [(await shop.home.sql(f"select count(*) from {table}"))[0]["count"] for table in tables]


@pytest.mark.parametrize("coupon", [None, "SPRING-27", " spring 27"])
async def test_a_quote_says_what_the_order_costs(shop: Shop, coupon: str | None):
    await offer(shop, "SPRING-27", coupon=UUID(int=127), uses=None, uses_per_customer=9)
    customer, more = uuid4(), {"coupon": coupon} if coupon else {}
    before = await kept(shop)
    status, quote = await quoted(shop, customer, **more)
    assert status == 200, quote
    assert await kept(shop) == before
    status, order = await ordered(shop, customer, **more)
    assert status == 201, order
    assert quote["totals"] == order["totals"]
    assert quote["coupon"] == order["coupon"] == (coupon and "SPRING-27")
    (one,), (line,) = quote["lines"], order["lines"]
    assert {name: one[name] for name in ("sku", "name", "price", "discount", "tax_rate", "net", "tax", "gross")} == {
        name: line[name] for name in ("sku", "name", "price", "discount", "tax_rate", "net", "tax", "gross")
    }
    assert bool(one["discount"]) == bool(coupon)


async def test_a_quote_is_refused_for_what_the_order_would_be(shop: Shop):
    now, spring = shop.home.clock.now(), uuid4()
    past = {"valid_from": now.replace(year=2020), "valid_until": now.replace(year=2021)}
    await offer(shop, "EXPIRED-27", coupon=uuid4(), **past)
    await offer(shop, "USED-27", coupon=spring, uses=None)
    customer = uuid4()
    assert (await ordered(shop, customer, coupon="USED-27"))[0] == 201
    direct = {"channel": "direct", "lines": [{"sku": "WORKS-9-ESD", "quantity": 1, "price": 4999}]}
    for changes, refusal in (
        ({"coupon": "NOBODYS"}, "coupon-refused"),
        ({"coupon": "EXPIRED-27"}, "coupon-refused"),
        ({"coupon": "USED-27"}, "coupon-used"),
        ({"coupon": "USED-27", **direct}, "coupon-refused"),
        ({"lines": [{**LINES[0], "price": 1}]}, "price-changed"),
        ({"lines": [{**LINES[0], "sku": "NOTHING"}]}, "not-sellable"),
        ({"currency": "XXX"}, "currency-not-taken"),
    ):
        assert outcome(await quoted(shop, customer, **changes)) == refusal, changes
        assert outcome(await ordered(shop, customer, **changes)) == refusal, changes


async def test_a_quote_for_elsewhere_names_the_country(shop: Shop):
    status, refused = await quoted(shop, country="AT", channel="direct", lines=[{**LINES[0], "price": 4999}])
    assert (status, refused["type"], refused.get("about")) == (422, "/problems/not-eligible", "country")


async def test_a_quote_holds_no_use_of_a_coupon(shop: Shop):
    await offer(shop, "LAST-27", coupon=uuid4(), uses=1)
    one, two = uuid4(), uuid4()
    assert (await quoted(shop, one, coupon="LAST-27"))[0] == (await quoted(shop, two, coupon="LAST-27"))[0] == 200
    assert (await ordered(shop, two, coupon="LAST-27"))[0] == 201
    assert outcome(await quoted(shop, one, coupon="LAST-27")) == "coupon-refused"


async def test_nobody_but_customers_asks_and_an_auditor_buys_nothing(shop: Shop):
    assert (await shop.post("/quotes", cart(), {}))[0] == 401
    assert (await shop.post("/quotes", cart(), shop.staff("sales", "support", "administrator")))[0] == 403
    elsewhere = shop.home.bearer(shop.home.accounts.token(uuid4(), "customer", tenant="lumen"))
    assert outcome(await shop.post("/quotes", cart(), elsewhere)) == "not-sellable"
    business = cart(customer_type="business")
    assert outcome(await shop.post("/quotes", business, acting(shop, uuid4(), "auditor"))) == "buys-nothing"
    assert outcome(await shop.post("/quotes", cart(), acting(shop, uuid4(), "buyer"))) == "must-be-business"


async def test_the_rates_of_a_country_are_told_to_everybody_as_they_hold_now(shop: Shop):
    async with shop.home.http.get("/tax-rates", params={"country": "DE"}) as answer:
        rates = {one["tax_class"]: one["rate"] for one in (await answer.json())["items"]}
    assert rates == {"standard": 1900, "reduced": 700}
    async with shop.home.http.get("/tax-rates", params={"country": "ZZ"}) as answer:
        assert (await answer.json())["items"] == []
