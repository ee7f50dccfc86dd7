"""Who brings an answer of accounts to a browser that has not asked for it, or from elsewhere, signs nobody in."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from journeys.suite import Suite

from .conftest import PASSWORD, Storefront
from .signing_in import apart, back, come, register, secret, sign_in
from .visitor import Visitor, visitor


async def answered(guest: Visitor, front: Storefront) -> dict[str, str]:
    """Somebody signs in at accounts, and does not go back to the shop: what the answer holds."""
    email = await register(guest, front)
    await guest.get("/")
    await guest.post("/sign-out", {})
    there, place = await come(guest)
    status, _, headers = await there.post(place, {"email": email, "password": PASSWORD})
    assert status == 303
    return {name: values[0] for name, values in parse_qs(urlsplit(headers["Location"]).query).items()}


async def brought(guest: Visitor, answer: dict[str, str]) -> int:
    """Bring an answer to the shop; return the status of the account's page afterwards."""
    await guest.get("/signed-in?" + urlencode(answer))
    return (await guest.get("/account"))[0]


async def test_an_answer_signs_in_the_browser_that_has_asked_once(front: Storefront):
    async with visitor(front.address) as guest:
        answer = await answered(guest, front)
        assert await brought(guest, answer) == 200
        assert (await guest.get("/signed-in?" + urlencode(answer)))[0] == 303  # back and forth in the browser
        assert (await guest.get("/account"))[0] == 200


async def test_ASVS_10_2_1_an_attackers_answer_signs_in_no_victim(front: Storefront):
    async with visitor(front.address) as attacker, visitor(front.address) as victim:
        answer = await answered(attacker, front)
        # login CSRF: the victim follows the attacker's link, having asked for nothing, or for something else
        assert await brought(victim, answer) == 303
        there, place = await come(victim)
        status, text, _ = await victim.get("/signed-in?" + urlencode(answer))
        assert (status, 'data-problem="sign-in-torn"' in text) == (400, True)
        theirs = parse_qs(urlsplit((await victim.get("/sign-in"))[2]["Location"]).query)["state"][0]
        # code injection: with a state of the victim's own, the verifier is not the code's
        assert await brought(victim, answer | {"state": theirs}) == 303
        assert there.address
        assert place
        # and the code has counted for nobody
        assert await brought(attacker, answer) == 303


@pytest.mark.parametrize("issuer", ["", "https://evil.example", "http://localhost"])
async def test_ASVS_10_2_2_an_answer_of_another_server_is_none(front: Storefront, issuer: str):
    async with visitor(front.address) as guest:
        answer = await answered(guest, front)
        assert await brought(guest, answer | {"iss": issuer}) == 303
        assert await brought(guest, answer) == 200


@pytest.mark.parametrize("change", [{"code": ""}, {"error": "access_denied"}, {"state": ""}, {"state": "A" * 900}])
async def test_an_answer_that_is_torn_is_a_page_that_leads_on(front: Storefront, change: dict[str, str]):
    async with visitor(front.address) as guest:
        answer = await answered(guest, front)
        status, text, _ = await guest.get("/signed-in?" + urlencode(answer | change))
        assert (status, 'data-problem="sign-in-torn"' in text, 'href="/"' in text) == (400, True, True)


async def test_with_a_sign_in_the_secret_of_the_browser_changes(front: Storefront):
    async with visitor(front.address) as guest:
        answer = await answered(guest, front)
        before = secret(guest)
        assert await brought(guest, answer) == 200
        assert secret(guest) != before
    async with visitor(front.address) as thief:
        assert (await thief.get("/account", Cookie=f"storefront-visitor={before}"))[0] == 303


@pytest.mark.parametrize("after", ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example"])
async def test_after_a_sign_in_nobody_is_led_away(front: Storefront, after: str):
    async with visitor(front.address) as guest:
        email = await register(guest, front)
        await guest.get("/")
        await guest.post("/sign-out", {})
        there, place = await come(guest, f"/sign-in?{urlencode({'after': after})}")
        answer = await there.post(place, {"email": email, "password": PASSWORD})
        _, _, headers = await back(guest, answer)
        assert headers["Location"] == "/" or headers["Location"].startswith("/%")


async def test_somebody_who_is_signed_in_signs_in_anew_where_that_is_asked_for(front: Storefront):
    async with visitor(front.address) as guest:
        email = await register(guest, front)
        assert (await guest.get("/sign-in?after=/cart"))[2]["Location"] == "/cart"
        before = secret(guest)
        there, place = await come(guest, "/sign-in?prompt=login&after=/cart")
        _, _, headers = await back(guest, await there.post(place, {"email": email, "password": PASSWORD}))
        assert headers["Location"] == "/cart"
        assert secret(guest) != before
    async with visitor(front.address) as thief:
        assert (await thief.get("/account", Cookie=f"storefront-visitor={before}"))[0] == 303


async def test_the_cart_of_before_is_there_after_signing_in(front: Storefront):
    async with visitor(front.address) as guest:
        await guest.get("/")
        await guest.post("/cart", {"sku": "WORKS-9-ESD"})
        status, _, headers = await guest.get("/checkout")
        assert (status, headers["Location"]) == (303, "/sign-in?after=/checkout")
        await register(guest, front)
        assert (await guest.get("/checkout"))[0] == 200


async def test_no_page_of_the_shop_asks_for_a_password_to_sign_in(front: Storefront):
    async with visitor(front.address) as guest:
        for path in ("/sign-in", "/register", "/forgotten"):
            status, text, headers = await guest.get(path)
            assert (status, text) == (303, "")
            assert apart(headers["Location"])[0] != front.address
            await guest.get("/")
            assert (await guest.post(path, {"email": "a@example.org", "password": PASSWORD}))[0] == 405


async def test_whoever_is_wrong_stays_at_accounts(running: Suite, front: Storefront):
    async with visitor(front.address) as guest:
        assert await sign_in(guest, "nobody@example.org") == 401
        assert (await guest.get("/account"))[0] == 303
