"""Whoever comes to buy, to work or once more reads why they sign in, and writes nothing twice. ORD-1"""

import re
import secrets

import pytest
from journeys.mailbox import Mailbox
from journeys.suite import Suite
from playwright.async_api import expect

from .browser import DESK, PHONE, Browser, Person
from .conftest import PASSWORD, Storefront
from .test_account import customer_of
from .test_buying import WORDS, choose
from .test_desk import address

TEXTS = {
    "de": {
        "why": "weiter zur Kasse",
        "blank": "Bitte ausfüllen.",
        "long": "höchstens 120",
        "code": "Dieser Code hat 8 Zeichen, etwa 7K4M-PX3D.",
        "wrong": "Adresse vertippt?",
        "correct": "Adresse berichtigen",
        "again": "Zu Ihrer Sicherheit",
        "unknown": "gibt es hier nicht",
        "other": "Anderen Mandanten angeben",
        "forgotten": "Passwort vergessen?",
        "invitation": "neue Einladung",
        "sign_in": "Anmelden",
    },
    "en": {
        "why": "continue to the checkout",
        "blank": "Please fill this in.",
        "long": "at most 120",
        "code": "This code has 8 characters, for example 7K4M-PX3D.",
        "wrong": "Is the address wrong?",
        "correct": "Correct the address",
        "again": "For your security",
        "unknown": "There is no tenant called",
        "other": "Choose another tenant",
        "forgotten": "Forgot your password?",
        "invitation": "a new invitation",
        "sign_in": "Sign in",
    },
}
WINDOWS = pytest.mark.parametrize(
    ("width", "language", "scripts", "dark"),
    [
        (PHONE, "de", True, False),
        pytest.param(DESK, "en", True, True, marks=pytest.mark.torture),
        (PHONE, "en", False, False),
        pytest.param(DESK, "de", False, False, marks=pytest.mark.torture),
    ],
)


async def focused(person: Person) -> str:
    return await person.page.evaluate("document.activeElement.id") if person.looks else ""


async def sent(person: Person, button: str) -> None:
    async with person.page.expect_navigation():
        await person.page.click(button)
    await person.look()


@WINDOWS
async def test_from_the_cart_to_an_account_and_back_to_the_checkout(
    front: Storefront, chromium: Browser, width: int, language: str, scripts: bool, dark: bool
):
    words = TEXTS[language]
    async with chromium.person(
        f"arriving-{width}-{language}-{scripts}", width=width, language=language, scripts=scripts, dark=dark
    ) as person:
        page = person.page
        await choose(person, front, WORDS[language])
        assert words["why"] in await person.text()
        email = f"typo{secrets.token_hex(4)}@example.org"
        await person.write(email=email, password="whatever")
        await person.press(WORDS[language]["register"])
        assert words["why"] in await person.text()
        assert (await page.input_value("#email"), await page.input_value("#password")) == (email, "")
        assert "example.org" not in page.url
        await person.press(words["sign_in"])
        assert await page.input_value("#email") == email
        await person.press(WORDS[language]["register"])

        await person.write(name=" ", email="", password="")
        await sent(person, "#register button.wide")
        faults = await page.locator(".fault").all_inner_texts()
        assert (len(faults), faults[:2]) == (3, [words["blank"]] * 2)
        assert await focused(person) in ("name", "")
        await person.write(name="n" * 121, email=email, password=PASSWORD)
        await sent(person, "#register button.wide")
        (fault,) = await page.locator(".fault").all_inner_texts()
        assert words["long"] in fault
        await person.write(name="Nina Neu", password=PASSWORD)
        await sent(person, "#register button.wide")
        await page.wait_for_url(re.compile("/confirm"))

        await person.write(code="7K")
        await sent(person, "main form button")
        assert words["code"] in await person.text()
        await page.click(f"summary:has-text('{words['wrong']}')")
        meant = f"meant.{email}"
        await person.write(email=meant, password="not this one")
        await person.press(words["correct"])
        assert await focused(person) in ("password", "")
        await person.write(password=PASSWORD)
        await person.press(words["correct"])
        assert meant in await person.text()
        await person.write(code=await Mailbox(front.shop.suite, meant).code())
        await sent(person, "main form button")
        assert page.url.endswith("/checkout")


async def test_a_password_can_be_looked_at_where_there_are_scripts(front: Storefront, chromium: Browser):
    async with chromium.person("shows", width=PHONE) as person:
        await person.open(f"{front.address}/sign-in")
        await person.write(email="nina@example.org", password=PASSWORD)
        field = person.page.locator("#password")
        await person.page.get_by_label("Passwort zeigen").check()
        await expect(field).to_have_attribute("type", "text")
        await person.look()
        await person.page.get_by_label("Passwort zeigen").uncheck()
        await expect(field).to_have_attribute("type", "password")
    async with chromium.person("shows-not", width=PHONE, scripts=False) as person:
        await person.open(f"{front.address}/sign-in")
        assert await person.page.get_by_label("Passwort zeigen").count() == 0


@WINDOWS
async def test_who_signs_in_once_more_reads_why_and_writes_the_password_alone(
    front: Storefront, chromium: Browser, width: int, language: str, scripts: bool, dark: bool
):
    words, customer = TEXTS[language], await customer_of(front)
    async with chromium.person(
        f"again-{width}-{language}-{scripts}", width=width, language=language, scripts=scripts, dark=dark
    ) as person:
        await person.open(f"{front.address}/sign-in")
        await person.write(email=customer.email, password=customer.password)
        await sent(person, "#sign-in button.wide")
        await person.open(f"{front.address}/sign-in?prompt=login&after=/account/privacy")
        assert words["again"] in await person.text()
        assert await person.page.input_value("#email") == customer.email
        assert await person.page.get_by_text(WORDS[language]["register"]).count() == 0
        assert customer.email.partition("@")[0] not in person.page.url
        assert await focused(person) in ("password", "")
        await person.write(password=customer.password)
        await sent(person, "#sign-in button.wide")
        assert person.page.url.endswith("/account/privacy")


@WINDOWS
async def test_staff_sees_for_which_tenant_they_sign_in_and_that_another_is_none(
    running: Suite, front: Storefront, chromium: Browser, width: int, language: str, scripts: bool, dark: bool
):
    words = TEXTS[language]
    async with chromium.person(
        f"tenant-{width}-{language}-{scripts}", width=width, language=language, scripts=scripts, dark=dark
    ) as person:
        await person.open(address(running))
        await person.write(tenant="kontr")
        await sent(person, "main form button")
        assert words["unknown"] in await person.text()
        await person.press(words["other"])
        await person.write(tenant=front.shop.tenant)
        await sent(person, "main form button")
        assert front.shop.tenant in await person.text()
        await person.press(words["forgotten"])
        assert words["invitation"] in await person.text()
