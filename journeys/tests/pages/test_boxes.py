"""A box is bought to another address than the buyer's, staff posts it, and its customer sees where it went. ORD-13"""

import re

import pytest
from journeys.seller import Shop
from journeys.shops import BOXED
from journeys.statement import Credit
from journeys.suite import Suite, until
from playwright.async_api import expect

from .browser import DESK, PHONE, Browser, Person
from .conftest import Storefront
from .test_buying import find
from .test_checkout import amount
from .test_desk import address, hired
from .test_desk_withdrawals import enter

WORDS = {
    "de": {
        "arrives": "Lieferzeit: 2 bis 4 Werktage nach Zahlungseingang",
        "free": "Kostenloser Versand nach Deutschland (außer Helgoland und Büsingen)",
        "price": "inkl. Mehrwertsteuer, Versand kostenlos",
        "checkout": "Zur Kasse",
        "order": "Zahlungspflichtig bestellen",
        "gap": "Bitte ausfüllen.",
        "island": "Dorthin können wir noch nicht liefern",
        "card": "Hier steht eine Kartennummer.",
        "changed": "Die Lieferzeit hat sich geändert.",
        "letter": "Lieferzeit: 2 bis 4 Werktage",
        "show": "Adresse zeigen",
        "ship": "Als versandt vermerken",
        "posted": "Das Paket ist unterwegs",
    },
    "en": {
        "arrives": "Delivery time: 2 to 4 working days after payment",
        "free": "Free delivery to Germany (not to Heligoland and Büsingen)",
        "price": "VAT included, free delivery",
        "checkout": "Checkout",
        "order": "Order with obligation to pay",
        "gap": "Please fill this in.",
        "island": "We cannot deliver there yet",
        "card": "This is a card number.",
        "changed": "The delivery time has changed.",
        "letter": "Delivery time: 2 to 4 working days",
        "show": "Show address",
        "ship": "Mark as shipped",
        "posted": "The parcel is on its way",
    },
}
ELSEWHERE = {
    "shipping_name": "Max Muster",
    "shipping_company": "Muster & Söhne GmbH",
    "shipping_street": "Am Kai 3",
    "shipping_extra": "Hinterhaus, 2. Stock",
    "shipping_city": "Hamburg",
}
LABEL = "Max Muster\nMuster & Söhne GmbH\nHinterhaus, 2. Stock\nAm Kai 3\n20457 Hamburg"


async def put(person: Person, front: Storefront, words: dict[str, str]) -> None:
    """Put a box into the cart, and see on each page how long it takes and that delivery is free."""
    query = f"tenant={front.shop.tenant}&channel=direct&search={BOXED}"
    listed = await front.shop.suite.call("catalog", "GET", f"/products?{query}")
    (path,) = [
        f"/products/{product['product']}/{edition['code']}"
        for product in listed["items"]
        for edition in product["editions"]
        if BOXED in [variant["sku"] for variant in edition["variants"]]
    ]
    await person.open(front.address + path)
    card = person.page.locator("section.offer", has=person.page.locator(f"input[value={BOXED}]"))
    shown = await card.inner_text()
    assert [name for name in ("arrives", "free", "price") if words[name] not in shown] == []
    async with person.page.expect_navigation():
        await card.locator("form button").click()
    await person.look()
    shown = await person.text()
    assert [name for name in ("arrives", "free") if words[name] not in shown] == []
    await person.press(words["checkout"])


async def order(person: Person, words: dict[str, str]) -> None:
    """Fill in the checkout: what is wrong is told at its field, and nothing is ordered before."""
    page = person.page
    await expect(page.locator("#shipping_name")).to_be_hidden()
    await person.write(street="Weg 1", postal_code="20457", city="Hamburg")
    await page.check("input[value=transfer]")
    await page.check("#elsewhere")
    await expect(page.locator("#shipping_name")).to_be_visible()
    summary = await page.inner_text("aside.card")
    assert words["arrives"] in summary.partition(words["order"])[0]
    await person.press(words["order"])
    assert await page.inner_text("#shipping_street-more") == words["gap"]
    assert not await page.locator("#shipping_company-more").count()
    await person.write(**ELSEWHERE | {"shipping_postal_code": "20457", "shipping_extra": "4242 4242 4242 4242"})
    await person.press(words["order"])
    assert words["card"] in await page.inner_text("#shipping_extra-more")
    assert not await page.input_value("#shipping_extra")
    await person.write(shipping_extra=ELSEWHERE["shipping_extra"], shipping_postal_code="27498")
    await person.press(words["order"])
    assert words["island"] in await page.inner_text("#shipping_postal_code-more")
    assert await page.is_checked("#elsewhere")
    await person.write(shipping_postal_code="20457")
    if person.looks:  # what was shown is not what the seller promises now
        await page.evaluate("document.querySelector('[name=promised]').value = 'VISTA-HP-BOX:1-1'")
        await person.press(words["order"])
        assert words["changed"] in await person.text()
    await person.press(words["order"])
    assert re.search("/orders/[0-9a-f-]{36}$", page.url)


@pytest.mark.parametrize(
    ("width", "language", "scripts", "dark"),
    [
        (PHONE, "de", True, True),
        pytest.param(DESK, "en", True, False, marks=pytest.mark.torture),
        pytest.param(PHONE, "en", False, False, marks=pytest.mark.torture),
    ],
)
async def test_a_box_goes_to_another_address(
    running: Suite, front: Storefront, chromium: Browser, width: int, language: str, scripts: bool, dark: bool
):
    words, shop = WORDS[language], front.shop
    name = f"box-{width}{'' if scripts else '-plain'}"
    async with chromium.person(name, width=width, language=language, scripts=scripts, dark=dark) as person:
        await put(person, front, words)
        mailbox = await front.arrive(person, "/register?after=/checkout")
        await order(person, words)
        here = person.page.url
        shown = await person.text()
        assert [text for text in (LABEL, words["arrives"]) if text not in shown] == []
        (letter,) = await mailbox.wait(1)
        assert [text for text in (LABEL, words["letter"]) if text not in letter.text.replace("\r", "")] == []
        reference = await find(person, r"\bRF\d{2}\w+")
        iban = (await find(person, r"\bDE\d{2}(?: \d{4}){4} \d{2}\b")).replace(" ", "")
        await shop.bookkeeper.import_statement(iban, Credit(await amount(person), reference))
        await mailbox.wait(2)
        await post(running, shop, chromium, here.rpartition("/")[2], width=width, language=language)
        await person.open(here)
        shown = await person.text()
        assert [text for text in (LABEL, words["posted"]) if text not in shown] == []
        assert words["arrives"] not in shown


async def post(suite: Suite, shop: Shop, chromium: Browser, order_id: str, *, width: int, language: str) -> None:
    """Post the box at the Work Center, to where its label says."""
    words, sales = WORDS[language], await hired(shop, "sales")

    async def paid() -> bool:
        return (await sales.ask("orders", "GET", f"/orders/{order_id}"))["state"] == "paid"

    await until(paid, "the order to be paid")
    async with chromium.person(f"box-desk-{width}", width=width, language=language) as staff:
        await enter(staff, suite, shop, "sales")
        await staff.open(f"{address(suite)}/orders/{order_id}")
        assert "Am Kai 3" not in await staff.text()
        await staff.press(words["show"])
        label = "\n".join((*LABEL.split("\n")[:4], "20457", "Hamburg", "DE"))
        assert label in await staff.text()
        await staff.page.click(f"summary:has-text('{words['ship']}')")
        await staff.look()
        await staff.press(words["ship"])
        await staff.page.wait_for_url(re.compile("done-shipped"))
    reviewer = await hired(shop, "reviewer")
    acts = (await reviewer.ask("orders", "GET", f"/audit?object={order_id}"))["items"]
    assert "shipping: posting" in [act.get("purpose") for act in acts]
