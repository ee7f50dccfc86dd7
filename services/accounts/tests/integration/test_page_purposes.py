"""The pages name for what one signs in, and keep what one has written on the way from one to the other. ORD-1"""

import base64
import json
import re
from datetime import timedelta

import pytest

from .browser import Browser, shop_of
from .conftest import PASSWORD, House, Person

FAULT = re.compile(r'<p class="fault" id="([a-z]+)-more">([^<]*)</p>')
EMAIL = re.compile(r'<input id="email"[^>]* value="([^"]*)"')
REGISTERS = "/authorize/register?"


@pytest.fixture
async def browser(house: House, person: Person) -> Browser:
    return await shop_of(house, person.tenant)


async def page(browser: Browser, language: str = "de", **asked: str) -> tuple[str, str]:
    """Return the address of the page to which a request leads, and what it shows."""
    _, _, headers = await browser.authorize(ui_locales=language, **asked)
    status, text, _ = await browser.ask("GET", headers["Location"])
    assert status == 200
    return headers["Location"], text


async def hint_of(house: House, person: Person) -> str:
    status, answer = await house.ask("GET", "/me/sign-in-hint", token=(await house.sign_in(person))["access_token"])
    assert status == 200
    return answer["hint"]


def carried(text: str) -> str:
    found = EMAIL.search(text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(("language", "sentence"), [("de", "weiter zur Kasse"), ("en", "continue to the checkout")])
async def test_whoever_comes_from_the_cart_reads_why_and_may_open_an_account(
    browser: Browser, language: str, sentence: str
):
    place, text = await page(browser, language, purpose="checkout")
    assert (sentence in text, REGISTERS in text) == (True, True)
    assert place.startswith("/authorize/sign-in?")
    _, text = await page(browser, language, purpose="checkout", prompt="create")
    assert sentence in text
    for other in ("", "nonsense", "<script>"):
        assert sentence not in (await page(browser, language, purpose=other))[1]


async def test_an_address_goes_along_to_another_form_and_stands_in_no_address(person: Person, browser: Browser):
    place, text = await page(browser)
    actions = dict(re.findall(r'formaction="/authorize/([a-z-]+)\?(request=[^"]+)"', text))
    assert set(actions) == {"register", "forgotten"}
    fields = {"email": 'nina"><b>@example.org', "password": PASSWORD, "begin": "yes"}
    for other, request in actions.items():
        status, text, headers = await browser.send(f"/authorize/{other}?{request}", fields)
        assert (status, "Location" in headers, PASSWORD in text) == (200, False, False)
        assert carried(text) == "nina&#34;&gt;&lt;b&gt;@example.org"
        assert 'class="fault"' not in text
    status, text, _ = await browser.send(place, {"email": "nina@example.org", "password": "", "begin": "yes"})
    assert (status, carried(text), 'class="fault"' in text) == (200, "nina@example.org", False)
    # a card number is not shown again, here as elsewhere
    status, text, _ = await browser.send(place, {"email": "4242424242424242", "begin": "yes"})
    assert (status, carried(text)) == (200, "")
    assert (await browser.send(place, fields | {"token": "0" * 64}))[0] == 403


async def test_whoever_signs_in_once_more_reads_why_and_writes_the_password_alone(
    house: House, person: Person, browser: Browser
):
    hint = await hint_of(house, person)
    assert person.email.lower() not in hint.lower()
    for purpose, word in (("", "bevor es weitergeht"), ("privacy", "Ihre Daten"), ("security", "Passkeys")):
        place, text = await page(browser, prompt="login", login_hint=hint, purpose=purpose)
        assert "Zu Ihrer Sicherheit" in text
        assert word in text
        assert (carried(text).lower(), REGISTERS in text) == (person.email.lower(), False)
        assert "@" not in place
    _, text = await page(browser, "en", prompt="login", login_hint=hint)
    assert "For your security" in text
    sent = {"email": carried(text), "password": person.password}
    assert (await browser.send(place, sent))[0] == 303


async def test_a_hint_means_somebody_for_minutes_at_their_own_tenant_and_at_shops_alone(
    house: House, person: Person, browser: Browser
):
    hint = await hint_of(house, person)
    subject, until, proof = hint.split(".")
    other = await house.open_tenant()
    elsewhere = await shop_of(house, other)
    clerk = await house.clerk(person.tenant, "sales")
    forged = [
        *("", "x", "..", "a.b.c", "ä.ö.ü", person.email, str(person.id), f"{subject}.{until}", "9" * 300),
        f"{subject}.{int(until, 16) + 600:x}.{proof}",
        f"{'0' * 32}.{until}.{proof}",
        await hint_of(house, clerk),
    ]
    for one in forged:
        assert carried((await page(browser, prompt="login", login_hint=one))[1]) == ""
    assert carried((await page(elsewhere, prompt="login", login_hint=hint))[1]) == ""
    assert carried((await page(browser, prompt="login", login_hint=hint))[1]) != ""
    await house.shift(timedelta(minutes=10, seconds=1))
    assert carried((await page(browser, prompt="login", login_hint=hint))[1]) == ""
    assert (await house.ask("GET", "/me/sign-in-hint"))[0] == 401


@pytest.mark.parametrize(
    ("language", "blank", "long"), [("de", "Bitte ausfüllen.", "höchstens 120"), ("en", "Please fill", "at most 120")]
)
async def test_all_that_is_wrong_is_shown_at_once_and_the_first_of_it_has_the_focus(
    browser: Browser, language: str, blank: str, long: str
):
    _, text = await page(browser, language, prompt="create")
    _, _, headers = await browser.authorize(ui_locales=language, prompt="create")
    place = headers["Location"]
    assert "novalidate" in text
    fields = {"name": " ", "email": "", "password": "", "country": "DE", "keep": "keep"}
    faults = await _faults(browser, place, fields)
    assert list(faults) == ["name", "email", "password"]
    assert all(blank in one for one in (faults["name"], faults["email"]))
    faults = await _faults(browser, place, fields | {"name": "n" * 121, "email": "x@", "password": "passwort1234"})
    assert list(faults) == ["name", "email", "password"]
    assert long in faults["name"]
    assert "12" not in faults["password"]
    faults = await _faults(browser, place, fields | {"name": "Nina", "email": "nina@example.org", "password": "kurz"})
    assert (list(faults), "12" in faults["password"]) == (["password"], True)


async def _faults(browser: Browser, place: str, fields: dict[str, str]) -> dict[str, str]:
    status, text, _ = await browser.send(place, fields)
    assert status == 422
    faults = dict(FAULT.findall(text))
    focused = re.findall(r'<input id="([a-z]+)"[^>]* autofocus', text)
    assert focused == list(faults)[:1]
    return faults


async def test_pages_that_were_open_before_there_were_purposes_go_on(person: Person, browser: Browser):
    path, _, packed = (await browser.arrive()).partition("?request=")
    parts = json.loads(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    sent = {"email": person.email, "password": person.password}
    for some, status in ((parts[:5], 303), (parts[:6], 400), ([*parts, ""], 400), ([*parts[:5], "none", ""], 400)):
        place = f"{path}?request={base64.urlsafe_b64encode(json.dumps(some).encode()).decode()}"
        assert (await browser.send(place, sent))[0] == status, some
