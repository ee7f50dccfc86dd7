"""Staff gives money back and proves what was received, on pages that ask first and answer about what was meant."""

import re

from journeys.seller import Shop
from journeys.shops import KEYLESS
from journeys.suite import Suite
from journeys.trial.people import People
from journeys.trial.sale import buy

from .browser import Browser
from .conftest import Storefront
from .test_account import bought
from .test_account import sign_in as sign_in_at_shop
from .test_desk import address, hired, sign_in
from .visitor import visitor

ENGLISH = {"Accept_Language": "en"}


async def test_a_refund_is_asked_about_first_and_shown_as_done_afterwards(running: Suite, shop: Shop, people: People):
    customer = await people.arrive()
    order = await buy(customer, {KEYLESS: 1})
    await customer.pay_by_card(order["order"])
    await customer.wait_for_state(order["order"], "delivered")
    here = f"/orders/{order['order']}"
    seller, bookkeeper = await hired(shop, "sales", "support"), await hired(shop, "bookkeeping")
    async with visitor(address(running)) as guest:
        assert await sign_in(guest, shop.tenant, seller.email, seller.password) == 303
        _, text, _ = await guest.get(here, **ENGLISH)
        (unit,) = re.findall(r'name="units" value="([0-9a-f-]{36})" checked', text)  # there is no other to choose
        chosen = {"units": unit, "reason": "goodwill"}
        status, _, headers = await guest.post(f"{here}/refunds/question", chosen, **ENGLISH)
        assert (status, headers["Location"]) == (303, f"{here}/refunds/question?units=0&reason=goodwill")
        status, text, _ = await guest.get(headers["Location"], **ENGLISH)
        assert (status, "Refund €" in text) == (200, True)
        assert unit[-12:] not in re.sub(r'value="[^"]*"', "", text)
        assert "Unit 1" in text
        assert (await customer.order_view(order["order"]))["state"] == "delivered"
        (once,) = re.findall(r'name="once" value="([0-9a-f-]{36})"', text)
        status, _, headers = await guest.post(f"{here}/refunds", {**chosen, "once": once})
        assert (status, headers["Location"]) == (303, f"{here}?note=done-refunded")
        _, text, _ = await guest.get(headers["Location"], **ENGLISH)
        assert "revoked" in text or "taken back" in text
        assert "Refunded of it" in text
        assert "Reason: Goodwill" in text
        status, _, headers = await guest.post(f"{here}/refunds/question", chosen)
        assert headers["Location"] == f"{here}?note=refused-not-refundable"
    async with visitor(address(running)) as guest:
        assert await sign_in(guest, shop.tenant, bookkeeper.email, bookkeeper.password) == 303
        _, text, _ = await guest.get("/money/payments", **ENGLISH)
        assert text.count(f'href="{here}"') == 2


async def test_a_customer_reads_why_money_came_back_and_nothing_is_left_open(front: Storefront, chromium: Browser):
    customer, order = await bought(front)
    view = await customer.order_view(order)
    units = [unit["unit"] for line in view["lines"] for unit in line["units"]]
    seller = await hired(front.shop, "sales")
    await seller.ask("orders", "POST", f"/orders/{order}/refunds", json={"units": units, "reason": "defect"})
    async with chromium.person("refunded", width=360) as person:
        await sign_in_at_shop(person, front, customer, f"/orders/{order}")
        assert "wegen eines Mangels" in await person.text()
        assert await person.page.locator(".steps li").count() > 3
        assert await person.page.locator(".steps li:not(.done)").count() == 0
        await person.look()


async def test_DEL_8_an_article_is_meant_in_capitals_or_not_and_an_unknown_one_is_no_answer(
    running: Suite, shop: Shop, people: People
):
    customer = await people.arrive()
    order = await buy(customer, {KEYLESS: 1})
    await customer.pay_by_card(order["order"])
    await customer.wait_for_state(order["order"], "delivered")
    member = await hired(shop, "support")
    here = f"/customers/{customer.id}"
    async with visitor(address(running)) as guest:
        assert await sign_in(guest, shop.tenant, member.email, member.password) == 303
        _, text, _ = await guest.get(f"{here}?sku={KEYLESS.lower()}", **ENGLISH)
        assert f"No, {KEYLESS} has not arrived completely yet." in text
        assert f'href="{here}?sku={KEYLESS}#received"' in text
        _, text, _ = await guest.get(f"{here}?sku=nothing", **ENGLISH)
        assert "There is no article" in text
        assert "never had a link" not in text
        status, text, _ = await guest.get(f"{here}/name", **ENGLISH)
        assert (status, customer.name in text) == (200, True)
