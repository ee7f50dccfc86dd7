"""Whoever has mistyped the address with which they registered corrects it, and the former one gets nothing. ORD-1"""

from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

import pytest
from chassis_testing.fixtures import ServiceHome
from contracts.accounts import CustomerRegistered, EmailConfirmationRequested

from .conftest import PASSWORD, REGISTERED, House, Person, opened

NEW = "another phrase for tests"


@pytest.fixture(scope="module")
async def strict(service_home: ServiceHome, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[House]:
    """An accounts where addresses are confirmed, and where few codes are mailed."""
    home = tmp_path_factory.mktemp("correcting")
    async with opened(service_home, home, address_confirmation="required", registrations_per_mailbox=3) as house:
        yield house


@pytest.fixture(scope="module")
async def tenant(strict: House) -> str:
    return await strict.open_tenant()


async def corrects(house: House, tokens: dict[str, Any], email: str, password: str = PASSWORD) -> int:
    body = {"email": email, "password": password}
    return (await house.ask("PUT", REGISTERED, body, tokens["access_token"]))[0]


async def sent_back(house: House, tokens: dict[str, Any], code: str) -> int:
    return (await house.ask("POST", f"{REGISTERED}/confirmation", {"code": code}, tokens["access_token"]))[0]


async def again(house: House, tokens: dict[str, Any]) -> int:
    return (await house.ask("POST", f"{REGISTERED}/code", token=tokens["access_token"]))[0]


async def signs_in(house: House, person: Person, **changes: str) -> int:
    return (await house.ask("POST", "/sign-in", person.sign_in | changes))[0]


async def letters(house: House, person: Person) -> list[tuple[str, str]]:
    """Return where codes of somebody were mailed, and the codes."""
    await house.home.settled()
    found = [one for one in house.published(EmailConfirmationRequested) if one.customer == person.id]
    return [(await house.opened_box(one.email), await house.opened_box(one.code)) for one in found]


async def test_the_code_goes_to_the_corrected_address_and_the_former_one_counts_no_more(strict: House, tenant: str):
    person = await strict.register(tenant)
    tokens = await strict.sign_in(person)
    ((_, first),) = await letters(strict, person)
    meant = f"meant.{person.email}"
    assert await corrects(strict, tokens, meant) == 204
    (before, (to, second)) = await letters(strict, person)
    assert (before, to) == ((person.email, first), meant)
    assert await sent_back(strict, tokens, first) == 404
    assert (await strict.ask("GET", "/me", token=tokens["access_token"]))[1]["email"] == meant
    # the password signs in with the address that counts, and with that alone
    assert await signs_in(strict, person) == 401
    assert await signs_in(strict, person, email=meant) == 200
    assert await sent_back(strict, tokens, second) == 200
    assert await signs_in(strict, person, email=meant) == 200
    await strict.home.settled()
    (welcome,) = [one for one in strict.published(CustomerRegistered) if one.customer == person.id]
    assert await strict.opened_box(welcome.email) == meant


async def test_among_all_who_register_with_the_corrected_address_each_has_a_password(strict: House, tenant: str):
    person, other = await strict.register(tenant), await strict.register(tenant, password=NEW)
    assert await corrects(strict, await strict.sign_in(person), other.email) == 204
    for one, email in ((other, other.email), (person, other.email)):
        status, tokens = await strict.ask("POST", "/sign-in", one.sign_in | {"email": email})
        assert status == 200
        assert (await strict.ask("GET", "/me", token=tokens["access_token"]))[1]["subject"] == str(one.id)
    rows = await strict.home.sql("select password_hash from logins where subject_id = any($1)", [person.id, other.id])
    assert len({row["password_hash"].split("$")[4] for row in rows}) == 1


async def test_nothing_is_corrected_without_the_password_nor_to_what_is_taken_or_none(strict: House, tenant: str):
    person, customer = await strict.register(tenant), await strict.register(tenant)
    confirmed = await strict.confirm(customer)
    tokens = await strict.sign_in(person)
    assert await corrects(strict, tokens, "meant@example.org", NEW) == 403
    assert await corrects(strict, tokens, "no address") == 422
    assert await corrects(strict, tokens, customer.email) == 409
    assert await corrects(strict, confirmed, "meant@example.org") == 403
    assert (await strict.ask("PUT", REGISTERED, {"email": "meant@example.org", "password": PASSWORD}))[0] == 401
    assert await corrects(strict, tokens, person.email) == 204  # it was right
    ((_, code),) = await letters(strict, person)
    assert await sent_back(strict, tokens, code) == 200


async def test_who_corrects_gets_no_more_codes_than_who_registers(strict: House, tenant: str):
    person = await strict.register(tenant)
    tokens = await strict.sign_in(person)
    statuses = [await corrects(strict, tokens, f"meant{n}.{person.email}") for n in range(4)]
    assert statuses == [204, 204, 429, 429]
    assert len(await letters(strict, person)) == 3
    await strict.shift(timedelta(minutes=2))
    assert await again(strict, tokens) == 429
    await strict.shift(timedelta(days=1, seconds=1))
    tokens = await strict.sign_in(Person(tenant, f"meant1.{person.email}", person.name, person.password, person.id))
    assert await again(strict, tokens) == 202


async def test_who_corrects_floods_no_mailbox_of_others(strict: House):
    tenant = await strict.open_tenant()
    victim = "victim@example.org"
    statuses: list[int] = []
    for number in range(6):
        body = strict.registration(tenant, email=f"mine{number}@example.net")
        person = await strict.register(tenant, email=body["email"])
        statuses.append(await corrects(strict, await strict.sign_in(person), victim))
    assert set(statuses) == {204, 429}
    await strict.home.settled()
    mailed = [one.email for one in strict.published(EmailConfirmationRequested) if one.tenant == tenant]
    to = [await strict.opened_box(box) for box in mailed]
    assert to.count(victim) == statuses.count(204) <= 3
    squatter = strict.registration(tenant, email=victim)
    assert (await strict.ask("POST", "/customers", squatter, **{"Idempotency-Key": "f" * 32}))[0] == 429
