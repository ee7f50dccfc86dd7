"""What is shown only when somebody asks for it: opened by a link, and again with Back; recorded each time."""

import re

import pytest
from journeys.customer import Customer
from journeys.seller import Shop, Staff
from journeys.shops import KEYLESS
from journeys.suite import Suite, until
from journeys.trial.people import People
from journeys.trial.sale import buy

from .browser import DESK, PHONE, Browser
from .test_desk import address, hired, sign_in, sit_down
from .visitor import visitor

UNKNOWN = "01a22930-b59c-76d6-8364-6cc83dd69b65"
GONE = {"de": "Kunde gelöscht", "en": "Customer erased"}
READ = "GET /customers/{customer}/name"


async def delivered(people: People) -> tuple[Customer, str]:
    customer = await people.arrive()
    order = await buy(customer, {KEYLESS: 1})
    await customer.pay_by_card(order["order"])
    await customer.wait_for_state(order["order"], "delivered")
    return customer, f"/orders/{order['order']}"


async def readings(reviewer: Staff, customer: Customer) -> int:
    acts = await reviewer.ask("accounts", "GET", f"/audit?object={customer.id}")
    return sum(one["operation"] == READ for one in acts["items"])


@pytest.mark.parametrize(("width", "language"), [(PHONE, "de"), pytest.param(DESK, "en", marks=pytest.mark.torture)])
async def test_a_name_is_shown_by_a_link_and_back_asks_for_no_form(
    running: Suite, shop: Shop, people: People, chromium: Browser, width: int, language: str
):
    customer, here = await delivered(people)
    support, reviewer = await hired(shop, "support"), await hired(shop, "reviewer")
    async with chromium.person("desk-reading", width=width, language=language) as person:
        await sit_down(person, running, shop, support)
        await person.open(f"{address(running)}{here}")
        await person.page.get_by_role("link", name={"de": "Name zeigen", "en": "Show name"}[language]).click()
        await person.page.wait_for_url(re.compile(f"{here}/name$"))
        assert customer.name in await person.text()
        await person.look()
        await person.open(f"{address(running)}/orders")
        await person.page.go_back()
        assert customer.name in await person.text()
    assert await readings(reviewer, customer) == 2


async def test_no_page_of_another_site_makes_staff_read_a_name(running: Suite, shop: Shop, people: People):
    customer, here = await delivered(people)
    support, reviewer = await hired(shop, "support"), await hired(shop, "reviewer")
    async with visitor(address(running)) as guest:
        assert await sign_in(guest, shop.tenant, support.email, support.password) == 303
        status, text, headers = await guest.get(f"{here}/name", Sec_Fetch_Site="cross-site")
        assert (status, headers["Location"], customer.name in text) == (303, here, False)
        assert await readings(reviewer, customer) == 0
        status, text, headers = await guest.get(f"{here}/name", Sec_Fetch_Site="same-origin")
        assert (status, customer.name in text, "no-store" in headers["Cache-Control"]) == (200, True, True)


async def test_what_buyer_and_seller_wrote_is_read_for_a_purpose_that_no_address_has(
    running: Suite, shop: Shop, people: People
):
    _, here = await delivered(people)
    reviewer = await hired(shop, "reviewer")

    async def opened() -> object:
        found = await reviewer.ask("mail-relay", "GET", f"{here}/conversation", expect=(200, 404))
        return found.get("conversation")

    await until(opened, "the order's conversation")
    async with visitor(address(running)) as guest:
        assert await sign_in(guest, shop.tenant, reviewer.email, reviewer.password) == 303
        await guest.get(here)
        status, _, headers = await guest.post(f"{here}/messages", {"purpose": "Beschwerde von Nina"})
        place = headers["Location"]
        assert (status, place.startswith(f"{here}/messages?asked="), "Nina" in place) == (303, True, False)
        for _ in range(2):
            status, text, _ = await guest.get(place)
            assert (status, "Beschwerde von Nina" in text) == (200, True)


@pytest.mark.parametrize("language", ["de", "en"])
async def test_an_order_of_an_erased_customer_stays_and_names_nobody(
    running: Suite, shop: Shop, people: People, language: str
):
    customer, here = await delivered(people)
    support = await hired(shop, "support")
    await shop.suite.call(
        "accounts", "POST", "/me/deletion", token=customer.token, json={"password": customer.password}
    )

    async def erased() -> bool:
        answer = await shop.suite.call(
            "accounts", "GET", f"/customers/{customer.id}/name", token=support.token, expect=(200, 410)
        )
        return "name" not in answer

    await until(erased, "the customer to be erased", 90)
    async with visitor(address(running)) as guest:
        assert await sign_in(guest, shop.tenant, support.email, support.password) == 303
        status, text, _ = await guest.get(f"{here}/name", Accept_Language=language)
        assert (status, GONE[language] in text, KEYLESS in text) == (200, True, True)
        status, text, _ = await guest.get(f"/customers/{customer.id}/name", Accept_Language=language)
        assert (status, customer.name in text) == (200, False)


@pytest.mark.parametrize(
    ("language", "nothing", "no_order", "failed"),
    [
        ("de", "Hier ist nichts", "Diese Bestellung gibt es nicht", "Das hat nicht geklappt"),
        ("en", "There is nothing here", "no such order", "That did not work"),
    ],
)
async def test_what_there_is_not_is_not_called_a_failure(
    running: Suite, shop: Shop, language: str, nothing: str, no_order: str, failed: str
):
    member = await hired(shop, "sales", "support", "reviewer")
    async with visitor(address(running)) as guest:
        assert await sign_in(guest, shop.tenant, member.email, member.password) == 303
        texts: dict[str, str] = {}
        for path in (f"/orders/{UNKNOWN}", "/orders/nothing", f"/erasures/{UNKNOWN}", f"/claims/{UNKNOWN}"):
            status, texts[path], _ = await guest.get(path, Accept_Language=language)
            assert (status, failed in texts[path]) == (404, False), path
        assert no_order in texts[f"/orders/{UNKNOWN}"]
        assert nothing in texts["/orders/nothing"]
