"""Who is invited and has no account opens one with the address of the letter, and is a member, in one go. PLT-1"""

import re
import secrets
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from chassis.identity import open_box
from contracts.accounts import CustomerRegistered, EmailConfirmationRequested
from contracts.invitations import GuestInvited

from .browser import Answer, Browser, answer_of, shop_of
from .companies import Colleague, guest_codes
from .conftest import PASSWORD, WORKCENTER, House

FIELDS = {"name": "Gerda Gast", "password": PASSWORD, "country": "DE", "keep": "keep"}


def address() -> str:
    return f"gast-{secrets.token_hex(4)}@example.org"


@pytest.fixture
async def owner(house: House) -> Colleague:
    return await Colleague.arrive(house, await house.open_tenant())


async def invited(house: House, owner: Colleague, email: str, role: str = "buyer", organisation: str = "") -> str:
    """Invite an address; returns the code that was mailed to it last."""
    organisation = organisation or await owner.open()
    assert (await owner.invite(organisation, email, role))[0] == 201
    return (await guest_codes(house, owner.person.tenant, email))[-1]


async def arrive(browser: Browser, code: str) -> Answer:
    status, text, headers = await browser.authorize(prompt="joining", login_hint=code)
    assert status == 303, text
    return await browser.ask("GET", headers["Location"])


async def join(browser: Browser, code: str, **fields: str) -> Answer:
    packed = parse_qs(urlsplit(await browser.arrive()).query)["request"][0]
    return await browser.send(f"/authorize/joining?request={packed}", FIELDS | {"invitation": code} | fields)


async def test_a_guest_sees_who_invites_and_is_a_member_at_once(house: House, owner: Colleague):
    email, organisation = address(), await owner.open("Muster <b> Söhne")
    code = await invited(house, owner, email, "auditor", organisation)
    browser = await shop_of(house, owner.person.tenant)
    status, text, _ = await arrive(browser, code)
    assert status == 200
    for words in (owner.person.name, "Muster &lt;b&gt; Söhne", email, f"&amp;invitation={code}"):
        assert words in text
    status, text, headers = await join(browser, code, email="other@example.org")
    assert status == 303, text
    status, tokens = await browser.trade(answer_of(headers)["code"])
    assert (status, tokens["must_confirm"]) == (200, False)
    me = (await house.ask("GET", "/me", token=tokens["access_token"]))[1]
    assert me["email"] == email
    found = (await house.ask("GET", "/organisations", token=tokens["access_token"]))[1]["items"]
    assert [(one["organisation"], one["role"]) for one in found] == [(organisation, "auditor")]
    await house.home.settled()
    assert [one for one in house.published(CustomerRegistered) if str(one.customer) == tokens["subject"]]
    assert not [one for one in house.published(EmailConfirmationRequested) if str(one.customer) == tokens["subject"]]
    # once: neither for the next account nor for somebody who is a member
    assert (await join(browser, code))[0] == 409
    assert (await arrive(browser, code))[0] == 404


async def test_the_letter_is_sealed_to_the_organisation(house: House, owner: Colleague):
    email = address()
    await invited(house, owner, email)
    (event,) = [one for one in house.published(GuestInvited) if one.tenant == owner.person.tenant]
    text = event.model_dump_json()
    assert not any(words in text for words in (email, owner.person.name, "Muster"))
    token = await house.service("letters")
    key = (await house.keys(token, "invitations", event.name.key))[event.name.key]["private"]
    assert key
    assert await house.keys(token, "send e-mails", event.name.key) == {}
    with pytest.raises(Exception, match=r".*"):
        open_box(event.name, b"x" * 32)


async def test_withdrawn_replaced_and_old_codes_open_nothing(house: House, owner: Colleague):
    email, organisation = address(), await owner.open()
    first = await invited(house, owner, email, organisation=organisation)
    second = await invited(house, owner, email, organisation=organisation)
    browser = await shop_of(house, owner.person.tenant)
    assert first != second
    assert (await join(browser, first))[0] == 409
    (open_,) = (await owner.ask("GET", f"/organisations/{organisation}/invitations"))[1]["items"]
    assert (await owner.ask("DELETE", f"/organisations/{organisation}/invitations/{open_['invitation']}"))[0] == 204
    assert (await join(browser, second))[0] == 409
    third = await invited(house, owner, email, organisation=organisation)
    await house.shift(timedelta(days=7, seconds=1))
    assert (await join(browser, third))[0] == 409


async def test_of_another_house_or_at_work_a_code_opens_nothing(house: House, owner: Colleague):
    code = await invited(house, owner, address())
    foreign = await shop_of(house, await house.open_tenant())
    for text in (code, "", "x" * 64, "<script>", "ABCDE-ABCDE-ABCDE-ABCDE", "a\r\nb"):
        assert (await join(foreign, text))[0] == 409, text
    work = Browser(house, f"workcenter:{owner.person.tenant}", WORKCENTER.removeprefix("http://"))
    assert (await arrive(work, code))[0] == 404


async def test_who_has_an_account_is_asked_to_sign_in(house: House, owner: Colleague):
    email, organisation = address(), await owner.open()
    code = await invited(house, owner, email, organisation=organisation)
    guest = await Colleague.arrive(house, owner.person.tenant, email=email)
    browser = await shop_of(house, owner.person.tenant)
    status, text, _ = await arrive(browser, code)
    assert (status, 'name="password"' in text) == (200, False)
    assert re.search(r"/sign-in\?after=/invited", text)
    assert (await join(browser, code))[0] == 409
    assert (await guest.accept(code))[0] == 200


async def test_what_is_wrong_can_be_mended_and_the_code_is_kept(house: House, owner: Colleague):
    code = await invited(house, owner, address())
    browser = await shop_of(house, owner.person.tenant)
    for wrong in ({"name": ""}, {"password": "kurz"}, {"country": "D"}, {"keep": ""}, {"name": "x" * 5_000}):
        status, text, _ = await join(browser, code, **wrong)
        assert (status, code in text) == (422, True), wrong
    assert (await join(browser, code))[0] == 303


async def test_thirty_letters_a_day_are_written_for_one_owner(house: House, owner: Colleague):
    organisation = await owner.open()
    answers = [(await owner.invite(organisation, address()))[0] for _ in range(31)]
    assert answers == [201] * 30 + [429]
