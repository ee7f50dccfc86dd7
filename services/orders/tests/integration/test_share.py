"""The share of orders in an export: a customer's own orders, with what was agreed, and nobody else's. GDPR 15, 20"""

from uuid import uuid4

import orjson
from chassis_testing.exports import exported

from .conftest import Shop


async def test_the_share_has_the_orders_of_the_customer_and_of_nobody_else(shop: Shop):
    customer, other = uuid4(), uuid4()
    own, foreign = await shop.buy(customer), await shop.buy(other)
    await shop.home.publish(shop.captured(own))
    await shop.home.settled()
    share = await exported(shop.home, customer)
    assert [order["number"] for order in share["orders"]] == [own.order_number]
    assert share["orders"][0]["gross"] == own.totals.gross
    assert {unit["order"] for unit in share["units"]} == {str(own.order)}
    assert all(unit["paid_at"] for unit in share["units"])
    assert [line["name"] for line in share["lines"]] == [line.name for line in own.lines]
    assert len(share["consents"]) == len(own.consents)
    text = orjson.dumps(share).decode()
    assert str(foreign.order) not in text
    assert foreign.order_number not in text
    assert str(other) not in text


async def test_what_is_sealed_in_an_order_is_readable_for_its_customer(shop: Shop):
    customer = uuid4()
    await shop.buy(customer)
    (order,) = (await exported(shop.home, customer))["orders"]
    assert (order["name"], order["email"]) == ("Erika Musterfrau", "erika@example.org")
    assert "Köln" in order["billing_address"]
    assert {purpose for purpose, _ in shop.home.accounts.asked} >= {"export", "export records"}


async def test_a_customer_of_another_tenant_with_the_same_id_gets_nothing(shop: Shop):
    customer = uuid4()
    await shop.buy(customer)
    share = await exported(shop.home, customer, tenant="elsewhere")
    assert share.pop("notes")
    assert {name for name, rows in share.items() if rows} == {"service", "taken_at"}


async def test_the_seller_and_staff_are_not_in_the_share(shop: Shop):
    customer = uuid4()
    placed = await shop.buy(customer)
    text = orjson.dumps(await exported(shop.home, customer)).decode()
    assert str(placed.seller_details.address) not in text
    assert str(placed.seller_details.email) not in text
