"""What people do on the pages of accounts: sign in with all that they have, register, and learn of nobody. ORD-1"""

import html
import json
import re
import secrets

import pytest
from chassis_testing.harness import until

from .authenticator import registered
from .browser import Browser, answer_of, closed, opened, shop_of
from .conftest import PASSWORD, House, Person
from .devices import enrols

OPTIONS = re.compile(r'data-signs="([^"]*)"')


@pytest.fixture
async def browser(house: House, person: Person) -> Browser:
    return await shop_of(house, person.tenant)


async def test_a_form_of_another_page_or_visitor_signs_nobody_in(person: Person, browser: Browser):
    place = await browser.arrive()
    fields = {"email": person.email, "password": person.password}
    assert (await browser.send(place, fields, Origin="https://evil.example"))[0] == 403
    assert (await browser.send(place, fields, **{"Sec-Fetch-Site": "same-site"}))[0] == 403
    assert (await browser.send(place, fields | {"token": "0" * 64}))[0] == 403
    assert (await browser.send(place, fields))[0] == 303


async def test_who_is_there_is_not_shown(person: Person, browser: Browser):
    place = await browser.arrive()
    known = await browser.send(place, {"email": person.email, "password": "not the password"})
    unknown = await browser.send(place, {"email": "nobody@example.org", "password": "not the password"})
    assert known[0] == unknown[0] == 401
    assert known[1].replace(person.email, "") == unknown[1].replace("nobody@example.org", "")
    place = await browser.arrive("forgotten")
    answers = [await browser.send(place, {"email": email}) for email in (person.email, "nobody@example.org")]
    assert answers[0][0] == answers[1][0] == 303
    assert answers[0][2]["Location"] == answers[1][2]["Location"]


async def test_a_second_factor_is_asked_for_here_too(house: House, person: Person, browser: Browser):
    enrolled = await enrols(house, person)
    status, text, _ = await browser.signs_in(person)
    assert (status, 'name="code"' in text) == (401, True)
    assert (await browser.signs_in(person, code="000000"))[0] == 401
    assert (await browser.signs_in(person, code="no code at all"))[0] in (401, 422)
    status, _, headers = await browser.signs_in(person, code=enrolled.app.code())
    assert status == 303
    status, tokens = await browser.trade(answer_of(headers)["code"])
    assert status == 200
    sessions = (await house.ask("GET", "/me/sessions", token=tokens["access_token"]))[1]["items"]
    assert next(one for one in sessions if one["current"])["methods"] == ["pwd", "otp", "mfa"]


async def test_staff_buy_nothing_with_the_account_of_their_work(house: House, browser: Browser, person: Person):
    clerk = await house.clerk(person.tenant, "sales")
    status, text, _ = await browser.signs_in(clerk)
    assert (status, "Location" in text) == (401, False)


async def test_whoever_registers_is_back_at_once(house: House, person: Person, browser: Browser):
    place = await browser.arrive("register")
    email = f"neu-{secrets.token_hex(4)}@example.org"
    fields = {"name": "Nina Neu", "email": email, "password": PASSWORD, "country": "DE", "keep": "keep"}
    for change in ({"email": "x"}, {"password": "passwort1234"}, {"country": "D"}, {"name": "\r\n"}, {"keep": ""}):
        assert (await browser.send(place, fields | change))[0] == 422, change
    assert (await browser.send(place, fields | {"email": person.email}))[0] == 409
    status, _, headers = await browser.send(place, fields)
    assert status == 303
    status, tokens = await browser.trade(answer_of(headers)["code"])
    assert status == 200
    assert (await house.ask("GET", "/me", token=tokens["access_token"]))[1]["email"] == email


@pytest.mark.parametrize("texts", [["imprint", "privacy", "terms"], ["privacy"], [], None])
async def test_pages_lead_to_the_texts_that_the_shop_has_and_to_no_others(
    house: House, person: Person, browser: Browser, texts: list[str] | None
):
    event = opened(person.tenant, browser.shop, [browser.name], name="Mit Texten")
    brand = event.brand.model_copy(update={"texts": texts, "imprint": {}})
    await house.home.publish(event.model_copy(update={"brand": brand}))
    await house.home.settled()
    _, text, _ = await browser.ask("GET", await browser.arrive("register"))
    assert "Mit Texten" in text
    form = text.partition("<main")[2].partition("</main>")[0]
    there = re.findall(r'href="([^"]*/texts/[a-z]+)"', form)
    wanted = [one for one in ("terms", "privacy") if one in (texts or [])]
    assert there == [f"http://{browser.name}/texts/{one}" for one in wanted]


async def test_a_shop_is_known_as_it_was_last_whatever_comes_when(house: House, tenant: str):
    shop = f"s{secrets.token_hex(4)}"
    browser = Browser(house, shop, f"{shop}.localhost:7000")
    first, second, third = house.home.next_sequence(3), 0, 0
    second, third = first + 1, first + 2
    await house.home.publish(closed(tenant, shop), sequence=third)
    await house.home.publish(opened(tenant, shop, [browser.name]), sequence=second)
    await house.home.settled()
    assert (await browser.authorize())[0] == 400
    fourth = house.home.next_sequence()
    await house.home.publish(opened(tenant, shop, [browser.name, "no host", "a;b"], name="Neu"), sequence=fourth)
    await house.home.publish(opened(tenant, shop, ["old.localhost"], name="Alt"), sequence=first)

    async def known() -> bool:
        return (await browser.authorize())[0] == 303

    await until(known, what="the newest state of the shop")
    assert "Neu" in (await browser.ask("GET", await browser.arrive()))[1]
    rows = await house.home.sql("select hosts from clients where id = $1", shop)
    assert rows[0]["hosts"] == [browser.name]


async def test_of_a_closed_shop_no_code_counts(house: House, person: Person, browser: Browser):
    code = await browser.code(person)
    await house.home.publish(closed(person.tenant, browser.shop))

    async def gone() -> bool:
        return (await browser.authorize())[0] == 400

    await until(gone, what="accounts to know that the shop is closed")
    assert (await browser.trade(code))[0] == 400


async def test_a_passkey_signs_in_on_these_pages(house: House, person: Person):
    device, _ = await registered(house, (await house.sign_in(person))["access_token"])
    shop = await shop_of(house, person.tenant, "shop.example", "https")
    place = await shop.arrive("passkey")
    for credential in ("", "{}", "null", "[]", '{"id":"a"}', "4242424242424242"):
        assert (await shop.send(place, {"credential": credential}))[0] == 422

    async def signed() -> str:
        text = (await shop.ask("GET", place))[1]
        return json.dumps(device.get(json.loads(html.unescape(OPTIONS.findall(text)[0]))))

    credential = await signed()
    status, _, headers = await shop.send(place, {"credential": credential})
    assert status == 303
    assert (await shop.trade(answer_of(headers)["code"]))[0] == 200
    assert (await shop.send(place, {"credential": credential}))[0] == 401  # the challenge has counted
    # passkeys cannot belong to an address in digits
    digits = await shop_of(house, person.tenant, "192.0.2.7", "https")
    assert "/authorize/passkey" not in (await digits.ask("GET", await digits.arrive()))[1]
