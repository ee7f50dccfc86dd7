"""Search everywhere: an order by the last digits of its number, a key by its last characters."""

import re
import secrets

from journeys.seller import Shop
from journeys.shops import GENERATED
from journeys.suite import Suite, until
from journeys.trial.people import People
from journeys.trial.sale import assert_nowhere, buy

from .browser import Browser
from .test_desk import address, hired, sign_in, sit_down
from .visitor import visitor


async def test_orders_and_keys_are_found_by_their_ends(running: Suite, shop: Shop, people: People, chromium: Browser):
    customer = await people.arrive()
    order = await buy(customer, {GENERATED: 1})
    await customer.pay_by_card(order["order"])
    await customer.wait_for_state(order["order"], "delivered")
    here = f"/orders/{order['order']}"
    (key,) = (await customer.suite.call("licensing", "GET", f"{here}/licenses", token=customer.token))["items"]
    end = key["masked_key"].lstrip("…")
    support, keeper = await hired(shop, "support"), await hired(shop, "bookkeeping")
    async with chromium.person("desk-search", width=360, language="en") as person:
        await sit_down(person, running, shop, support)
        await person.page.keyboard.press("/")
        await person.page.keyboard.type(order["number"][-6:])
        await person.page.keyboard.press("Enter")
        await person.page.wait_for_url(re.compile(here))
        await person.open(f"{address(running)}/search?q=OSTD-{end}")
        assert f"Keys that end in …{end}" in await person.text()
        await person.look()
        await person.page.get_by_role("link", name=order["number"]).click()
        await person.page.wait_for_url(re.compile(here))
    async with visitor(address(running)) as guest:
        assert await sign_in(guest, shop.tenant, keeper.email, keeper.password) == 303
        _, text, _ = await guest.get(f"/search?q=OSTD-{end}")
        assert f"…{end}" not in text


async def test_orders_are_found_by_their_company_and_no_table_has_its_name(running: Suite, shop: Shop, people: People):
    token = secrets.token_hex(4)
    customer = await people.arrive(company=f"Größenwahn{token} & Töchter GmbH")
    order = await buy(customer, {GENERATED: 1})
    support, seller = await hired(shop, "support"), await hired(shop, "sales")
    async with visitor(address(running)) as guest:
        assert await sign_in(guest, shop.tenant, support.email, support.password) == 303

        async def listed() -> bool:
            return order["number"] in (await guest.get(f"/search?q=toechter+groessenwahn{token}"))[1]

        await until(listed, "the order to be found by its company")
        _, text, _ = await guest.get(f"/search?q=groessenwahn{token}+Nachfolger")
        assert order["number"] not in text
    async with visitor(address(running)) as guest:
        assert await sign_in(guest, shop.tenant, seller.email, seller.password) == 303
        _, text, _ = await guest.get(f"/search?q=toechter+groessenwahn{token}")
        assert order["number"] not in text
    await assert_nowhere(shop, [f"wahn{token}"])
