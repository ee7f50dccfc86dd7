"""Staff sign in for the Work Center, a client of its own for each tenant. ORD-1"""

import base64
import json
from urllib.parse import urlencode

import pytest

from .browser import Browser, answer_of, shop_of
from .conftest import WORKCENTER, House, Person
from .devices import enrols


@pytest.fixture
async def clerk(house: House, person: Person) -> Person:
    return await house.clerk(person.tenant, "sales", "support")


def at_work(house: House, tenant: str) -> Browser:
    return Browser(house, f"workcenter:{tenant}", WORKCENTER.partition("://")[2])


async def test_staff_are_back_with_a_code_for_the_services_that_the_desk_asks(house: House, clerk: Person):
    browser = at_work(house, clerk.tenant)
    status, tokens = await browser.trade(await browser.code(clerk))
    assert status == 200
    assert (tokens["must_enrol"], tokens["must_confirm"]) == (False, False)
    body = tokens["access_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    assert (claims["client_id"], claims["roles"]) == (browser.shop, ["sales", "support"])
    assert {"letters", "partners", "orders", "storefront"} <= set(claims["aud"])
    assert "workcenter" not in claims["aud"]
    status, again = await house.ask("POST", "/refresh", {"refresh_token": tokens["refresh_token"]})
    assert (status, again["subject"]) == (200, tokens["subject"])


async def test_a_customer_has_no_place_there_and_nobody_of_another_tenant(house: House, clerk: Person, person: Person):
    status, text, _ = await at_work(house, clerk.tenant).signs_in(person)
    assert (status, "Kundin" in text or "customer" in text) == (401, True)
    other = await house.open_tenant()
    status, text, _ = await at_work(house, other).signs_in(clerk)
    assert (status, clerk.password in text) == (401, False)


async def test_the_page_names_the_tenant_and_whoever_mistypes_it_learns_so(house: House, clerk: Person):
    browser = at_work(house, clerk.tenant)
    _, text, _ = await browser.ask("GET", await browser.arrive())
    assert '<strong class="anywhere">Ein Haus</strong>' in text
    assert "/sign-in" not in text.partition("<main")[2].partition("<form")[0]  # the desk is this tenant's alone
    _, _, headers = await browser.authorize(purpose="named")
    _, text, _ = await browser.ask("GET", headers["Location"])
    assert f'href="{WORKCENTER}/sign-in"' in text
    mistyped = at_work(house, "there-is-none")
    _, _, headers = await mistyped.authorize()
    status, text, _ = await mistyped.ask("GET", headers["Location"], **{"Accept-Language": "de"})
    assert (status, 'type="password"' in text, "„there-is-none“" in text) == (404, False, True)
    mistyped.token = browser.token
    mistyped.cookies = browser.cookies
    sent = {"email": clerk.email, "password": clerk.password}
    status, text, _ = await mistyped.send(headers["Location"], sent)
    assert (status, clerk.password in text, 'type="password"' in text) == (404, False, False)


async def test_staff_who_has_forgotten_a_password_learns_whom_to_ask(house: House, clerk: Person):
    browser = at_work(house, clerk.tenant)
    place = await browser.arrive("forgotten")
    _, text, _ = await browser.ask("GET", place, **{"Accept-Language": "de"})
    main = text.partition("<main")[2].partition("</main>")[0]
    assert ("neue Einladung" in main, "<form" in main, "/authorize/password?" in main) == (True, False, True)


async def test_a_second_factor_is_asked_for_there_too(house: House, clerk: Person):
    enrolled = await enrols(house, clerk)
    browser = at_work(house, clerk.tenant)
    assert (await browser.signs_in(clerk))[0] == 401
    status, _, headers = await browser.signs_in(clerk, code=enrolled.app.code())
    assert status == 303
    assert (await browser.trade(answer_of(headers)["code"]))[0] == 200


async def test_a_code_is_for_its_client_alone(house: House, clerk: Person):
    browser, shop = at_work(house, clerk.tenant), await shop_of(house, clerk.tenant)
    other = await house.open_tenant()
    for changes in (
        {"client_id": f"workcenter:{other}"},
        {"client_id": shop.shop, "redirect_uri": shop.back},
        {"redirect_uri": "http://localhost:1/signed-in"},
    ):
        code = await browser.code(clerk)
        assert (await browser.trade(code, **changes))[0] == 400, changes
        assert (await browser.trade(code))[0] == 400  # that has used it up


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "https://evil.example/signed-in"},
        {"redirect_uri": "http://work.localhost:7001/elsewhere"},
        {"client_id": "workcenter:"},
        {"client_id": "workcenter"},
        {"client_id": "workcenter:A B"},
        {"client_id": "workcenter:kontor:kontor"},
        {"client_id": "desk:kontor"},
    ],
    ids=str,
)
async def test_nobody_is_led_to_what_is_no_desk(house: House, tenant: str, changes: dict[str, str]):
    browser = at_work(house, tenant)
    status, _, headers = await browser.ask("GET", "/authorize?" + urlencode(browser.question | changes))
    assert (status, "Location" in headers) == (400, False)


async def test_staff_open_no_account_there(house: House, tenant: str):
    browser = at_work(house, tenant)
    status, _, headers = await browser.authorize(prompt="create")
    assert status == 303
    assert (await browser.ask("GET", headers["Location"]))[0] == 404
    assert (await browser.send(headers["Location"], {}))[0] == 404


async def test_the_desk_is_known_to_clients(house: House):
    async with house.home.http.get(
        "/.well-known/oauth-authorization-server", headers={"Host": "work.localhost"}
    ) as answer:
        assert answer.status == 200
        assert (await answer.json())["issuer"] == "http://work.localhost"


async def test_whoever_is_invited_chooses_a_password_there_once(house: House, clerk: Person):
    done = await house.run(
        "staff", "add", "--tenant", clerk.tenant, "--email", "neu@kontor.example", "--name", "N", "--role", "sales"
    )
    invitation = done.output.split()[-1]
    browser = at_work(house, clerk.tenant)
    _, _, headers = await browser.authorize(prompt="invited")
    place = headers["Location"]
    assert (await browser.ask("GET", place))[0] == 200
    chosen = {"invitation": invitation, "password": "wander unter hohen buchen"}
    assert (await browser.send(place, chosen | {"password": "passwort1234"}))[0] == 422
    assert (await browser.send(place, chosen | {"invitation": "x"}))[0] == 401
    other = at_work(house, await house.open_tenant())
    _, _, headers = await other.authorize(prompt="invited")
    await other.ask("GET", headers["Location"])
    assert (await other.send(headers["Location"], chosen))[0] == 401
    assert (await browser.send(place, chosen))[0] == 303
    assert (await browser.send(place, chosen))[0] == 401
    person = Person(clerk.tenant, "neu@kontor.example", "N", chosen["password"])
    assert (await browser.signs_in(person))[0] == 303
