"""People buy in the pages: by card, by transfer, with and without scripts, on a phone and at a desk."""

import re

import pytest
from journeys.customer import DECLINED_CARD, GOOD_CARD
from journeys.download import download, sha256
from journeys.shops import SERIALS
from journeys.statement import Credit
from journeys.suite import until
from playwright.async_api import expect

from .browser import DESK, PHONE, Browser, Person
from .conftest import Storefront

WORDS = {
    "de": {
        "put": "In den Warenkorb",
        "checkout": "Zur Kasse",
        "register": "Konto eröffnen",
        "order": "Zahlungspflichtig bestellen",
        "mailed": "Die E-Mail mit allem ist verschickt",
        "reference": "Verwendungszweck",
    },
    "en": {
        "put": "Add to cart",
        "checkout": "Checkout",
        "register": "Open an account",
        "order": "Order with obligation to pay",
        "mailed": "The e-mail with everything has been sent",
        "reference": "Reference",
    },
}


async def choose(person: Person, front: Storefront, words: dict[str, str]) -> None:
    """Look around, and put an article into the cart."""
    await person.open(front.address)
    for _ in ("the family", "an edition"):
        await person.page.click("a.card:has-text('Windows') >> nth=0")  # in each language another line comes first
        await person.look()
    await person.press(words["put"])
    await person.press(words["checkout"])


async def fill_in(person: Person, method: str) -> None:
    """Fill in the checkout."""
    await person.write(street="Weg 1", postal_code="20457", city="Hamburg")
    await person.page.check(f"input[value={method}]")
    for box in await person.page.query_selector_all("input[type=checkbox]"):
        await box.check()


async def enter_card(person: Person, number: str) -> None:
    """Fill in the provider's page."""
    await person.page.wait_for_url(re.compile("/pay/"))
    for name, text in {"number": number, "expiry": "12/34", "cvc": "123"}.items():
        await person.page.fill(f"input[name={name}]", text)
    await person.page.click("button[type=submit], main button >> nth=-1")


@pytest.mark.parametrize(("width", "language", "dark"), [(PHONE, "de", True), (DESK, "en", False)])
async def test_M18_a_purchase_by_card_ends_with_links_on_the_page_and_in_the_letter(
    front: Storefront, chromium: Browser, width: int, language: str, dark: bool
):
    words = WORDS[language]
    async with chromium.person(f"card-{width}", width=width, language=language, dark=dark) as person:
        await choose(person, front, words)
        mailbox = await front.arrive(person, "/register?after=/checkout")
        await fill_in(person, "card")
        await person.page.get_by_role("button", name=words["order"]).click()
        await enter_card(person, DECLINED_CARD)
        await enter_card(person, GOOD_CARD)
        await person.page.wait_for_url(re.compile("/orders/"))
        await expect(person.page.get_by_text(words["mailed"])).to_be_visible(timeout=30_000)
        await person.look()
        (mail,) = await mailbox.wait(1)
        body, landing = await download(front.shop.suite, mail.links[0])
        assert sha256(body) == landing.sha256
        assert f"{SERIALS.lower()}.exe" in await person.text()


async def test_M18_without_scripts_a_purchase_by_transfer_is_delivered_when_the_money_is_in(
    front: Storefront, chromium: Browser
):
    words = WORDS["de"]
    async with chromium.person("transfer", scripts=False) as person:
        await choose(person, front, words)
        mailbox = await front.arrive(person, "/register?after=/checkout")
        await fill_in(person, "transfer")
        await person.press(words["order"])
        reference = await find(person, r"\bRF\d{2}\w+")
        iban = (await find(person, r"\bDE\d{2}(?: \d{4}){4} \d{2}\b")).replace(" ", "")
        await front.shop.bookkeeper.import_statement(iban, Credit(await amount(person), reference))
        await mailbox.wait(2)

        async def shown() -> bool:
            await person.page.reload()
            return words["mailed"] in await person.text()

        await until(shown, "the page to show the delivery")


async def test_ORD_1_a_forgotten_password_is_replaced_with_a_mailed_code(front: Storefront, chromium: Browser):
    async with chromium.person("forgotten", width=PHONE) as person:
        mailbox = await front.arrive(person)
        await person.page.context.clear_cookies()
        await person.open(f"{front.address}/forgotten")
        await person.write(email=mailbox.address)
        await person.press("Code schicken")
        (mail,) = await mailbox.wait(1)
        await person.write(code="ABCDE-ABCDE-ABCDE-ABCDE", password="ein anderer satz zum testen")
        await person.press("Speichern")
        assert "ungültig" in await person.text()
        code = re.search(r"\b(?:\w{5}-){3}\w{5}\b", mail.text)
        assert code is not None
        await person.write(code=code[0], password="ein anderer satz zum testen")
        await person.press("Speichern")
        await person.write(email=mailbox.address, password="ein anderer satz zum testen")
        await person.page.click("main form button")
        await person.page.wait_for_url("**/account")


async def find(person: Person, pattern: str) -> str:
    """Find a text on the page."""
    found = re.search(pattern, await person.text())
    assert found is not None
    return found[0]


async def amount(person: Person) -> int:
    """The amount to transfer, in cents."""
    return int(re.sub(r"\D", "", await find(person, r"[\d.]+,\d\d\s€")))
