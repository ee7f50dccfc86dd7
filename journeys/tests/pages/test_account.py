"""The account of a customer: what they bought, how they sign in, what becomes of their data."""

import asyncio
import base64
import hashlib
import hmac
import re
import secrets
import time
from pathlib import Path

import pytest
from journeys.customer import Customer
from journeys.mailbox import Mailbox
from journeys.shops import GENERATED
from journeys.suite import until
from playwright.async_api import expect

from .browser import DESK, PHONE, Browser, Person
from .conftest import PASSWORD, Storefront
from .test_buying import WORDS, choose

AREAS = ("", "/orders", "/downloads", "/keys", "/points", "/messages", "/organisation", "/privacy", "/security")
# a form as a page of the shop sends it, and the status of the answer
POST = """async ([path, token]) => (await fetch(path, {method: "POST", body: new URLSearchParams({token})})).status"""
KEY = re.compile(r"\b[A-Z0-9]+(?:-[A-Z0-9]{6}){4}\b")


async def customer_of(front: Storefront, name: str = "Nina Neu") -> Customer:
    """Somebody with an account, who has not looked at a page yet."""
    email = f"p{secrets.token_hex(4)}@example.org"
    return await Customer(front.shop.suite, front.shop.tenant, name, email, password=PASSWORD).arrive()


async def bought(front: Storefront) -> tuple[Customer, str]:
    """A customer to whom an order was delivered, and the order."""
    customer = await customer_of(front)
    order: str = (await customer.order({GENERATED: 1}))["order"]
    await customer.pay_by_card(order)
    await customer.wait_for_state(order, "delivered")
    return customer, order


async def letter_of(front: Storefront, customer: Customer) -> str:
    """The letter with what was bought, once it has arrived."""
    mailbox = Mailbox(front.shop.suite, customer.email)

    async def arrived() -> str:
        return next((mail.text for mail in await mailbox.mails() if mail.links), "")

    return await until(arrived, "the letter with the link")


async def sign_in(person: Person, front: Storefront, customer: Customer, path: str = "/account") -> None:
    """Sign in, and go to a page of the account."""
    await person.open(f"{front.address}/sign-in?after={path}")
    await person.write(email=customer.email, password=customer.password)
    await send(person)


async def send(person: Person, form: str = "main form") -> None:
    """Send a form, and look at the page that follows."""
    async with person.page.expect_navigation():
        await person.page.locator(form).first.locator("button:not([data-copy])").first.click()
    await person.look()


def app_code(secret: str) -> str:
    """Return the code that an authenticator app shows now (RFC 6238)."""
    mac = hmac.new(base64.b32decode(secret), (int(time.time()) // 30).to_bytes(8, "big"), hashlib.sha1).digest()
    place = mac[-1] & 15
    return f"{(int.from_bytes(mac[place : place + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"


@pytest.mark.parametrize(
    ("width", "language", "scripts"),
    [(PHONE, "de", True), pytest.param(DESK, "en", True, marks=pytest.mark.torture), (DESK, "de", False)],
)
async def test_a_customer_finds_what_was_bought(
    front: Storefront, chromium: Browser, width: int, language: str, scripts: bool
):  # M25
    customer, order = await bought(front)
    letter = await letter_of(front, customer)
    async with chromium.person(
        f"account-{width}-{language}", width=width, language=language, scripts=scripts
    ) as person:
        await sign_in(person, front, customer)
        for area in AREAS:
            await person.open(f"{front.address}/account{area}")
            assert await person.page.locator("h1").count() == 1
        await person.open(f"{front.address}/account/keys")
        await send(person, "form[action^='/account/keys/']")
        shown = KEY.search(await person.text())
        assert shown is not None
        assert shown[0] in letter
        await person.open(f"{front.address}/account/downloads")
        async with person.page.expect_download() as fetched:
            await person.page.locator("form[action^='/account/downloads/'] button").click()
        path = await (await fetched.value).path()
        assert hashlib.sha256(path.read_bytes()).hexdigest() == front.shop.hashes[GENERATED]
        # read again, the page leads to the same download, which counts once
        async with person.page.expect_download():
            await person.page.goto(f"{front.address}/account/downloads/started", wait_until="commit")
        (grant,) = (await customer.suite.call("delivery", "GET", "/me/grants", token=customer.token))["items"]
        assert grant["files"][0]["used"] == 1
        await person.open(f"{front.address}/orders/{order}")
        await expect(person.page.locator("form[action^='/account/downloads/'] button")).to_be_visible()
        assert customer.mailbox.address in await person.text()


async def test_a_customer_frees_a_device(front: Storefront, chromium: Browser):  # LIC-5
    customer, order = await bought(front)
    (key,) = (await customer.suite.call("licensing", "GET", f"/orders/{order}/licenses", token=customer.token))["items"]
    own = f"/orders/{order}/licenses/{key['license']}"
    opened = await customer.suite.call("licensing", "POST", f"{own}/opening", token=customer.token)
    asked = {"license_key": opened["license_key"], "tenant": front.shop.tenant, "device": secrets.token_hex(8)}
    assert (await customer.suite.call("licensing", "POST", "/activations", json={**asked, "name": "<b>Notebook</b>"}))[
        "activated"
    ]
    async with chromium.person("devices", width=360) as person:
        await sign_in(person, front, customer, "/account/keys")
        await person.look()
        await person.page.get_by_role("link", name="Aktive Geräte: 1").click()
        assert "<b>Notebook</b>" in await person.text()
        await person.look()
        await person.press("Freigeben <b>Notebook</b>")
        assert "Das Gerät ist frei." in await person.text()
        await person.look()
    assert (await customer.suite.call("licensing", "POST", "/validate", json=asked))["code"] == "not_activated"


async def test_nobody_sees_what_is_anothers(front: Storefront, chromium: Browser):  # M25
    customer, order = await bought(front)
    keys = await customer.suite.call("licensing", "GET", f"/orders/{order}/licenses", token=customer.token)
    grants = await customer.suite.call("delivery", "GET", "/me/grants", token=customer.token)
    (grant,) = grants["items"]
    other = await customer_of(front, "Otto Anders")
    async with chromium.person() as person:
        await sign_in(person, front, other)
        token = await person.page.locator("input[name=token]").first.input_value()
        for path in (
            f"/account/keys/{order}/{keys['items'][0]['license']}",
            f"/account/keys/{order}/{keys['items'][0]['license']}/devices/{order}/freeing",
            f"/account/downloads/{grant['grant']}/files/{grant['files'][0]['file']}",
        ):
            assert await person.page.evaluate(POST, [path, token]) == 404
            assert await person.page.evaluate(POST, [path, "0" * 64]) == 403


async def test_a_password_is_changed_and_other_devices_are_signed_out(front: Storefront, chromium: Browser):  # ORD-1
    customer = await customer_of(front)
    async with chromium.person() as person, chromium.person() as elsewhere:
        await sign_in(elsewhere, front, customer)
        await sign_in(person, front, customer, "/account/security/password")
        assert "/authorize/password" in person.page.url  # no password passes the shop
        await person.write(email=customer.email, current="something else", new="wander unter hohen buchen")
        await send(person)
        assert "stimmen nicht" in await person.text()
        await person.write(current=PASSWORD, new="wander unter hohen buchen")
        await send(person)
        assert person.page.url.endswith("/account/security?done=password-changed")
        sessions = await person.page.locator("form[action$='/end']").count()
        assert sessions == 1  # of the form for all; nobody is signed in elsewhere
        await elsewhere.open(f"{front.address}/account/security")


async def test_an_address_is_changed_by_the_codes_of_two_letters(front: Storefront, chromium: Browser):  # ORD-1
    customer, new = await customer_of(front), f"n{secrets.token_hex(4)}@example.org"
    async with chromium.person(width=PHONE) as person:
        await sign_in(person, front, customer, "/account/security/email")
        await person.write(email=new)
        await send(person)
        (mail,) = await Mailbox(front.shop.suite, new).wait(1)
        await person.write(code="000000")
        await send(person)
        await expect(person.page.locator(".fault")).to_be_visible()
        await person.write(code=mail.code)
        await send(person)
        await expect(person.page.locator(".badge").first).to_have_text("bestätigt")
        await person.open(f"{front.address}/account/security")
        await person.press("Ansehen")
        (former,) = await customer.mailbox.wait(1)
        await person.write(code=former.code)
        await send(person)
        assert new in await person.text()


async def test_who_did_not_ask_for_another_address_objects_to_it(front: Storefront, chromium: Browser):  # ORD-1
    customer, new = await customer_of(front), f"n{secrets.token_hex(4)}@example.org"
    async with chromium.person("objection", width=PHONE) as thief, chromium.person("objecting", width=PHONE) as owner:
        await sign_in(thief, front, customer, "/account/security/email")
        await thief.write(email=new)
        await send(thief)
        (former,) = await customer.mailbox.wait(1)
        await owner.open(f"{front.address}/objection")
        await owner.write(code="ABCDE-ABCDE-ABCDE-ABCDE")
        await owner.press("Widersprechen")
        await expect(owner.page.locator(".fault")).to_be_visible()
        await owner.write(code=former.code)
        await owner.press("Widersprechen")
        assert "bleibt, wie sie ist" in await owner.text()
        assert "/forgotten" in await owner.page.content()


async def test_a_second_factor_is_set_up_used_and_removed(front: Storefront, chromium: Browser):  # ORD-1
    customer = await customer_of(front)
    async with chromium.person("factor") as person:
        await sign_in(person, front, customer, "/account/security/factor")
        await send(person)
        await person.page.locator("summary").click()
        secret = await person.page.locator("details code").inner_text()
        await person.write(code="000000")
        await send(person)
        await expect(person.page.locator("#code-more")).to_be_visible()
        await person.write(code=app_code(secret))
        await send(person)
        codes = await person.page.locator(".codes code").all_inner_texts()
        assert len(codes) == 10
        async with person.page.expect_download() as loading:
            await person.page.get_by_role("button", name="Als Datei laden").click()
        file = await loading.value
        assert file.suggested_filename == "recovery-codes.txt"
        text = await asyncio.to_thread(Path(await file.path()).read_text, "utf-8")
        assert [one for one in text.splitlines() if one in codes] == codes
        await person.open(f"{front.address}/account")
        await person.press("Abmelden")
        await sign_in(person, front, customer, "/account/security/factor")
        # the password was right: the code alone is asked for
        assert await person.page.locator("input[name=password]").count() == 0
        await person.write(code=codes[0])
        await send(person)
        await person.press("Zweiten Faktor entfernen")
        assert "/authorize/sign-in" in person.page.url  # all sessions have ended
        await person.write(email=customer.email, password=PASSWORD)
        await send(person)
        assert person.page.url.endswith("/account/security?done=factor-removed")


async def test_a_seller_is_written_to_by_an_address_of_the_conversation(front: Storefront, chromium: Browser):  # MAIL-2
    customer, order = await bought(front)
    async with chromium.person("messages") as person:
        await sign_in(person, front, customer)

        async def opened() -> bool:
            await person.page.goto(f"{front.address}/account/messages/orders/{order}")
            return "/orders/" not in person.page.url and not person.page.url.endswith("/messages")

        await until(opened, "the conversation about the order")
        await person.look()
        claiming = person.page.locator("summary:has-text('Klärung verlangen')")
        assert await claiming.count() == 0  # before anything was written to the seller
        await person.page.get_by_text("Lieber per E-Mail").click()
        mailto = await person.page.locator("a[href^='mailto:']").first.get_attribute("href")
        assert mailto is not None
        assert "@" in mailto
        await person.write(message="Überweisen Sie mir das an IBAN DE89 3704 0044 0532 0130 00.")
        await person.press("Absenden")
        assert person.page.url.endswith("?done=held")
        await person.write(subject="Frage", message="Läuft es auch auf ARM?")
        await person.press("Absenden")
        assert person.page.url.endswith("?done=written")
        assert await claiming.count() == 1
        await person.look()
        await person.press("Schließen")
        await person.press("Wieder öffnen")
        await person.press("Nur noch Wichtiges bekommen")
        assert person.page.url.endswith("?done=opt-out")
        assert await person.page.get_by_text("Ausgeschaltet. Sie bekommen nur").count() == 1
        await person.press("Wieder alle bekommen")
        assert await person.page.get_by_text("Eingeschaltet. Sie bekommen alle").count() == 1


async def test_whoever_leaves_after_the_order_reads_so_before_and_after_it(front: Storefront, chromium: Browser):  # M26
    who = ("Lena Los", f"l{secrets.token_hex(4)}@example.org")
    customer = Customer(front.shop.suite, front.shop.tenant, *who, password=PASSWORD, keep_data=False)
    order: str = (await (await customer.arrive()).order({GENERATED: 1}))["order"]
    async with chromium.person("leaving") as person:
        await sign_in(person, front, customer, f"/orders/{order}")
        assert "gibt es Ihr Konto nicht mehr" in await person.text()
        await choose(person, front, WORDS["de"])
        assert person.page.url.endswith("/checkout")
        assert "gibt es Ihr Konto nicht mehr" in await person.text()


async def test_an_account_is_deleted_after_it_was_asked_twice(front: Storefront, chromium: Browser):  # ORD-2
    customer = await customer_of(front)
    async with chromium.person("deletion", width=PHONE) as person:
        await sign_in(person, front, customer, "/account/privacy")
        await person.page.check("input[value=delete]")
        await send(person)
        # nothing is chosen yet: what is gone then is shown first
        assert person.page.url.endswith("/account/privacy/deletion")
        await person.page.check("input[name=sure]")
        await send(person)
        assert person.page.url.endswith("/account/deleted")
        await person.open(f"{front.address}/account")
        assert "/sign-in" in person.page.url
        await sign_in(person, front, customer)
        assert "/sign-in" in person.page.url
