"""Who keeps whom out: wrong passwords from one network cost its callers, and nobody else. ORD-1"""

import asyncio
from collections.abc import AsyncGenerator
from uuid import uuid4

import pytest
from chassis_testing.fixtures import ServiceHome

from .conftest import House, Person, opened
from .devices import enrols

HOME = "203.0.113.9"


@pytest.fixture(scope="module")
async def behind(service_home: ServiceHome, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[House]:
    """An accounts behind a proxy, so that a test calls from any network."""
    async with opened(service_home, tmp_path_factory.mktemp("behind"), trusted_proxies=1) as house:
        yield house


async def tried(house: House, person: Person, address: str, **changes: str) -> int:
    """Sign in from a network address, and return the status."""
    return (await house.ask("POST", "/sign-in", person.sign_in | changes, **{"X-Forwarded-For": address}))[0]


async def guessed(house: House, person: Person, networks: int) -> list[int]:
    """Guess five times from each of so many networks, and return the statuses."""
    statuses: list[int] = []
    for network in range(networks):
        address = f"198.51.100.{network}"
        guesses = [tried(house, person, address, password="not the password") for _ in range(5)]
        statuses += await asyncio.gather(*guesses)
    return statuses


async def test_guesses_from_elsewhere_keep_no_owner_out(behind: House):
    person = await behind.register(await behind.open_tenant())
    assert await tried(behind, person, HOME) == 200
    assert set(await guessed(behind, person, 4)) == {401}
    assert await tried(behind, person, "198.51.100.1") == 429
    assert await tried(behind, person, "192.0.2.77") == 200  # not known yet: there are few failures
    assert set(await guessed(behind, person, 24)) == {401, 429}
    assert await tried(behind, person, "192.0.2.78") == 429
    assert await tried(behind, person, HOME) == 200


async def test_a_guesser_with_many_addresses_of_one_network_has_five_guesses(behind: House):
    person = await behind.register(await behind.open_tenant())
    for low in range(5):
        assert await tried(behind, person, f"2001:db8:1:2::{low:x}", password="not the password") == 401
    assert await tried(behind, person, "2001:db8:1:2:ffff::1") == 429
    assert await tried(behind, person, "2001:db8:1:3::1") == 200


async def test_whoever_knows_the_password_has_five_codes_from_wherever_they_come(behind: House):
    person = await behind.register(await behind.open_tenant())
    enrolled = await enrols(behind, person)
    for network in range(5):
        assert await tried(behind, person, f"198.51.100.{network}", code=enrolled.app.wrong()) == 401
    assert await tried(behind, person, "192.0.2.77", code=enrolled.app.code()) == 429


async def test_there_is_no_total_that_a_few_addresses_use_up_for_all(
    service_home: ServiceHome, tmp_path_factory: pytest.TempPathFactory
):
    few = {"sign_ins_per_minute": 1, "registrations_per_minute": 1, "refreshes_per_minute": 1, "trusted_proxies": 1}
    async with opened(service_home, tmp_path_factory.mktemp("few"), **few) as house:
        for path in ("/customers", "/sign-in", "/refresh"):
            statuses: set[int] = set()
            for last in range(12):
                headers = {"X-Forwarded-For": f"198.51.100.{last}", "Idempotency-Key": str(uuid4())}
                statuses.add((await house.ask("POST", path, {}, **headers))[0])
            assert statuses == {422}


async def test_of_many_who_guess_a_code_at_once_five_are_judged(behind: House):
    person = await behind.register(await behind.open_tenant())
    enrolled = await enrols(behind, person)
    await behind.home.sql("delete from known_networks where subject_id = $1", person.id)
    wrong = enrolled.app.wrong()
    guesses = (tried(behind, person, f"203.0.113.{n}", code=wrong) for n in range(40))
    statuses = await asyncio.gather(*guesses)
    assert sorted(statuses) == [401] * 5 + [429] * 35
    judged = "select from attempts where tenant = $1 and outcome = 'code refused'"
    assert len(await behind.home.sql(judged, person.tenant)) == 5
