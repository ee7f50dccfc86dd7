"""Another password is chosen on the pages of accounts, so that a shop sees neither. ORD-1"""

import pytest

from .browser import Browser, answer_of, shop_of
from .conftest import House, Person
from .devices import enrols

NEW = "wander unter hohen buchen"


@pytest.fixture
async def browser(house: House, person: Person) -> Browser:
    return await shop_of(house, person.tenant)


async def test_whoever_knows_theirs_has_another_and_is_back_and_all_else_ends(
    house: House, person: Person, browser: Browser
):
    before = await house.sign_in(person)
    place = await browser.arrive("password")
    fields = {"email": person.email, "current": person.password, "new": NEW}
    status, text, _ = await browser.send(place, fields | {"current": "not the password"})
    assert (status, NEW in text, person.password in text) == (401, False, False)
    status, _, headers = await browser.send(place, fields)
    assert status == 303
    assert (await browser.trade(answer_of(headers)["code"]))[0] == 200
    assert (await house.ask("POST", "/refresh", {"refresh_token": before["refresh_token"]}))[0] == 401
    assert (await house.ask("POST", "/sign-in", person.sign_in))[0] == 401
    assert (await house.ask("POST", "/sign-in", person.sign_in | {"password": NEW}))[0] == 200


async def test_a_guessable_one_is_refused_and_that_is_no_failure(house: House, person: Person, browser: Browser):
    place = await browser.arrive("password")
    fields = {"email": person.email, "current": person.password}
    for new in ("short", "passwort1234", person.name + " 12", person.email):
        for _ in range(3):
            assert (await browser.send(place, fields | {"new": new}))[0] == 422, new
    assert (await browser.send(place, fields | {"email": "x", "new": NEW}))[0] == 422
    assert (await browser.send(place, fields | {"new": NEW}))[0] == 303


async def test_a_second_factor_is_asked_for_here_too(house: House, person: Person, browser: Browser):
    enrolled = await enrols(house, person)
    place = await browser.arrive("password")
    fields = {"email": person.email, "current": person.password, "new": NEW}
    status, text, _ = await browser.send(place, fields)
    assert (status, 'name="code"' in text) == (401, True)
    assert (await browser.send(place, fields | {"code": "000000"}))[0] == 401
    assert (await house.ask("POST", "/sign-in", person.sign_in | {"password": NEW}))[0] == 401
    assert (await browser.send(place, fields | {"code": enrolled.app.code()}))[0] == 303


async def test_guesses_are_counted_like_sign_ins(house: House, person: Person, browser: Browser):
    place = await browser.arrive("password")
    wrong = {"email": person.email, "current": "not the password", "new": NEW}
    statuses = [(await browser.send(place, wrong))[0] for _ in range(7)]
    assert statuses[0] == 401
    assert statuses[-1] == 429


async def test_staff_change_nothing_here(house: House, person: Person, browser: Browser):
    clerk = await house.clerk(person.tenant, "sales")
    place = await browser.arrive("password")
    fields = {"email": clerk.email, "current": clerk.password, "new": NEW}
    assert (await browser.send(place, fields))[0] == 401
    assert (await house.ask("POST", "/sign-in", clerk.sign_in))[0] == 200
