"""What hurts is done with the password, or shortly after signing in with all factors (RFC 9470). ORD-1"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from .conftest import PASSWORD, House, Person
from .devices import enrols

MINUTES = timedelta(minutes=5, seconds=1)
ACTS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("PUT", "/me/choice", {"keep_data": True}),
    ("POST", "/me/email", {"email": "anders@example.org"}),
    ("POST", "/me/passkeys/options", {}),
    ("POST", "/me/passkeys/00000000-0000-7000-8000-000000000000/removal", {}),
    ("POST", "/me/second-factor/recovery-codes", {}),
    ("POST", "/me/second-factor/removal", {}),
    ("POST", "/me/second-factor", {}),
    ("POST", "/me/deletion", {}),
)


async def done(house: House, token: str, method: str, path: str, body: Mapping[str, Any]) -> tuple[int, str]:
    """The status of an act, and why it was refused."""
    headers = house.home.bearer(token)
    async with house.home.http.request(method, path, json=dict(body), headers=headers) as answer:
        refusal = str((await answer.json()).get("type", "")) if answer.status >= 400 else ""
        if refusal.endswith("insufficient-user-authentication"):
            challenge = answer.headers["WWW-Authenticate"]
            assert challenge == 'Bearer error="insufficient_user_authentication", max_age=300'
        return answer.status, refusal.rpartition("/")[2]


async def refreshed(house: House, tokens: dict[str, Any]) -> dict[str, Any]:
    status, answer = await house.ask("POST", "/refresh", {"refresh_token": tokens["refresh_token"]})
    assert status == 200, answer
    return answer


async def test_shortly_after_signing_in_no_act_asks_for_the_password(house: House, person: Person):
    token = (await house.sign_in(person))["access_token"]
    statuses = [(await done(house, token, *act))[0] for act in ACTS]
    assert statuses == [200, 202, 200, 404, 409, 409, 200, 200]


async def test_later_every_act_asks_for_it_and_a_refresh_does_not_help(house: House, person: Person):
    tokens = await house.sign_in(person)
    await house.shift(MINUTES)
    tokens = await refreshed(house, tokens)
    for act in ACTS:
        assert await done(house, tokens["access_token"], *act) == (401, "insufficient-user-authentication"), act
    method, path, body = ACTS[0]
    named = {**body, "password": PASSWORD}
    assert (await done(house, tokens["access_token"], method, path, named))[0] == 200
    wrong = {**body, "password": "something else"}
    assert await done(house, tokens["access_token"], method, path, wrong) == (403, "password-refused")
    # who has named it for one act has not signed in
    assert (await done(house, tokens["access_token"], *ACTS[0]))[0] == 401


async def test_who_proves_once_more_who_they_are_is_asked_for_nothing_with_the_next_token(house: House, person: Person):
    tokens = await house.sign_in(person)
    await house.shift(MINUTES)
    tokens = await refreshed(house, tokens)
    path = "/me/authentication"
    assert await done(house, tokens["access_token"], "POST", path, {"password": "something else"}) == (
        403,
        "password-refused",
    )
    assert (await done(house, (await refreshed(house, tokens))["access_token"], *ACTS[0]))[0] == 401
    tokens = await house.sign_in(person)
    await house.shift(MINUTES)
    tokens = await refreshed(house, tokens)
    assert (await done(house, tokens["access_token"], "POST", path, {"password": PASSWORD}))[0] == 204
    assert (await done(house, tokens["access_token"], *ACTS[0]))[0] == 401
    assert (await done(house, (await refreshed(house, tokens))["access_token"], *ACTS[0]))[0] == 200


async def test_who_has_a_second_factor_has_signed_in_with_it(house: House, person: Person):
    token = (await house.sign_in(person))["access_token"]
    assert (await done(house, token, "POST", "/me/second-factor", {}))[0] == 200
    await house.home.sql("update second_factors set confirmed_at = now() where subject_id = $1", person.id)
    for act in ACTS[:-2]:
        assert await done(house, token, *act) == (401, "insufficient-user-authentication"), act
    await house.home.sql("delete from second_factors where subject_id = $1", person.id)
    enrolled = await enrols(house, person)
    assert (await done(house, enrolled.token, *ACTS[0]))[0] == 200


async def test_a_session_that_has_ended_does_nothing_however_fresh_its_token_is(house: House, person: Person):
    tokens = await house.sign_in(person)
    assert (await house.ask("POST", "/sign-out", {"refresh_token": tokens["refresh_token"]}))[0] == 204
    assert await done(house, tokens["access_token"], *ACTS[-1]) == (401, "insufficient-user-authentication")


async def test_a_new_password_needs_the_old_one_however_fresh_the_token_is(house: House, person: Person):
    token = (await house.sign_in(person))["access_token"]
    status, problem = await house.ask("PUT", "/me/password", {"new": "ein ganz anderes Gewitter"}, token)
    assert (status, problem["type"]) == (422, "/problems/invalid")
