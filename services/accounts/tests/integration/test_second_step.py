"""Who has named the right password is asked for the code alone, in this browser, for a while, and a few times."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from .browser import Answer, Browser, answer_of, shop_of
from .conftest import PASSWORD, House, Person
from .devices import Enrolled, enrols

STEP = re.compile(r'name="step" value="([^"]*)"')
NEXT = "anderes pferd batterie"


@pytest.fixture
async def browser(house: House, person: Person) -> Browser:
    return await shop_of(house, person.tenant)


@pytest.fixture
async def enrolled(house: House, person: Person) -> Enrolled:
    enrolled = await enrols(house, person)
    await enrolled.app.look()
    return enrolled


async def begun(browser: Browser, person: Person, **more: str) -> str:
    """Name the password; returns what the page sends along with the code."""
    status, text, _ = await browser.signs_in(person, **more)
    assert status == 401, text
    assert 'type="password"' not in text
    return STEP.findall(text)[0]


async def goes_on(browser: Browser, step: str, code: str, **fields: str) -> Answer:
    packed = parse_qs(urlsplit(await browser.arrive()).query)["request"][0]
    return await browser.send(f"/authorize/code?request={packed}", {"step": step, "code": code, **fields})


def asks_anew(answer: Answer) -> bool:
    """Whether one stands at the beginning again, without being signed in."""
    status, text, headers = answer
    return status == 401 and 'type="password"' in text and "Location" not in headers


async def test_the_password_is_not_asked_for_again(house: House, person: Person, browser: Browser, enrolled: Enrolled):
    step = await begun(browser, person)
    status, text, _ = await goes_on(browser, step, enrolled.app.wrong())
    assert (status, STEP.findall(text)) == (401, [step])
    assert 'type="password"' not in text
    assert "/authorize/sign-in?request=" in text  # from the beginning, for who wants that
    status, text, headers = await goes_on(browser, step, enrolled.app.code())
    assert status == 303, text
    status, tokens = await browser.trade(answer_of(headers)["code"])
    assert status == 200
    (one,) = (await house.ask("GET", "/me/sessions", token=tokens["access_token"]))[1]["items"][:1]
    assert one["methods"] == ["pwd", "otp", "mfa"]


async def test_a_recovery_code_helps_here_too(person: Person, browser: Browser, enrolled: Enrolled):
    step = await begun(browser, person)
    assert (await goes_on(browser, step, enrolled.recovery_codes[0]))[0] == 303


async def test_it_counts_once(person: Person, browser: Browser, enrolled: Enrolled):
    step = await begun(browser, person)
    assert (await goes_on(browser, step, enrolled.app.code()))[0] == 303
    assert asks_anew(await goes_on(browser, step, enrolled.app.code(1)))
    assert asks_anew(await goes_on(browser, step, enrolled.recovery_codes[0]))


async def test_of_another_browser_or_shop_it_is_of_no_use(
    house: House, person: Person, browser: Browser, enrolled: Enrolled
):
    step = await begun(browser, person)
    thief = Browser(house, browser.shop, browser.name)
    other = await shop_of(house, person.tenant)
    other.cookies = browser.cookies
    foreign = await shop_of(house, await house.open_tenant())
    foreign.cookies = browser.cookies
    for one in (thief, other, foreign):
        assert asks_anew(await goes_on(one, step, enrolled.app.code()))
    forged = await goes_on(browser, "A" * 43, enrolled.app.code())
    stolen = await goes_on(thief, step, enrolled.app.code())
    assert forged[0] == stolen[0] == 401
    assert STEP.findall(forged[1]) == STEP.findall(stolen[1]) == []
    assert (await goes_on(browser, step, enrolled.app.code()))[0] == 303  # and its owner is not disturbed


async def test_after_five_minutes_one_starts_again(house: House, person: Person, browser: Browser, enrolled: Enrolled):
    step = await begun(browser, person)
    await house.shift(timedelta(minutes=5, seconds=1))
    assert asks_anew(await goes_on(browser, step, enrolled.app.code()))


async def test_after_five_wrong_codes_one_starts_again(person: Person, browser: Browser, enrolled: Enrolled):
    step = await begun(browser, person)
    for _ in range(4):
        assert STEP.findall((await goes_on(browser, step, enrolled.app.wrong()))[1]) == [step]
    assert asks_anew(await goes_on(browser, step, enrolled.app.wrong()))
    assert asks_anew(await goes_on(browser, step, enrolled.app.code()))


async def test_codes_are_counted_over_all_tries(person: Person, browser: Browser, enrolled: Enrolled):
    answers: list[int] = []
    for _ in range(3):
        status, text, _ = await browser.signs_in(person)
        found = STEP.findall(text)
        if not found:
            answers.append(status)
            break
        answers += [(await goes_on(browser, found[0], enrolled.app.wrong()))[0] for _ in range(3)]
    assert 429 in answers


async def test_another_password_or_factor_ends_it(house: House, person: Person, browser: Browser, enrolled: Enrolled):
    step = await begun(browser, person)
    change = {"current": person.password, "new": NEXT}
    assert (await house.ask("PUT", "/me/password", change, enrolled.token))[0] in (200, 204)
    assert asks_anew(await goes_on(browser, step, enrolled.recovery_codes[0]))
    person.password = NEXT
    step = await begun(browser, person)
    reset = await house.run("second-factor", "reset", "--tenant", person.tenant, "--email", person.email)
    assert reset.exit_code == 0, reset.output
    assert asks_anew(await goes_on(browser, step, enrolled.app.code(1)))


async def test_what_is_no_code_is_refused_and_nothing_is_lost(person: Person, browser: Browser, enrolled: Enrolled):
    step = await begun(browser, person)
    for code in ("", " ", "<b>1</b>", "1" * 900, "１２３４５６", "1\r\nSet-Cookie: a=b"):
        status, text, headers = await goes_on(browser, step, code)
        assert (status, STEP.findall(text)) == (422, [step]), code
        assert "Location" not in headers
    for bad in ("", "<script>", "a" * 64):
        assert asks_anew(await goes_on(browser, bad, enrolled.app.code()))
    assert (await goes_on(browser, step, enrolled.app.code()))[0] == 303


async def test_an_address_alone_leads_to_the_beginning(browser: Browser):
    place = (await browser.arrive()).replace("/sign-in?", "/code?")
    status, _, headers = await browser.ask("GET", place)
    assert (status, "/authorize/sign-in?" in headers["Location"]) == (303, True)


async def test_another_password_is_chosen_without_naming_the_former_twice(
    house: House, person: Person, browser: Browser, enrolled: Enrolled
):
    place = await browser.arrive("password")
    fields = {"email": person.email, "current": PASSWORD, "new": NEXT}
    status, text, _ = await browser.send(place, fields)
    (step,) = STEP.findall(text)
    assert (status, 'type="password"' in text) == (401, False)
    assert (await house.ask("POST", "/sign-in", person.sign_in))[1]["type"] == "/problems/second-factor-needed"
    assert (await goes_on(browser, step, enrolled.app.code()))[0] == 303
    assert (await house.ask("POST", "/sign-in", person.sign_in))[1]["type"] == "/problems/sign-in-refused"
    known = person.sign_in | {"password": NEXT}
    assert (await house.ask("POST", "/sign-in", known))[1]["type"] == "/problems/second-factor-needed"
