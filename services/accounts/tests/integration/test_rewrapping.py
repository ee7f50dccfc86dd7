"""A new master key: everything is wrapped anew, and the old one is superfluous."""

from collections.abc import AsyncGenerator

import pytest
from accounts.usecases.rewrapping import AT_ONCE
from chassis.identity.sealing import new_master_key
from chassis_testing.fixtures import ServiceHome

from .conftest import SELLER, House, opened
from .devices import enrols, signs_in


@pytest.fixture
async def own(service_home: ServiceHome, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[House]:
    async with opened(service_home, tmp_path_factory.mktemp("rewrapped")) as house:
        yield house


async def rewrapped(house: House, *lines: str) -> tuple[int, str]:
    """Run the command with a file of these master keys."""
    house.settings["MASTER_KEY_FILE"] = house.file("\n".join(lines))
    done = await house.run("master-key", "rewrap")
    return done.exit_code, done.output


async def test_after_wrapping_anew_the_new_master_key_alone_opens_everything(
    own: House,
):
    sellers = [SELLER | {"seller": f"s{number}"} for number in range(AT_ONCE // 2 + 10)]
    person = await own.register(await own.open_tenant(sellers=sellers))
    await enrols(own, person)
    old, new = (own.directory / "master-key").read_text().strip(), new_master_key()
    (count,) = await own.home.sql("select count(*)::int as n from private_keys")

    status, output = await rewrapped(own, new)
    assert (status, len(output.strip().splitlines())) == (1, 1), output
    assert count["n"] > AT_ONCE
    status, output = await rewrapped(own, new, old)
    assert (status, f"private_keys: {count['n']} of {count['n']}" in output) == (0, True), output
    for _ in range(2):
        assert (await rewrapped(own, new))[0] == 0
    assert (await rewrapped(own, old))[0] == 1


async def test_a_service_goes_on_while_its_keys_are_wrapped_anew(own: House):
    person = await own.register(await own.open_tenant())
    enrolled = await enrols(own, person)
    old = (own.directory / "master-key").read_text().strip()
    assert (await rewrapped(own, old))[0] == 0
    assert (await signs_in(own, person, enrolled.app.code()))[0] == 200
    assert (await own.ask("GET", "/me", token=enrolled.token))[1]["name"] == person.name
