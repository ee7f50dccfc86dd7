"""A reviewer reads in plain words who did what, and comes to what it was about."""

import re

from journeys.seller import Shop
from journeys.shops import KEYLESS
from journeys.suite import Suite
from journeys.trial.people import People
from journeys.trial.sale import buy

from .browser import Browser
from .test_desk import address, hired, sit_down

REFUND = "POST /orders/{order}/refunds"


async def test_PLT_19_acts_are_told_in_plain_words_with_a_link_and_filtered_by_them(
    running: Suite, shop: Shop, people: People, chromium: Browser
):
    customer = await people.arrive()
    order = await buy(customer, {KEYLESS: 1})
    await customer.pay_by_card(order["order"])
    await customer.wait_for_state(order["order"], "delivered")
    view = await customer.order_view(order["order"])
    units = [unit["unit"] for line in view["lines"] for unit in line["units"]]
    seller, reviewer = await hired(shop, "sales"), await hired(shop, "reviewer")
    path = f"/orders/{order['order']}"
    await seller.ask("orders", "POST", f"{path}/refunds", json={"units": units, "reason": "goodwill"})
    await seller.ask("orders", "GET", f"{path}/buyer")
    async with chromium.person("desk-audit", width=360, language="en") as person:
        await sit_down(person, running, shop, reviewer)
        await person.open(f"{address(running)}/acts")
        text = await person.text()
        assert f"refunded units of Order {order['number']}" in text
        assert seller.name in text
        assert REFUND in text
        assert "read company and VAT id" in text
        await person.look()
        await person.page.get_by_label("What", exact=True).select_option("refunded units of …")
        async with person.page.expect_navigation():
            await person.page.get_by_role("button", name="Show").click()
        text = await person.text()
        assert "read company and VAT id of Order" not in text
        await person.page.get_by_role("link", name=f"Order {order['number']}").click()
        await person.page.wait_for_url(re.compile(path))
        await person.open(f"{address(running)}/acts?service=accounts")
        assert "read for this log what staff is called" in await person.text()
        await person.look()
    operator = await hired(shop, "operator")
    async with chromium.person("desk-audit-none", language="en") as person:
        await sit_down(person, running, shop, operator)
        await person.page.goto(f"{address(running)}/acts")
        assert seller.name not in await person.text()
