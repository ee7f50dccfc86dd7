"""Consumers withdraw in the pages in two steps, signed in or not (BGB 356a). ORD-8."""

import re
import secrets

from journeys.mailbox import Mailbox
from playwright.async_api import expect

from .browser import DESK, PHONE, Browser
from .conftest import Storefront
from .test_buying import WORDS, choose

GO, CONFIRM = "Vertrag widerrufen", "Widerruf bestätigen"


async def test_ORD_8_a_customer_withdraws_from_an_order_in_two_steps(front: Storefront, chromium: Browser):
    words = WORDS["de"]
    async with chromium.person("withdrawing", width=PHONE) as person:
        await choose(person, front, words)
        mailbox = await front.arrive(person, "/register?after=/checkout")
        await person.write(street="Weg 1", postal_code="20457", city="Hamburg")
        await person.page.check("input[value=transfer]")
        # one statement alone is asked about before the order binds
        await person.page.check("input[name=immediate_delivery]")
        await person.press(words["order"])
        assert "beide Erklärungen ab oder keine" in await person.text()
        await person.page.uncheck("input[name=immediate_delivery]")
        await person.page.click("summary:has-text('Ich kaufe für ein Unternehmen')")
        await person.write(company="Muster GmbH")
        await person.press(words["order"])
        assert "Wählen Sie „Unternehmen“, oder leeren Sie" in await person.text()
        await person.write(company="")
        await person.press(words["order"])
        await person.page.wait_for_url(re.compile("/orders/"))
        await expect(person.page.get_by_text("Ohne diese Erklärungen liefern wir ab")).to_be_visible()
        await person.look()
        await person.page.locator("main").get_by_role("link", name=GO).click()
        await person.look()
        await person.page.locator("main").get_by_role("button", name=GO).click()
        await person.look()
        assert "Hiermit widerrufe ich" in await person.text()
        await person.press(CONFIRM)
        await expect(person.page.get_by_text("angenommen")).to_be_visible()
        await person.look()
        assert "storniert" in await person.text()
        await person.open(f"{person.page.url}/withdrawal")
        assert "Es gibt nichts mehr zu widerrufen" in await person.text()
        letters = await mailbox.wait(3)
        (receipt,) = [one for one in letters if "Eingang Ihres Widerrufs" in one.subject]
        assert "Hiermit widerrufe ich" in receipt.text


async def test_ORD_8_nobody_need_sign_in_and_strangers_learn_nothing(front: Storefront, chromium: Browser):
    async with chromium.person("withdrawing-unknown", width=DESK) as person:
        await person.open(front.address)
        await person.page.get_by_role("contentinfo").get_by_role("link", name=GO).click()
        address = f"w{secrets.token_hex(6)}@example.org"
        await person.write(name="Erika Musterfrau", number="K-2026-999999", email=address)
        await person.page.locator("main").get_by_role("button", name=GO).click()
        await person.look()
        await person.press(CONFIRM)
        await person.look()
        assert "Ihr Widerruf ist bei uns eingegangen" in await person.text()
        (receipt,) = await Mailbox(front.shop.suite, address).wait(1)
        assert "K-2026-999999" in receipt.text
        assert "passen zu keiner Bestellung" in " ".join(receipt.text.split())
