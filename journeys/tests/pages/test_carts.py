"""Carts and checkouts ask again where it is wrong, searches say once what was found, downloads lead back."""

import re

import pytest
from journeys.shops import GENERATED, KEYLESS

from .browser import DESK, PHONE, Browser
from .conftest import Storefront
from .signing_in import sign_in as sign_in_alone
from .test_account import bought, customer_of, sign_in
from .visitor import visitor

WORDS = {
    "de": ("Bitte geben Sie eine Zahl ein.", "Höchstens 1000 Stück je Artikel", "Weiter einkaufen", "Zusammenfassung"),
    "en": ("Please enter a number.", "At most 1000 of an article", "Continue shopping", "Summary"),
}
SEARCHES = {
    "de": (
        "Gefunden zu „Vista“",
        "Zu „visat“ gibt es nichts; das hier passt zu „Vista“.",
        "Nichts gefunden zu",
        "Alle Produkte",
    ),
    "en": (
        "Found for “Vista”",
        "There is nothing for “visat”; these match “Vista”.",
        "Nothing found for",
        "Show all products",
    ),
}


@pytest.mark.parametrize(("language", "width"), [("de", PHONE), ("en", DESK)])
async def test_a_quantity_that_cannot_be_ordered_is_asked_for_again_beside_its_field(
    front: Storefront, chromium: Browser, language: str, width: int
):
    number, most, on, summary = WORDS[language]
    async with visitor(front.address) as guest:
        spoken = {"Accept_Language": language}
        await guest.get("/cart", **spoken)
        for sku in (GENERATED, KEYLESS):
            assert (await guest.post("/cart", {"sku": sku}))[0] == 303
        for wrong, fault in (("", number), ("1001", most), ("-1", "")):
            status, text, _ = await guest.post("/cart/lines", {"sku": KEYLESS, "quantity": wrong}, **spoken)
            assert status == 422
            assert re.findall(r'class="fault" id="n-([A-Z0-9-]+)-more">([^<]*)', text)[0][0] == KEYLESS
            assert fault in text
            assert text.count('aria-invalid="true"') == text.count("autofocus") == 1
        status, text, _ = await guest.get("/cart", **spoken)
        assert on in text
        assert f"<h2>{summary}</h2>" in text
        assert (await guest.post("/cart/lines", {"sku": KEYLESS, "quantity": "1000"}))[0] == 303
        _, text, _ = await guest.get("/cart", **spoken)
        assert most in text
        assert (await guest.post("/cart/lines", {"quantity": "x"}))[0] == 422
    async with chromium.person(f"cart-{language}", width=width, language=language) as person:
        await person.open(front.address)
        await person.page.locator("a.ware").first.click()
        if not await person.page.locator("form[action='/cart'] button").count():
            await person.page.locator("main a[href^='/products/']").first.click()
        await person.page.locator("form[action='/cart'] button").first.click()
        await person.page.locator("form[action='/cart/lines']").first.evaluate("form => { form.noValidate = true }")
        await person.page.locator("input.quantity").first.fill("2000")
        await person.page.locator("form[action='/cart/lines'] button").first.click()
        await person.page.locator(".fault").wait_for()
        await person.look()
        assert await person.page.evaluate("document.activeElement.className") == "quantity"


@pytest.mark.parametrize("language", ["de", "en"])
async def test_a_search_says_once_what_was_looked_for_and_what_was_found(front: Storefront, language: str):
    found, meant, none, everything = SEARCHES[language]
    spoken = {"Accept_Language": language}
    async with visitor(front.address) as guest:
        _, text, _ = await guest.get("/?q=visat", **spoken)
        assert f"<h1>{found}</h1>" in text
        assert meant in text
        _, text, _ = await guest.get("/?q=qqqqzzzz", **spoken)
        assert f"<h1>{none}" in text
        main = text.partition("<main")[2]
        assert main.count(everything) == 1
        assert "0 " not in re.sub(r"<[^>]*>", "", main.partition("</main>")[0])


@pytest.mark.parametrize(("language", "width"), [("de", DESK), ("en", PHONE)])
async def test_a_download_from_an_order_leads_back_to_it(
    front: Storefront, chromium: Browser, language: str, width: int
):
    customer, order = await bought(front)
    async with chromium.person(f"leading-{language}", width=width, language=language) as person:
        await sign_in(person, front, customer, f"/orders/{order}")
        async with person.page.expect_download():
            await person.page.locator("form[action^='/account/downloads/'] button").first.click()
        back = person.page.locator("main .empty a").last
        assert await back.get_attribute("href") == f"/orders/{order}"
        assert await back.inner_text() == ("Zurück zur Bestellung" if language == "de" else "Back to the order")
        # whatever somebody else makes a form name, the way leads to no other place
        form = await front.shop.suite.call("delivery", "GET", "/me/grants", token=customer.token)
        (grant,) = form["items"]
        path = f"/account/downloads/{grant['grant']}/files/{grant['files'][0]['file']}"
        await person.open(f"{front.address}/account/downloads")
        send = """async ([path, order]) => (await fetch(path, {method: "POST", body: new URLSearchParams(
            {token: document.querySelector("input[name=token]").value, order})})).text()"""
        shown = await person.page.evaluate(send, [path, "//evil.example/"])
        assert "evil.example" not in shown
        assert 'href="/account/downloads"' in shown


async def test_the_first_field_that_is_wrong_at_the_checkout_has_the_focus_without_scripts_too(front: Storefront):
    customer = await customer_of(front)
    async with visitor(front.address) as guest:
        assert await sign_in_alone(guest, customer.email, customer.password) == 303
        await guest.get("/cart")
        assert (await guest.post("/cart", {"sku": GENERATED}))[0] == 303
        _, text, _ = await guest.get("/checkout")
        fields = dict(re.findall(r'type="hidden" name="(once|terms|shown|promised|acting)" value="([^"]*)"', text))
        more = {
            "name": "Nina",
            "street": "",
            "postal_code": "",
            "city": "Köln",
            "country": "DE",
            "payment_method": "card",
        }
        status, text, _ = await guest.post("/checkout", {**fields, **more})
    assert status == 422
    assert re.findall(r'<(?:input|select|textarea) id="([a-z_]+)"[^>]*autofocus', text) == ["street"]
