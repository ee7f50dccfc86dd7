"""Customers who have forgotten their password choose another one, and nobody else can for them. ORD-1"""

import base64
from datetime import timedelta

import pytest
from chassis.identity import open_box
from contracts.accounts import PasswordResetRequested
from contracts.passwords import PasswordChanged

from .conftest import PASSWORD, House, Person

NEW = "another phrase for tests"


async def ask(house: House, tenant: str, email: str) -> None:
    assert (await house.ask("POST", "/password-reset", {"tenant": tenant, "email": email}))[0] == 202


async def codes(house: House, person: Person) -> list[str]:
    """The codes that were mailed for a customer."""
    await house.home.settled()
    letters = await house.service("letters")
    found: list[str] = []
    for event in [event for event in house.published(PasswordResetRequested) if event.customer == person.id]:
        key = (await house.keys(letters, "send e-mails", event.code.key))[event.code.key]
        assert open_box(event.email, base64.urlsafe_b64decode(key["private"])) == person.email
        found.append(open_box(event.code, base64.urlsafe_b64decode(key["private"])))
    return found


async def choose(house: House, tenant: str, code: str, password: str = NEW) -> int:
    body = {"tenant": tenant, "code": code, "password": password}
    return (await house.ask("POST", "/password-reset/confirmation", body))[0]


async def signed_in(house: House, person: Person, password: str) -> int:
    return (await house.ask("POST", "/sign-in", {**person.sign_in, "password": password}))[0]


async def test_a_mailed_code_lets_its_reader_choose_another_password_once(house: House, tenant: str):
    person, other = await house.register(tenant), await house.register(tenant)
    tokens = await house.sign_in(person)
    await ask(house, tenant, person.email.upper())
    (code,) = await codes(house, person)
    assert await signed_in(house, person, PASSWORD) == 200  # nothing has changed yet
    assert await choose(house, tenant, "ABCDE-ABCDE-ABCDE-ABCDE") == 401
    assert await choose(house, await house.open_tenant(), code) == 401
    assert await choose(house, tenant, code, "password1234") == 422
    assert await choose(house, tenant, code.lower().replace("-", " ")) == 204
    assert await choose(house, tenant, code) == 401
    assert await signed_in(house, person, PASSWORD) == 401
    assert await signed_in(house, person, NEW) == 200
    assert (await house.ask("POST", "/refresh", {"refresh_token": tokens["refresh_token"]}))[0] == 401
    assert await signed_in(house, other, PASSWORD) == 200


async def test_another_password_ends_sessions_before_their_tokens_and_its_owner_is_written_to(
    house: House, tenant: str
):
    person, other = await house.register(tenant), await house.register(tenant)
    token, others = [(await house.sign_in(one))["access_token"] for one in (person, other)]
    status, own = await house.ask("GET", "/me/session", token=token)
    assert (status, list(own)) == (200, ["session"])
    await ask(house, tenant, person.email)
    (code,) = await codes(house, person)
    assert [event for event in house.published(PasswordChanged) if event.customer == person.id] == []
    assert await choose(house, tenant, code) == 204
    status, problem = await house.ask("GET", "/me/session", token=token)
    assert (status, problem["type"]) == (401, "/problems/session-over")
    assert (await house.ask("GET", "/me/session", token=others))[0] == 200
    await house.home.settled()
    (changed,) = [event for event in house.published(PasswordChanged) if event.customer in (person.id, other.id)]
    assert changed.customer == person.id
    assert changed.email.key == changed.name.key


async def test_nobody_learns_whether_there_is_such_a_customer_and_none_gets_many_letters(house: House, tenant: str):
    person = await house.register(tenant)
    await ask(house, tenant, "nobody@example.org")
    for _ in range(3):
        await ask(house, tenant, person.email)
    assert len(await codes(house, person)) == 1
    for _ in range(5):
        await house.shift(timedelta(minutes=3))
        await ask(house, tenant, person.email)
    assert len(await codes(house, person)) == 4
    await house.shift(timedelta(hours=1, seconds=1))
    assert [await choose(house, tenant, code) for code in await codes(house, person)] == [401] * 4


@pytest.mark.parametrize("which", [0, 1])
async def test_who_asks_twice_may_use_either_code_once(house: House, tenant: str, which: int):
    person = await house.register(tenant)
    await ask(house, tenant, person.email)
    await house.shift(timedelta(minutes=3))
    await ask(house, tenant, person.email)
    both = await codes(house, person)
    assert await choose(house, tenant, both[which]) == 204
    assert [await choose(house, tenant, code) for code in both] == [401, 401]


async def test_the_password_of_staff_is_not_reset_by_mail(house: House, tenant: str):
    clerk = await house.clerk(tenant, "sales")
    before = len(house.published(PasswordResetRequested))
    await ask(house, tenant, clerk.email)
    await house.home.settled()
    assert len(house.published(PasswordResetRequested)) == before


async def test_a_second_factor_outlives_the_password(house: House, tenant: str):
    person = await house.register(tenant)
    token = (await house.sign_in(person))["access_token"]
    assert (await house.ask("POST", "/me/second-factor", {"password": PASSWORD}, token))[0] == 200
    await house.home.sql("update second_factors set confirmed_at = now() where subject_id = $1", person.id)
    await ask(house, tenant, person.email)
    (code,) = await codes(house, person)
    assert await choose(house, tenant, code) == 204
    status, problem = await house.ask("POST", "/sign-in", {**person.sign_in, "password": NEW})
    assert (status, problem["type"]) == (401, "/problems/second-factor-needed")


async def test_the_letter_of_a_change_names_the_device_and_nothing_of_the_header(house: House, tenant: str):
    person = await house.register(tenant)
    await ask(house, tenant, person.email)
    (code,) = await codes(house, person)
    header = "Mozilla/5.0 (Windows NT 10.0; rv:131.0) Gecko/20100101 Firefox/131.0 <b>sign in at boese.example</b>"
    body = {"tenant": tenant, "code": code, "password": NEW}
    assert (await house.ask("POST", "/password-reset/confirmation", body, **{"User-Agent": header}))[0] == 204
    await house.home.settled()
    (changed,) = [event for event in house.published(PasswordChanged) if event.customer == person.id]
    assert (changed.browser, changed.system) == ("Firefox", "Windows")
    assert "boese" not in changed.model_dump_json()
