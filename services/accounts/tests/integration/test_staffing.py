"""Staff come by invitation and go at once. ORD-1"""

from datetime import timedelta

from typer.testing import Result

from .authenticator import enter, registered, request
from .conftest import PASSWORD, House, Person


async def invited(house: House, tenant: str, email: str) -> str:
    words = ("--tenant", tenant, "--email", email, "--name", "Ina Invitata", "--role", "support")
    done = await house.run("staff", "add", *words)
    assert done.exit_code == 0, done.output
    return done.output.split()[-1]


async def accepted(house: House, invitation: str, password: str = PASSWORD) -> int:
    return (await house.ask("POST", "/invitation", {"invitation": invitation, "password": password}))[0]


async def test_one_who_is_invited_chooses_a_password_once(house: House, tenant: str):
    ina = Person(tenant, "ina@kontor.example", "Ina Invitata", PASSWORD)
    invitation = await invited(house, tenant, ina.email)
    assert (await house.ask("POST", "/sign-in", ina.sign_in))[0] == 401
    assert await accepted(house, invitation, "aaaaaaaaaaaa") == 422
    assert await accepted(house, invitation) == 204
    assert await accepted(house, invitation, "ein anderes kennwort") == 401
    tokens = await house.sign_in(ina)
    assert (await house.ask("GET", "/me", token=tokens["access_token"]))[1]["roles"] == ["support"]


async def test_a_file_of_staff_is_loaded_whole_or_not_at_all(house: House, tenant: str):
    lea, otto = (Person(tenant, f"{name}@kontor.example", name.title(), PASSWORD) for name in ("lea", "otto"))

    async def load(*members: str) -> Result:
        file = house.file("".join(["staff:\n", *(f"- {{{member}}}\n" for member in members)]))
        return await house.run("staff", "load", "--tenant", tenant, "--file", file)

    password = house.file(PASSWORD)
    named = f"email: {otto.email}, name: Otto, roles: [operator], password_file: {password}"
    other = f"email: {lea.email}, name: Lea, roles: [sales, files], language: en"
    for fault in ("email: nobody, name: N, roles: [sales]", f"email: {lea.email.upper()}, name: I, roles: [chief]"):
        refused = await load(named, other, fault)
        assert (refused.exit_code, refused.output.count("staff")) == (1, 1), refused.output
        assert fault.split()[1].strip(",") not in refused.output
    twice = await load(named, other, f"email: {lea.email}, name: Lea, roles: [sales]")
    assert (twice.exit_code, "4" in twice.output) == (1, True)
    missing = await load(other, named.replace(password, "/nowhere"))
    assert missing.exit_code == 1
    assert (await house.ask("POST", "/sign-in", otto.sign_in))[0] == 401
    done = await load(named, other)
    assert (done.exit_code, done.output.count("added"), done.output.count("/invitation")) == (0, 2, 1)
    assert await accepted(house, done.output.split()[-1]) == 204
    for one, roles in ((lea, ["files", "sales"]), (otto, ["operator"])):
        tokens = await house.sign_in(one)
        assert (await house.ask("GET", "/me", token=tokens["access_token"]))[1]["roles"] == roles
    assert (await load(named)).output == "changed\n"


async def test_an_invitation_counts_until_another_or_three_days_later(house: House, tenant: str):
    first, second = [await invited(house, tenant, "late@kontor.example") for _ in range(2)]
    assert await accepted(house, first) == 401
    await house.shift(timedelta(days=3))
    assert await accepted(house, second) == 401
    assert await accepted(house, "nowhere.at all") == 401


async def test_an_operator_knows_no_password_where_staff_need_a_second_factor(house: House, tenant: str):
    house = House(house.home, house.directory, {**house.settings, "STAFF_SECOND_FACTOR": "required"})
    words = ["staff", "add", "--tenant", tenant, "--email", "o@kontor.example", "--name", "Otto", "--role", "sales"]
    done = await house.run(*words, "--password-file", house.file(PASSWORD))
    assert (done.exit_code, len(done.output.strip().splitlines())) == (1, 1)
    assert (await house.run(*words)).exit_code == 0


async def test_one_who_leaves_is_out_at_once_by_every_way(house: House, tenant: str):
    clerk = await house.clerk(tenant, "support")
    tokens = await house.sign_in(clerk)
    browser, _ = await registered(house, tokens["access_token"])
    assert (await enter(house, tenant, browser.get(await request(house, tenant))))[0] == 200
    who = ("--tenant", tenant, "--email", clerk.email)
    assert (await house.run("staff", "remove", *who)).exit_code == 0
    assert (await enter(house, tenant, browser.get(await request(house, tenant))))[0] == 401
    assert (await house.ask("POST", "/sign-in", clerk.sign_in))[0] == 401
    assert (await house.ask("POST", "/refresh", {"refresh_token": tokens["refresh_token"]}))[0] == 401
    again = await house.ask("POST", "/me/passkeys/options", {"password": PASSWORD}, tokens["access_token"])
    assert again[0] == 403
    assert (await house.run("staff", "remove", *who)).exit_code == 1


async def test_customers_are_not_staff_and_one_who_left_may_come_back(house: House, tenant: str):
    customer, clerk = await house.register(tenant), await house.clerk(tenant, "support")
    assert (await house.run("staff", "remove", "--tenant", tenant, "--email", customer.email)).exit_code == 1
    assert (await house.run("staff", "remove", "--tenant", tenant, "--email", clerk.email)).exit_code == 0
    assert await accepted(house, await invited(house, tenant, clerk.email)) == 204
    assert (await house.sign_in(clerk))["must_enrol"] is False
