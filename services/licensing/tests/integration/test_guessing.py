"""Who guesses keys is slowed down, from however many addresses; nobody else is refused for it. F-L09"""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from chassis_testing.fixtures import ServiceHome
from licensing.__main__ import service
from licensing.domain.keys import generate

from services.licensing.tests.integration.conftest import Counter
from services.licensing.tests.integration.test_devices import bought

ROUTES = ("/validate", "/activations", "/deactivations")


@pytest.fixture(scope="module")
async def besieged(service_home: ServiceHome, license_key_file: Path) -> AsyncGenerator[Counter]:
    limits = {"validations_per_minute": 20, "validations_per_minute_in_total": 100, "trusted_proxies": 1}
    async with service_home(service, license_key_file=license_key_file, **limits) as home:
        await home.open_tenants("kontor")
        yield Counter(home, license_key_file)


async def asked(counter: Counter, route: str, key: str, address: str) -> int:
    """The status of an answer about a key."""
    body = {"license_key": key, "tenant": "kontor", "device": "a"}
    async with counter.home.http.post(route, json=body, headers={"X-Forwarded-For": address}) as answer:
        if answer.status == 429:
            assert 1 <= int(answer.headers["Retry-After"]) <= 61
        return answer.status


async def used_up(counter: Counter) -> None:
    """Guess from many addresses until wrong keys are refused."""
    for hundred in range(5):
        guesses = (asked(counter, ROUTES[n % 3], generate(""), f"198.51.{hundred}.{n}") for n in range(100))
        if 429 in await asyncio.gather(*guesses):
            return
    pytest.fail("nobody who guesses is refused")


async def turned_away(counter: Counter, address: str) -> None:
    """Guess from an address until wrong keys are refused there; after a moment there is room for another one."""
    for _ in range(5):
        await used_up(counter)
        if await asked(counter, "/validate", generate(""), address) == 429:
            return
    pytest.fail("a network that guesses is not refused")


async def test_F_L09_who_has_a_key_is_answered_while_others_guess(besieged: Counter):
    _, key = await bought(besieged, "HONEST", None)
    await used_up(besieged)
    for route in ROUTES:
        assert await asked(besieged, route, key, "192.0.2.1") == 200
        assert await asked(besieged, route, f"{key[:-1]}?", f"192.0.2.{2 + ROUTES.index(route)}") == 429


async def test_F_L09_a_key_that_a_network_was_answered_about_is_answered_there_whoever_guesses_beside_it(
    besieged: Counter,
):
    (_, key), (_, other) = await bought(besieged, "USED-HERE", None), await bought(besieged, "USED-NOWHERE", None)
    office, elsewhere = "203.0.113.7", "203.0.113.8"
    assert await asked(besieged, "/activations", key, office) == 200
    for address in (office, elsewhere):
        await turned_away(besieged, address)
    assert [await asked(besieged, route, key, office) for route in ROUTES] == [200] * 3
    # a right one that nobody there has been told of is refused like a wrong one
    for guess, address in ((other, office), (generate(""), office), (key, elsewhere)):
        assert [await asked(besieged, route, guess, address) for route in ROUTES] == [429] * 3


async def test_F_L09_a_refusal_does_not_tell_that_a_guess_was_wrong(besieged: Counter):
    _, key = await bought(besieged, "GUESSED", None)
    # the first guess of a network is as good as any; with the second, even a right one is not looked up
    await turned_away(besieged, "203.0.113.1")
    assert [await asked(besieged, route, key, "203.0.113.1") for route in ROUTES] == [429] * 3
    assert await asked(besieged, "/validate", key, "203.0.113.2") == 200
