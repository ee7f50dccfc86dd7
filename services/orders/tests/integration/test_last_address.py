"""The address of the last order is proposed to whoever has typed it, and to nobody else. ORD-2 ORD-13 PLT-1"""

from typing import Any
from uuid import UUID, uuid4

import orjson
from chassis_testing.exports import exported

from services.orders.tests.integration.conftest import ADDRESS, Shop
from services.orders.tests.integration.test_organisations import acting

ELSEWHERE = {"name": "Max Muster", "street": "Am Kai 3", "postal_code": "20457", "city": "Hamburg", "country": "DE"}
PATH = "/me/last-address"


async def proposed(shop: Shop, headers: dict[str, str]) -> Any:
    status, found = await shop.get(PATH, headers)
    assert status == 200, found
    return found["address"]


async def test_the_last_address_is_proposed_to_its_customer_alone(shop: Shop):
    customer = uuid4()
    headers = shop.home.bearer(shop.token(customer))
    assert await proposed(shop, headers) is None
    await shop.buy(customer)
    assert await proposed(shop, headers) == ADDRESS
    await shop.buy(customer, shop.request(billing_address=ELSEWHERE))
    assert await proposed(shop, headers) == ELSEWHERE
    assert await proposed(shop, shop.home.bearer(shop.token(uuid4()))) is None
    elsewhere = shop.home.bearer(shop.home.accounts.token(customer, "customer", tenant="lumen"))
    assert await proposed(shop, elsewhere) is None
    for role in ("sales", "support", "bookkeeping", "reviewer", "administrator"):
        assert (await shop.get(PATH, shop.staff(role)))[0] == 403
    assert (await shop.get(PATH, {}))[0] == 401


async def test_an_address_for_an_organisation_is_proposed_for_that_one_alone(shop: Shop):
    customer, organisation = uuid4(), uuid4()
    await shop.buy(customer)
    buyer = acting(shop, organisation, "buyer", customer)
    assert await proposed(shop, buyer) is None
    business = shop.request(customer_type="business", consents=[], billing_address=ELSEWHERE)
    assert (await shop.post("/orders", business, buyer))[0] == 201
    assert await proposed(shop, buyer) == ELSEWHERE
    assert await proposed(shop, shop.home.bearer(shop.token(customer))) == ADDRESS
    assert await proposed(shop, acting(shop, uuid4(), "buyer", customer)) is None
    # nor to an owner of it: where a colleague lives is theirs
    assert await proposed(shop, acting(shop, organisation, "owner")) is None


async def test_it_is_kept_sealed_and_goes_with_the_customers_choice(shop: Shop):
    customer = uuid4()
    placed = await shop.buy(customer, shop.request(billing_address=ELSEWHERE))
    (row,) = await shop.home.sql("select address from last_addresses where customer_id = $1", customer)
    assert ELSEWHERE["street"] not in row["address"]
    assert orjson.loads(row["address"])["key"] == str(placed.keys.profile.key)
    shop.home.accounts.erased.add(UUID(str(placed.keys.profile.key)))
    shop.home.shift_clock(61)
    assert await proposed(shop, shop.home.bearer(shop.token(customer))) is None


async def test_an_export_has_it(shop: Shop):
    customer = uuid4()
    await shop.buy(customer, shop.request(billing_address=ELSEWHERE))
    (kept,) = (await exported(shop.home, customer))["last_addresses"]
    assert ELSEWHERE["street"] in kept["address"]
    assert ("export profile") in {purpose for purpose, _ in shop.home.accounts.asked}
