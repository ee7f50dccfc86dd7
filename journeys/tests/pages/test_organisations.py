"""Several people buy for an organisation in the pages, and nobody else sees what they do. ORD-14 PLT-1"""

import asyncio
import re

import pytest
from journeys.customer import Customer
from journeys.mailbox import Mailbox
from playwright.async_api import expect

from .browser import DESK, PHONE, Browser, Person
from .conftest import PASSWORD, Storefront
from .signing_in import sign_in as sign_in_without_browser
from .test_account import customer_of, send, sign_in
from .test_buying import WORDS as BUYING
from .test_buying import choose, fill_in
from .visitor import visitor

WORDS = {
    "de": {
        "open": "Anlegen",
        "invite": "Einladen",
        "look": "Einladung ansehen",
        "accept": "Annehmen",
        "act": "In diesem Namen bestellen Muster & Söhne",
        "me": "Wieder für mich selbst",
        "buyer": "Einkäufer",
    },
    "en": {
        "open": "Open",
        "invite": "Invite",
        "look": "Show the invitation",
        "accept": "Accept",
        "act": "Order on its behalf Muster & Söhne",
        "me": "For myself again",
        "buyer": "Buyer",
    },
}


async def found(person: Person, front: Storefront, words: dict[str, str], *, name: str = "Muster & Söhne") -> str:
    """Open an organisation in the pages; return the address of its page."""
    await person.open(f"{front.address}/account/organisation")
    await person.write(name=name, vat_id="DE123456789")
    await person.press(words["open"])
    return person.page.url.partition("?")[0]


async def invite(person: Person, guest: Customer, role: str, words: dict[str, str]) -> str:
    """Invite somebody from the page of an organisation; return the code of the letter."""
    before = len(await Mailbox(guest.suite, guest.email).mails())
    await person.write(email=guest.email)
    await person.page.select_option("select#role", role)
    await person.press(words["invite"])
    return (await Mailbox(guest.suite, guest.email).wait(before + 1))[-1].code


async def accept(person: Person, front: Storefront, code: str, words: dict[str, str]) -> None:
    """Enter the code of the letter, look at what it is for, and accept."""
    await person.open(f"{front.address}/account/organisation")
    await person.write(code=code)
    await person.press(words["look"])
    await person.press(words["accept"])


@pytest.mark.parametrize(("width", "language"), [(PHONE, "de"), pytest.param(DESK, "en", marks=pytest.mark.torture)])
async def test_members_buy_for_an_organisation_and_an_auditor_sees_it(
    front: Storefront, chromium: Browser, width: int, language: str
):
    words = WORDS[language]
    owner, auditor = await customer_of(front, "Olga Obermann"), await customer_of(front, "Anton Prüfmann")
    async with (
        chromium.person(f"owner-{width}", width=width, language=language) as one,
        chromium.person(f"auditor-{width}", width=width, language=language) as other,
    ):
        await sign_in(one, front, owner)
        place = await found(one, front, words)
        code = await invite(one, auditor, "auditor", words)
        await sign_in(other, front, auditor)
        await accept(other, front, code, words)
        assert owner.email not in await other.text()  # but for owners
        assert "Olga Obermann" in await other.text()

        await one.press(words["act"])
        assert "Muster & Söhne" in await one.page.inner_text(".acting")
        await choose(one, front, BUYING[language])
        assert "DE123456789" in await one.text()
        await fill_in(one, "transfer")
        await one.press(BUYING[language]["order"])
        await one.page.wait_for_url(re.compile("/orders/"))
        order = one.page.url.rpartition("/")[2].partition("?")[0]
        number = (await owner.order_view(order))["number"]
        assert (await owner.order_view(order))["organisation"] == place.rpartition("/")[2]

        await other.open(f"{front.address}/account/orders")
        assert number not in await other.text()  # they act for themself
        await other.open(place)
        await other.press(words["act"])
        await other.open(f"{front.address}/account/orders")
        row = other.page.get_by_role("link", name=number)
        assert "Olga Obermann" in await row.inner_text()
        await other.open(f"{front.address}/orders/{order}")
        await expect(other.page.locator("form[action$='/payment'], form[action$='/cancellation']")).to_have_count(0)
        await choose(other, front, BUYING[language])
        await expect(other.page.get_by_role("button", name=BUYING[language]["order"])).to_have_count(0)
        await other.open(f"{front.address}/account")
        await other.press(words["me"])
        await expect(other.page.locator(".acting")).to_have_count(0)

        await one.open(place)
        removal = one.page.locator("form[action$='/removal']").filter(has_text="Anton Prüfmann")
        async with one.page.expect_navigation():
            await removal.locator("button").click()
        await one.look()
        assert "Anton Prüfmann" not in await one.text()
        await other.page.goto(place)
        assert "Muster & Söhne" not in await other.text()


async def test_changing_members_asks_who_one_is_and_one_goes_on_acting(front: Storefront, chromium: Browser):
    words = WORDS["de"]
    owner, guest = await customer_of(front, "Olga Obermann"), await customer_of(front, "Emil Einkauf")
    async with chromium.person("once-more-organisation", width=PHONE) as one:
        await sign_in(one, front, owner)
        place = await found(one, front, words)
        await one.press(words["act"])
        await asyncio.to_thread(front.shop.suite.stack.shift_clock, 301)
        # the form was shown before; what it asks for comes too late
        await one.write(email=guest.email)
        await one.press(words["invite"])
        assert "/authorize/sign-in" in one.page.url
        await one.write(email=owner.email, password=PASSWORD)
        await send(one)
        assert one.page.url == f"{place}?done=signed-in-again"
        assert "Muster & Söhne" in await one.page.inner_text(".acting")
        await one.write(email=guest.email)
        await one.press(words["invite"])
        assert one.page.url.endswith("?done=organisation-invited")
        await asyncio.to_thread(front.shop.suite.stack.shift_clock, 301)
        await one.open(place)
        await expect(one.page.locator("form[action*='/members/'], form[action$='/invitations']")).to_have_count(0)
        await expect(one.page.get_by_role("link", name="Noch einmal anmelden")).to_have_count(1)


async def test_the_last_owner_is_told_why_they_cannot_leave(front: Storefront, chromium: Browser):
    owner = await customer_of(front)
    async with chromium.person("last-owner") as person:
        await sign_in(person, front, owner)
        await found(person, front, WORDS["de"])
        await person.press("Organisation verlassen")
        assert "Einen Inhaber muss es immer geben" in await person.text()
        await person.page.locator("details summary").click()
        await person.page.check("input[name=sure]")
        await person.press("Auflösen")
        assert "Die Organisation gibt es nicht mehr" in await person.text()


async def test_a_page_of_before_orders_for_nobody_else(front: Storefront, chromium: Browser):
    owner = await customer_of(front)
    async with chromium.person() as person:
        await sign_in(person, front, owner)
        place = await found(person, front, WORDS["de"])
        await choose(person, front, BUYING["de"])
        await fill_in(person, "transfer")
        other = await person.page.context.new_page()
        await other.goto(place)
        async with other.expect_navigation():
            await other.get_by_role("button", name=WORDS["de"]["act"]).click()
        async with person.page.expect_navigation():
            await person.page.get_by_role("button", name=BUYING["de"]["order"]).click()
        assert "Inzwischen kaufen Sie für jemand anderen ein" in await person.text()
        assert (await owner.suite.call("orders", "GET", "/orders", token=owner.token))["items"] == []


async def test_an_order_is_for_nobody_else_than_is_chosen(front: Storefront, chromium: Browser):
    owner = await customer_of(front)
    async with chromium.person("whom", width=PHONE) as person:
        await sign_in(person, front, owner)
        place = await found(person, front, WORDS["de"])
        await choose(person, front, BUYING["de"])
        await fill_in(person, "transfer")
        organisation = place.rpartition("/")[2]
        await person.page.select_option("#whom", organisation)
        await person.press(BUYING["de"]["order"])
        assert "Drücken Sie dort „Wechseln“" in await person.text()
        await expect(person.page.locator("#whom")).to_have_value(organisation)
        assert (await owner.suite.call("orders", "GET", "/orders", token=owner.token))["items"] == []
        await person.press("Wechseln")
        assert person.page.url.endswith("/checkout")
        await person.look()
        await fill_in(person, "transfer")
        await person.press(BUYING["de"]["order"])
        order = person.page.url.rpartition("/")[2]
        assert (await owner.order_view(order))["organisation"] == organisation


async def test_forms_of_others_change_nothing(front: Storefront):
    owner, neighbour = await customer_of(front), await customer_of(front, "Otto Anders")
    named = {"name": "Muster", "vat_id": None}
    made = await owner.suite.call("accounts", "POST", "/organisations", token=owner.token, json=named)
    organisation: str = made["organisation"]
    place = f"/account/organisation/{organisation}"
    async with visitor(front.address) as guest:
        assert await sign_in_without_browser(guest, neighbour.email, neighbour.password) == 303
        assert (await guest.get("/account/organisation"))[0] == 200
        once = {"once": organisation}
        for path, fields in (
            (place, {"name": "Anders"}),
            (f"{place}/invitations", {"email": "friend@example.org", "role": "owner", **once}),
            (f"{place}/members/{owner.id}", {"role": "buyer"}),
            (f"{place}/members/{owner.id}/removal", {}),
            (f"{place}/ending", {"sure": "yes"}),
            ("/account/organisation/acting", {"organisation": organisation}),
        ):
            assert (await guest.post(path, fields))[0] == 404, path
            assert (await guest.post(path, {**fields, "token": "0" * 64}))[0] == 403, path
        status, _, headers = await guest.post("/account/organisation/acting", {"after": "//elsewhere.example/"})
        assert (status, headers["Location"]) == (303, "/")


async def test_pages_of_refusals_show_for_whom_one_acts(front: Storefront):
    owner, neighbour = await customer_of(front), await customer_of(front, "Otto Anders")
    named = {"name": "Muster & Söhne", "vat_id": None}
    made = await owner.suite.call("accounts", "POST", "/organisations", token=owner.token, json=named)
    refused = ("/nowhere", "/account/nowhere", "/products/none", f"/orders/{owner.id}", f"/products/{owner.id}")
    async with visitor(front.address) as one, visitor(front.address) as other:
        for guest, customer in ((one, owner), (other, neighbour)):
            assert await sign_in_without_browser(guest, customer.email, customer.password) == 303
            assert (await guest.get("/account/organisation"))[0] == 200
        acting = "/account/organisation/acting"
        assert (await one.post(acting, {"organisation": made["organisation"], "after": "/account"}))[0] == 303
        answers = {path: await one.get(path) for path in refused}
        answers["form"] = await one.post(acting, {"token": "0" * 64})
        for path, (status, text, _) in answers.items():
            assert 400 <= status < 500, path
            assert 'class="acting"' in text, path
            assert "Muster &amp; Söhne" in text, path
        status, text, _ = await other.get("/nowhere")
        assert (status, 'class="acting"' in text) == (404, False)
        assert (await one.post(acting, {"organisation": "", "after": "/account"}))[0] == 303
        assert 'class="acting"' not in (await one.get("/nowhere"))[1]
