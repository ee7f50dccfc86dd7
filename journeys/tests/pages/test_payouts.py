"""Money that staff sends back by hand, as its customer reads it: on its way until when, and back since when."""

import re
from typing import Any

import pytest
from journeys.shops import GENERATED
from journeys.statement import Credit
from journeys.suite import until

from .browser import DESK, PHONE, Browser
from .conftest import Storefront
from .test_account import customer_of, sign_in

WITHDRAWN = {
    "de": (
        "Erstattung folgt",
        "Wird überwiesen",
        r"bis spätestens .+ \(14 Tage, §.357.BGB\), auf das Konto, von dem",
        "Erstattet am",
    ),
    "en": (
        "Refund on its way",
        "Will be transferred",
        r"by .+ at the latest \(14 days, section 357 BGB\), to the account",
        "Refunded on",
    ),
}


@pytest.mark.parametrize(("language", "width"), [("de", PHONE), ("en", DESK)])
async def test_ORD_8_money_that_staff_must_still_transfer_is_not_called_refunded(
    front: Storefront, chromium: Browser, language: str, width: int
):
    customer = await customer_of(front)
    order: str = (await customer.order({GENERATED: 1}, method="transfer", consent=False))["order"]

    async def asked_for() -> Any:
        found = await front.shop.suite.call("payments", "GET", f"/orders/{order}/transfer", token=customer.token)
        return found if "iban" in found else None

    asked = await until(asked_for, "how to transfer")
    await front.shop.bookkeeper.import_statement(asked["iban"], Credit(asked["amount"], asked["reference"]))
    await customer.wait_for_state(order, "paid")
    badge, way, due, back = WITHDRAWN[language]
    async with chromium.person(f"withdrawn-{language}", width=width, language=language) as person:
        await sign_in(person, front, customer, f"/orders/{order}/withdrawal")
        await person.page.locator("main form button").first.click()
        await person.look()
        await person.page.locator("main form button").first.click()
        await customer.wait_for_state(order, "refunded")

        async def owed() -> Any:
            found = await front.shop.suite.call("payments", "GET", f"/orders/{order}/refunds", token=customer.token)
            return next((one for one in found["items"] if one["state"] == "payout"), None)

        refund = await until(owed, "the payout")
        await person.open(f"{front.address}/orders/{order}")
        text = await person.page.locator("main").inner_text()
        assert badge in text
        assert way in text
        assert re.search(due, text)
        assert back not in text
        done = f"/payouts/{refund['booking']}/done"
        await front.shop.bookkeeper.ask("payments", "POST", done, json={"reference": "PO-7"})
        await person.open(f"{front.address}/orders/{order}")
        text = await person.page.locator("main").inner_text()
        assert back in text
        assert badge not in text
        assert way not in text
