"""A token counts at the services that it is for: those of shops, those that somebody has named, or all. ORD-1"""

from datetime import timedelta

import pytest
from chassis.identity.tokens import Unauthenticated, Verifier
from contracts.topics import SERVICES
from joserfc import jws

from .browser import asks_for_tokens, shop_of
from .conftest import House, Person
from .devices import begins
from .test_signing_in import claims_of

OF_SHOPS = {"accounts", "catalog", "orders", "payments", "delivery", "licensing", "rewards", "mail-relay"}


async def test_somebody_who_signs_in_by_a_program_may_call_all_or_whom_they_name(house: House, person: Person):
    tokens = await house.sign_in(person)
    claims = claims_of(tokens["access_token"])
    assert set(claims["aud"]) == set(SERVICES)
    assert "client_id" not in claims
    assert jws.extract_compact(tokens["access_token"].encode()).headers()["typ"] == "at+jwt"
    status, few = await house.ask("POST", "/sign-in", person.sign_in | {"audience": ["orders", "accounts"]})
    assert (status, claims_of(few["access_token"])["aud"]) == (200, ["accounts", "orders"])
    _, more = await house.ask("POST", "/refresh", {"refresh_token": few["refresh_token"]})
    assert claims_of(more["access_token"])["aud"] == ["accounts", "orders"]
    for wrong in (["nothing"], [], "orders", ["orders", "Orders"]):
        assert (await house.ask("POST", "/sign-in", person.sign_in | {"audience": wrong}))[0] == 422


async def test_a_shop_gets_tokens_for_what_it_shows_its_customers(house: House, person: Person):
    browser = await shop_of(house, person.tenant)
    _, tokens = await browser.trade(await browser.code(person))
    fields = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "client_id": browser.shop}
    _, more = await asks_for_tokens(house, fields)
    for one in (tokens, more):
        claims = claims_of(one["access_token"])
        assert (set(claims["aud"]), claims["client_id"]) == (OF_SHOPS, browser.shop)


async def test_a_token_names_when_its_owner_signed_in_and_not_when_the_code_came(house: House, person: Person):
    browser = await shop_of(house, person.tenant)
    code = await browser.code(person)
    await house.shift(timedelta(seconds=30))
    _, tokens = await browser.trade(code)
    claims = claims_of(tokens["access_token"])
    assert 29 <= claims["iat"] - claims["auth_time"] <= 60


async def test_a_session_that_takes_anothers_place_is_for_nobody_else(house: House, person: Person):
    _, few = await house.ask("POST", "/sign-in", person.sign_in | {"audience": ["accounts"]})
    app = await begins(house, person, few["access_token"])
    await app.look()
    body = {"code": app.code()}
    _, confirmed = await house.ask("POST", "/me/second-factor/confirmation", body, few["access_token"])
    assert claims_of(confirmed["tokens"]["access_token"])["aud"] == ["accounts"]


async def test_a_token_for_others_is_refused_here(house: House, person: Person):
    _, tokens = await house.ask("POST", "/sign-in", person.sign_in | {"audience": ["orders"]})
    assert (await house.ask("GET", "/me", token=tokens["access_token"]))[0] == 401
    jwks = (await house.ask("GET", "/.well-known/jwks.json"))[1]

    async def load() -> dict[str, object]:
        return jwks

    assert await Verifier(load, house.home.clock, "orders").verify(tokens["access_token"])
    for other in ("payments", "partners", "kontor", ""):
        with pytest.raises(Unauthenticated):
            await Verifier(load, house.home.clock, other).verify(tokens["access_token"])


async def test_a_services_token_counts_where_services_are_asked(house: House):
    assert claims_of(await house.service("letters"))["aud"] == ["accounts", "delivery", "rewards"]
