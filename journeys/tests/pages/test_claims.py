"""A customer opens a claim on a page, sees above the form how it stands, and withdraws it (MAIL-8)."""

import pytest
from journeys.shops import GENERATED, KEYLESS
from journeys.suite import until

from .browser import DESK, PHONE, Browser
from .conftest import Storefront
from .test_account import customer_of, sign_in

TERMS = {"contact": 0, "statement": 72, "appeal": 120, "answer": 24, "weekends_count": True}
WORDS = {
    "de": ("Klärung verlangen", "Ihre Klärung", "beim Verkäufer", "Klärung zurücknehmen", "zurückgenommen"),
    "en": ("Open a claim", "Your claim", "with the seller", "Withdraw the claim", "withdrawn"),
}


@pytest.mark.parametrize(
    ("width", "language", "dark"), [(PHONE, "en", True), pytest.param(DESK, "de", False, marks=pytest.mark.torture)]
)
async def test_MAIL_8_a_claim_is_opened_and_withdrawn_on_a_page(
    front: Storefront, chromium: Browser, width: int, language: str, dark: bool
):
    suite = front.shop.suite
    await front.shop.seller.ask("mail-relay", "PUT", "/claim-terms", json=TERMS)
    customer = await customer_of(front)
    order: str = (await customer.order({GENERATED: 1, KEYLESS: 1}))["order"]
    await customer.pay_by_card(order)
    lines = (await customer.wait_for_state(order, "delivered"))["lines"]
    broken, fine = sorted(lines, key=lambda line: line["sku"] != GENERATED)

    async def opened() -> str:
        found = await suite.call("mail-relay", "GET", "/conversations", token=customer.token)
        return next((one["conversation"] for one in found["items"] if one["order"] == order), "")

    page = f"/account/messages/{await until(opened, 'the conversation')}"
    go, title, state, withdraw, withdrawn = WORDS[language]
    async with chromium.person(f"claim-{language}", width=width, language=language, dark=dark) as person:
        await sign_in(person, front, customer, page)
        # who has not written to the seller yet does that first
        assert await person.page.locator("form[action$='/claims']").count() == 0
        await person.write(message="It does not start.")
        await person.press("Send" if language == "en" else "Absenden")
        await person.page.locator("summary", has_text=go).click()
        await person.look()
        # nothing is chosen for anybody: what is left open is asked for, beside its field
        assert await person.page.input_value("#reason") == await person.page.input_value("#about") == ""
        await person.write(text="It does not start, and I have tried everything.")
        form = person.page.locator("form[action$='/claims']")
        await form.evaluate("form => { form.noValidate = true }")
        async with person.page.expect_navigation():
            await form.locator("button").click()
        await person.look()
        faults = await form.locator(".fault").all_inner_texts()
        assert faults == ["Please choose one." if language == "en" else "Bitte wählen Sie etwas aus."] * 2
        assert await person.page.evaluate("document.activeElement.id") == "about"
        await person.page.select_option("#about", broken["line"])
        await person.page.select_option("#reason", "does_not_run")
        async with person.page.expect_navigation():
            await person.page.locator("form[action$='/claims'] button").click()
        await person.look()
        headings = await person.page.locator("h2:not(.hidden)").all_inner_texts()
        assert headings.index(title) < headings.index("Answer" if language == "en" else "Antworten")
        assert state in (shown := await person.page.locator(".claim").inner_text())
        assert broken["name"] in shown
        assert fine["name"] not in shown
        found = await suite.call(
            "mail-relay", "GET", f"{page.replace('/account/messages', '/conversations')}/claims", token=customer.token
        )
        (claim,) = found["claims"]
        assert claim["reason"] == "does_not_run"
        assert claim["units"] == [unit["unit"] for unit in broken["units"]]
        assert await person.page.locator(".claim a[href^='mailto:']").count() == 1
        # and the page of the order says why its links are on hold
        await person.open(f"{front.address}/orders/{order}")
        await person.page.locator(f"a[href='/account/messages/orders/{order}']").first.click()
        await person.page.wait_for_url(f"{front.address}{page}")
        await person.press(withdraw)
        assert withdrawn in await person.page.locator(".claim").inner_text()
