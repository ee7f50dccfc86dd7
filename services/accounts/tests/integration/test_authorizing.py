"""Customers sign in for a shop on the pages of accounts, and the shop gets a code that it alone can trade. ORD-1"""

import asyncio
import base64
import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from .browser import Browser, answer_of, asks_for_tokens, shop_of
from .conftest import PASSWORD, House, Person


@pytest.fixture
async def browser(house: House, person: Person) -> Browser:
    return await shop_of(house, person.tenant)


async def me(house: House, tokens: dict[str, Any]) -> int:
    return (await house.ask("GET", "/me", token=tokens["access_token"]))[0]


async def goes_on(house: House, browser: Browser, tokens: dict[str, Any], **changes: str) -> tuple[int, dict[str, Any]]:
    fields = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "client_id": browser.shop}
    return await asks_for_tokens(house, fields | changes)


async def test_whoever_signs_in_comes_back_with_a_code_for_tokens(house: House, person: Person, browser: Browser):
    status, _, headers = await browser.signs_in(person)
    assert status == 303
    assert headers["Location"].startswith(f"{browser.back}?")
    assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    answer = answer_of(headers)
    assert answer.keys() == {"code", "state", "iss"}
    assert (answer["state"], answer["iss"]) == (browser.state, f"http://{browser.host}")
    status, tokens = await browser.trade(answer["code"])
    assert (status, tokens["token_type"], tokens["subject"]) == (200, "Bearer", str(person.id))
    assert await me(house, tokens) == 200
    status, more = await goes_on(house, browser, tokens)
    assert status == 200
    assert await me(house, more) == 200


async def test_the_pages_have_the_looks_of_the_shop_and_stand_in_no_other(browser: Browser):
    place = await browser.arrive()
    _, text, headers = await browser.ask("GET", place)
    assert "Ein Shop" in text
    policy = headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert f"form-action 'self' http://{browser.name};" in policy
    assert "unsafe" not in policy
    assert headers["Cache-Control"] == "private, no-store"
    assert "#0f766e" in (await browser.ask("GET", f"/clients/{browser.shop}/brand.css"))[1]
    assert (await browser.ask("GET", "/clients/nobody/brand.css"))[0] == 404


@pytest.mark.parametrize("change", [{}, {"prompt": "login"}, {"max_age": "0"}, {"scope": "openid", "nonce": "n"}])
async def test_everybody_signs_in_anew(person: Person, browser: Browser, change: dict[str, str]):
    await browser.code(person)
    status, _, headers = await browser.authorize(**change)
    assert (status, headers["Location"].partition("?")[0]) == (303, "/authorize/sign-in")
    assert answer_of((await browser.authorize(prompt="none"))[2])["error"] == "login_required"


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/signed-in",
        "http://{name}.evil.example/signed-in",
        "http://{name}/signed-in/",
        "http://{name}/signed-in?x=1",
        "http://{name}/signed-in#x",
        "http://{name}@evil.example/signed-in",
        "http://evil.example\\@{name}/signed-in",
        "http://{name}/other",
        "//{name}/signed-in",
        "javascript:alert(1)",
        "http://{upper}/signed-in",
        "",
    ],
)
async def test_nobody_is_led_to_an_address_that_is_not_the_shops(browser: Browser, address: str):
    wrong = address.format(name=browser.name, upper=browser.name.upper())
    status, text, headers = await browser.authorize(redirect_uri=wrong)
    assert (status, "Location" in headers) == (400, False)
    assert 'data-problem="client-unknown"' in text
    assert "evil" not in text
    # nor by a page that somebody has put together
    packed = json.dumps([browser.shop, wrong, browser.question["code_challenge"], "s", ""])
    for page in ("sign-in", "register", "forgotten", "forgotten/code", "passkey"):
        assert (await browser.ask("GET", f"/authorize/{page}?{urlencode({'request': pack(packed)})}"))[0] == 400


def pack(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("packed", ["", "x", "e30", "W10", "bnVsbA", "%00", "é", "W1tbW1tb", "a" * 7999])
async def test_what_is_no_request_is_a_page_that_leads_nowhere(browser: Browser, packed: str):
    for method in ("GET", "POST"):
        status, text, headers = await browser.ask(method, f"/authorize/sign-in?{urlencode({'request': packed})}", {})
        assert (status, "Location" in headers, "Traceback" in text) == (400, False, False)
    assert (await browser.ask("GET", "/authorize/sign-in"))[0] == 400
    assert (await browser.ask("GET", f"/authorize/sign-in?request={'a' * 9000}"))[0] in (400, 422)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge": "a" * 42}, "invalid_request"),
        ({"code_challenge": "a" * 42 + "="}, "invalid_request"),
        ({"state": "a b"}, "invalid_request"),
        ({"state": "a\r\nSet-Cookie: x=1"}, "invalid_request"),
    ],
)
async def test_a_request_that_lacks_what_protects_it_goes_back_as_refused(
    browser: Browser, change: dict[str, str], error: str
):
    status, _, headers = await browser.authorize(**change)
    assert (status, answer_of(headers)["error"]) == (303, error)
    assert answer_of(headers)["iss"] == f"http://{browser.host}"
    assert headers["Location"].startswith(f"{browser.back}?")
    assert "x" not in browser.cookies


@pytest.mark.parametrize("host", ["evil.example", "localhost", "{name}", "127.0.0.1"])
async def test_a_shops_pages_are_at_its_own_name_alone(browser: Browser, host: str):
    place = await browser.arrive()
    host = host.format(name=browser.name)
    for path in (place, "/authorize?" + urlencode(browser.question)):
        status, text, headers = await browser.ask("GET", path, Host=host)
        assert (status, "Location" in headers) == (400, False)
        assert "evil.example" not in text
    assert (await browser.ask("GET", "/.well-known/oauth-authorization-server", Host=host))[0] == 404


async def test_what_clients_may_know_stands_at_its_place(browser: Browser):
    status, text, _ = await browser.ask("GET", "/.well-known/oauth-authorization-server")
    known = json.loads(text)
    assert (status, known["issuer"]) == (200, f"http://{browser.host}")
    assert known["authorization_endpoint"] == f"http://{browser.host}/authorize"
    assert known["code_challenge_methods_supported"] == ["S256"]
    assert known["grant_types_supported"] == ["authorization_code", "refresh_token"]


async def test_a_code_counts_once_and_a_second_time_ends_what_was_made_of_it(
    house: House, person: Person, browser: Browser
):
    code = await browser.code(person)
    status, tokens = await browser.trade(code)
    assert status == 200
    assert await browser.trade(code) == (400, {"error": "invalid_grant"})
    assert (await goes_on(house, browser, tokens))[0] == 400
    assert (await house.ask("POST", "/refresh", {"refresh_token": tokens["refresh_token"]}))[0] == 401


async def test_of_many_who_bring_a_code_at_once_one_gets_tokens_that_do_not_last(
    house: House, person: Person, browser: Browser
):
    code = await browser.code(person)
    answers = await asyncio.gather(*(browser.trade(code) for _ in range(8)))
    (tokens,) = [body for status, body in answers if status == 200]
    assert (await goes_on(house, browser, tokens))[0] == 400


async def test_a_code_ends_after_a_minute(house: House, person: Person, browser: Browser):
    code = await browser.code(person)
    await house.shift(timedelta(seconds=61))
    assert (await browser.trade(code))[0] == 400


@pytest.mark.parametrize(
    "change",
    [
        {"code_verifier": "a" * 43},
        {"code_verifier": "a"},
        {"redirect_uri": "http://other.localhost:7000/signed-in"},
        {"client_id": "another"},
    ],
)
async def test_a_code_is_its_clients_with_its_secret_alone(person: Person, browser: Browser, change: dict[str, str]):
    code = await browser.code(person)
    assert await browser.trade(code, **change) == (400, {"error": "invalid_grant"})
    # whoever has tried has it, so it counts no more
    assert (await browser.trade(code))[0] == 400


async def test_a_code_of_one_shop_is_nothing_in_another(house: House, person: Person, browser: Browser):
    other = await shop_of(house, await house.open_tenant())
    code = await browser.code(person)
    assert (await other.trade(code, code_verifier=browser.verifier))[0] == 400
    mine = await browser.code(person)
    _, tokens = await browser.trade(mine)
    assert (await goes_on(house, other, tokens))[0] == 400
    assert (await goes_on(house, browser, tokens))[0] == 200
    # and nobody of the one tenant is known in the other
    assert (await other.signs_in(person))[0] == 401


async def test_a_code_of_before_a_new_password_does_not_count(house: House, person: Person, browser: Browser):
    code = await browser.code(person)
    token = (await house.sign_in(person))["access_token"]
    change = {"current": PASSWORD, "new": "ein ganz anderer satz"}
    assert (await house.ask("PUT", "/me/password", change, token))[0] == 200
    assert (await browser.trade(code))[0] == 400


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("", "unsupported_grant_type"),
        ("grant_type=password&username=a&password=b", "unsupported_grant_type"),
        ("grant_type=authorization_code", "invalid_request"),
        ("grant_type=refresh_token&refresh_token=a", "invalid_request"),
        ("grant_type=refresh_token&refresh_token=a.b&client_id=c", "invalid_grant"),
        ("grant_type=authorization_code&code=a&code=b", "invalid_request"),
        ("grant_type=refresh_token&refresh_token=a%00&client_id=b", "invalid_request"),
        ("%ff", "unsupported_grant_type"),
        ("&".join(f"a{number}=1" for number in range(50)), "invalid_request"),
    ],
)
async def test_what_is_no_request_for_tokens_is_refused_as_such(house: House, body: str, error: str):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert await asks_for_tokens(house, body, **form) == (400, {"error": error})


async def test_other_bodies_are_no_request_for_tokens(house: House):
    async with house.home.http.post("/token", json={"grant_type": "authorization_code"}) as answer:
        assert answer.status == 415
    async with house.home.http.post("/token", data={"code": "a" * 9000}) as answer:
        assert answer.status == 413
