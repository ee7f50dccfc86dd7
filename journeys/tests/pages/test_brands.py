"""Two houses on one platform: each has its own customers, its own brand, and letters in its own name (PLT-2)."""

import re
from typing import Any

import pytest
from journeys.customer import Customer
from journeys.seller import Shop
from journeys.shops import KEYLESS, SERIALS
from journeys.suite import Suite

from .browser import PHONE, Browser
from .conftest import PASSWORD, Storefront, open_pages

FROM = '"Abendrot" <laden@nordlicht.example>'


@pytest.fixture(scope="module")
async def fronts(running: Suite, shop: Shop, other_shop: Shop) -> tuple[Storefront, Storefront]:
    """The pages of two houses, each under its own brand."""
    sender = {"from": "laden@nordlicht.example"}
    first = await open_pages(running, shop.tenant, name="Abendrot", color="#9a3412", mail=sender)
    second = await open_pages(running, other_shop.tenant, name="Morgengrau", color="#0f766e")
    return Storefront(shop, first), Storefront(other_shop, second)


async def test_PLT_2_a_customer_of_one_house_is_unknown_in_the_other(
    running: Suite, fronts: tuple[Storefront, Storefront], chromium: Browser
):
    ours, theirs = fronts
    async with chromium.person("brands", width=PHONE) as person:
        mailbox = await ours.arrive(person)
        assert "Abendrot" in await person.page.inner_text("header .brand")
        await person.open(f"{theirs.address}/account")
        assert "sign-in" in person.page.url
        await person.write(email=mailbox.address, password=PASSWORD)
        async with person.page.expect_navigation():
            await person.page.click("main form button >> nth=0")
        await person.look()
        assert "E-Mail-Adresse oder Passwort stimmen nicht" in await person.text()
        await person.open(f"{theirs.address}/")
        assert "Morgengrau" in await person.page.inner_text("header .brand")
        brand = "getComputedStyle(document.documentElement).getPropertyValue('--brand').trim()"
        assert await person.page.evaluate(brand) == "#0f766e"
        await person.open(f"{ours.address}/account")
        assert "sign-in" not in person.page.url


async def test_PLT_2_letters_are_in_the_name_of_the_house_and_lead_to_its_pages(
    running: Suite, fronts: tuple[Storefront, Storefront], chromium: Browser
):
    ours, _ = fronts
    async with chromium.person("brands-letter") as person:
        mailbox = await ours.arrive(person)
        buyer = Customer(running, ours.shop.tenant, "Nina Neu", mailbox.address, password=PASSWORD)
        await buyer.sign_in()
        order = await buyer.order({SERIALS: 1, KEYLESS: 1})
        await buyer.pay_by_card(order["order"])
        (letter,) = await mailbox.wait(1)
        found: list[dict[str, Any]] = await running.call(
            "mail", "GET", f"{running.state.mail_url}/api/mails?to={mailbox.address}"
        )
        assert found[-1]["from"] == FROM
        assert "#9a3412" in letter.html
        page = re.search(rf"http\S+/orders/{order['order']}", letter.text)
        assert page is not None
        assert page[0].startswith(ours.address)
        await person.open(page[0])
        assert order["number"] in await person.text()
