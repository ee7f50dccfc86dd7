"""Limits on the pages of accounts count browsers, and believe no address that a browser writes itself. ORD-1"""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from chassis_testing.fixtures import ServiceHome

from .browser import shop_of
from .conftest import House, opened

FEW = {"sign_ins_per_minute": 3, "registrations_per_minute": 3, "trusted_proxies": 1}


async def served(service_home: ServiceHome, folder: Path, **settings: Any) -> AsyncGenerator[House]:
    async with opened(service_home, folder, **FEW, **settings) as house:
        yield house


@pytest.fixture(scope="module")
async def bare(service_home: ServiceHome, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[House]:
    """Browsers come without a proxy; the pages of shops name their visitors."""
    async for house in served(service_home, tmp_path_factory.mktemp("bare"), page_proxies=0):
        yield house


@pytest.fixture(scope="module")
async def behind(service_home: ServiceHome, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[House]:
    """Browsers come through a proxy, as everybody does."""
    async for house in served(service_home, tmp_path_factory.mktemp("proxied")):
        yield house


async def tried(house: House, page: str, fields: dict[str, str]) -> list[int]:
    """Try four times, each time from where the browser says that it is."""
    browser = await shop_of(house, await house.open_tenant())
    place = await browser.arrive(page)
    return [
        (await browser.send(place, fields, **{"X-Forwarded-For": f"198.51.100.{number}"}))[0] for number in range(4)
    ]


SIGN_IN = {"email": "a@example.org", "password": "not the password"}
REGISTER = {"name": "A", "email": "a@example.org", "password": "passwort1234", "country": "DE", "keep": "keep"}


async def test_a_browser_that_names_other_networks_is_counted_as_one(bare: House):
    assert await tried(bare, "sign-in", SIGN_IN) == [401, 401, 401, 429]
    assert await tried(bare, "register", REGISTER) == [422, 422, 422, 429]


async def test_behind_a_proxy_each_network_is_counted_for_itself(behind: House):
    assert await tried(behind, "sign-in", SIGN_IN) == [401, 401, 401, 401]
    assert await tried(behind, "register", REGISTER) == [422, 422, 422, 422]
