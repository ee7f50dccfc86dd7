"""The checkout says what an order costs and what of it is wrong, before anybody orders. CAT-4 ORD-9 ORD-11"""

import re
import secrets

import pytest
from journeys.customer import Customer
from journeys.seller import Shop
from journeys.suite import Suite
from playwright.async_api import expect

from .browser import DESK, PHONE, Browser, Person
from .conftest import PASSWORD, Storefront, open_pages
from .test_buying import WORDS, choose, fill_in

MORE = {
    "de": {
        "apply": "Gutschein anwenden",
        "coupon": "Gutschein einlösen",
        "business": "Ich kaufe für ein Unternehmen",
        "refused": "Dieser Gutschein gilt hier nicht.",
        "digits": "fünf Ziffern",
        "vat": "neun Ziffern",
    },
    "en": {
        "apply": "Apply coupon",
        "coupon": "Use a coupon",
        "business": "I am buying for a business",
        "refused": "This coupon is not valid here.",
        "digits": "five digits",
        "vat": "nine digits",
    },
}


@pytest.fixture(scope="module")
async def partner(running: Suite, shop: Shop) -> Storefront:
    """The pages of a partner's channel, which takes coupons."""
    return Storefront(shop, await open_pages(running, shop.tenant, channel="nordlicht"))


async def unfold(person: Person, words: str) -> None:
    """Open a part of the page that is folded, unless it is open."""
    part = person.page.locator("details", has=person.page.get_by_text(words, exact=True))
    if await part.get_attribute("open") is None:
        await part.locator("summary").click()


async def amount(person: Person) -> int:
    """Return the sum that the checkout shows, in minor units."""
    return int(re.sub(r"[^0-9]", "", await person.page.locator(".total.sum").first.inner_text()))


@pytest.mark.parametrize(("width", "language", "scripts"), [(PHONE, "de", False), (DESK, "en", True)])
async def test_CAT_4_a_coupon_shows_the_new_sum_before_the_order_is_placed(
    partner: Storefront, chromium: Browser, width: int, language: str, scripts: bool
):
    words = WORDS[language] | MORE[language]
    name = f"coupon-{width}"
    async with chromium.person(name, width=width, language=language, scripts=scripts) as person:
        await choose(person, partner, words)
        mailbox = await partner.arrive(person, "/register?after=/checkout")
        full = await amount(person)
        await fill_in(person, "transfer")
        for code, refusal in ((f"NO-{secrets.token_hex(3)}", words["refused"]), ("NORD10", None)):
            await unfold(person, words["coupon"])
            await person.write(coupon=code)
            await person.press(words["apply"])
            assert person.page.url.endswith("/checkout")
            if refusal:
                assert refusal in await person.page.inner_text("#coupon-more")
                assert await amount(person) == full
        assert await person.page.input_value("#street") == "Weg 1"
        assert await person.page.is_checked("input[value=transfer]")
        less = await amount(person)
        assert less == full - (full * 2 * 1000 + 10_000) // 20_000
        customer = Customer(partner.shop.suite, partner.shop.tenant, "Nina Neu", mailbox.address, password=PASSWORD)
        await customer.sign_in()
        listed = await partner.shop.suite.call("orders", "GET", "/orders", token=customer.token)
        assert listed["items"] == []
        await person.press(words["order"])
        order = await customer.order_view(person.page.url.rpartition("/")[2])
        assert (order["totals"]["gross"], order["coupon"]) == (less, "NORD10")
        # the next order proposes where the last one went
        await choose(person, partner, words)
        assert [await person.page.input_value(f"#{one}") for one in ("name", "street", "postal_code", "city")] == [
            "Nina Neu",
            "Weg 1",
            "20457",
            "Hamburg",
        ]


@pytest.mark.parametrize("language", ["de", pytest.param("en", marks=pytest.mark.torture)])
async def test_ORD_9_what_is_wrong_is_marked_at_its_field(partner: Storefront, chromium: Browser, language: str):
    words = WORDS[language] | MORE[language]
    async with chromium.person(f"marked-{language}", width=PHONE, language=language) as person:
        await choose(person, partner, words)
        await partner.arrive(person, "/register?after=/checkout")
        await fill_in(person, "transfer")
        await person.write(postal_code="1010")
        await person.press(words["order"])
        assert words["digits"] in await person.page.inner_text("#postal_code-more")
        await expect(person.page.locator("#postal_code")).to_have_attribute("aria-invalid", "true")
        await person.write(postal_code="20457")
        await person.page.select_option("#country", "AT")
        await person.press(words["order"])
        assert await person.page.inner_text("#country-more")
        await expect(person.page.locator("#country")).to_have_attribute("aria-invalid", "true")
        await person.page.select_option("#country", "DE")
        await unfold(person, words["business"])
        await person.page.select_option("#customer_type", "business")
        await person.write(company="Neu GmbH", vat_id="ATU12345678")
        await person.press(words["order"])
        assert words["vat"] in await person.page.inner_text("#vat_id-more")
        await person.write(vat_id="DE123456789")
        # the key for sending orders, as the button does, and applies no coupon
        async with person.page.expect_navigation(url=re.compile("/orders/")):
            await person.page.press("#vat_id", "Enter")
