"""Where staff need a second factor. ORD-1"""

from collections.abc import AsyncGenerator

import pytest
from chassis_testing.fixtures import ServiceHome

from .authenticator import Browser, creation, enter, keep, registered, request
from .conftest import House, opened
from .devices import begins, enrols, signs_in
from .test_signing_in import claims_of


@pytest.fixture(scope="module")
async def strict(service_home: ServiceHome, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[House]:
    async with opened(service_home, tmp_path_factory.mktemp("strict"), staff_second_factor="required") as house:
        yield house


async def test_staff_without_one_may_do_nothing_but_enrol(strict: House):  # ORD-1
    clerk = await strict.clerk(await strict.open_tenant(), "support", "reviewer")
    tokens = await strict.sign_in(clerk)
    _, refreshed = await strict.ask("POST", "/refresh", {"refresh_token": tokens["refresh_token"]})
    for pair in (tokens, refreshed):
        token = pair["access_token"]
        assert (pair["must_enrol"], claims_of(token)["roles"], claims_of(token)["amr"]) == (
            True,
            ["enrolling"],
            ["pwd"],
        )
        for method, path in (
            ("GET", "/me"),
            ("GET", "/erasures"),
            ("POST", "/customer-search"),
            ("PUT", "/me/password"),
            ("POST", "/me/deletion"),
        ):
            assert (await strict.ask(method, path, {}, token))[0] == 403
        assert (await strict.ask("GET", "/me/second-factor", token=token))[0] == 200

    enrolled = await enrols(strict, clerk, refreshed["access_token"])
    assert enrolled.tokens["must_enrol"] is False
    assert (await strict.ask("GET", "/erasures", token=enrolled.token))[0] == 200
    _, signed_in = await signs_in(strict, clerk, enrolled.app.code())
    assert (signed_in["must_enrol"], claims_of(signed_in["access_token"])["roles"]) == (False, ["reviewer", "support"])


async def test_staff_whose_factor_was_reset_enrol_again(strict: House):  # ORD-1
    tenant = await strict.open_tenant()
    clerk = await strict.clerk(tenant, "support")
    await enrols(strict, clerk)
    await strict.run("second-factor", "reset", "--tenant", tenant, "--email", clerk.email)
    assert (await strict.sign_in(clerk))["must_enrol"] is True


async def test_customers_choose_for_themselves(strict: House):  # ORD-1
    person = await strict.register(await strict.open_tenant())
    tokens = await strict.sign_in(person)
    assert (tokens["must_enrol"], claims_of(tokens["access_token"])["roles"]) == (False, ["customer"])
    assert (await strict.ask("GET", "/me", token=tokens["access_token"]))[0] == 200


async def test_a_passkey_is_a_second_factor_which_the_password_alone_cannot_replace(strict: House):  # ORD-1
    tenant = await strict.open_tenant()
    clerk = await strict.clerk(tenant, "support")
    before, thief = await strict.sign_in(clerk), (await strict.sign_in(clerk))["access_token"]
    app = await begins(strict, clerk, thief)
    options = await creation(strict, thief)
    browser, _ = await registered(strict, before["access_token"])

    answer = await signs_in(strict, clerk)
    assert (answer[0], answer[1]["type"]) == (401, "/problems/second-factor-needed")
    for path in ("/me/second-factor", "/me/passkeys/options"):
        assert (await strict.ask("POST", path, {"password": clerk.password}, thief))[0] == 403
    assert (await strict.ask("POST", "/me/second-factor/confirmation", {"code": app.code()}, thief))[0] == 409
    assert (await keep(strict, thief, Browser().create(options)))[0] == 422

    _, tokens = await enter(strict, tenant, browser.get(await request(strict, tenant)))
    assert (tokens["must_enrol"], claims_of(tokens["access_token"])["roles"]) == (False, ["support"])
    await registered(strict, tokens["access_token"])
    await enrols(strict, clerk, tokens["access_token"])

    await strict.run("second-factor", "reset", "--tenant", tenant, "--email", clerk.email)
    assert (await strict.sign_in(clerk))["must_enrol"] is True
    assert (await enter(strict, tenant, browser.get(await request(strict, tenant))))[0] == 401
