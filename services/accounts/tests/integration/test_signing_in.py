"""Registration, sign-in, sessions. ORD-1 M18 M25"""

import asyncio
import base64
import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from accounts.domain.tokens import hashed
from chassis.identity.sealing import open_box
from chassis_testing.harness import until
from contracts.accounts import CustomerClaims, CustomerRegistered

from .conftest import PASSWORD, House, Person


def claims_of(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


async def test_a_customer_registers_signs_in_and_sees_the_private_area(house: House, tenant: str):  # ORD-1 M25
    person = await house.register(tenant, keep_data=False)
    tokens = await house.sign_in(person)
    status, me = await house.ask("GET", "/me", token=tokens["access_token"])
    assert (status, me["subject"], me["name"], me["email"]) == (200, str(person.id), person.name, person.email)
    assert (me["roles"], me["keep_data"], me["market"]) == (["customer"], False, "DE")
    assert tokens["expires_in"] == 600


async def test_the_private_area_asks_for_a_token(house: House):  # M18 M25
    for method, path in (("GET", "/me"), ("PUT", "/me/choice"), ("POST", "/me/deletion"), ("PUT", "/me/password")):
        assert (await house.ask(method, path, {}))[0] == 401


async def test_registration_is_published_with_sealed_fields_only(house: House, tenant: str):  # M23
    person = await house.register(tenant)

    async def published() -> list[CustomerRegistered]:
        return [event for event in house.published(CustomerRegistered) if event.customer == person.id]

    (registered,) = await until(published, what="the registration to be published")
    assert (registered.name.key, registered.email.key) == (registered.keys.profile.key, registered.keys.contact.key)
    mail = await house.service("letters")
    given = await house.keys(mail, "send e-mails", registered.email.key)
    assert open_box(registered.email, base64.b64decode(given[registered.email.key]["private"])) == person.email


async def test_the_token_carries_what_a_sale_needs_and_nothing_in_clear(house: House, tenant: str):  # M23
    person = await house.register(tenant)
    claims = claims_of((await house.sign_in(person))["access_token"])
    sale = CustomerClaims.model_validate(claims)
    keys = await house.keys_of(person)
    assert (sale.keys.profile.key, sale.keys.contact.key) == (keys["profile"], keys["contact"])
    assert {sale.name_profile.key, sale.email_profile.key} == {keys["profile"]}
    assert {sale.name_contact.key, sale.email_contact.key} == {keys["contact"]}
    assert (claims["sub"], claims["tenant"], claims["roles"]) == (str(person.id), tenant, ["customer"])
    text = json.dumps(claims, ensure_ascii=False).lower()
    assert person.email.lower() not in text
    assert person.name.lower() not in text


async def test_the_same_registration_sent_again_is_one_account(house: House, tenant: str):
    body, key = house.registration(tenant), {"Idempotency-Key": str(uuid4())}
    first = await house.ask("POST", "/customers", body, **key)
    again = await house.ask("POST", "/customers", body, **key)
    assert first[0] == 201
    assert first == again
    assert (await house.ask("POST", "/customers", {**body, "name": "Other"}, **key))[0] == 422


async def test_registering_asks_for_an_idempotency_key(house: House, tenant: str):
    assert (await house.ask("POST", "/customers", house.registration(tenant)))[0] == 400


async def test_a_known_address_is_refused_however_it_is_spelled(house: House, tenant: str):
    person = await house.register(tenant)
    body = house.registration(tenant, email=person.email.upper())
    status, problem = await house.ask("POST", "/customers", body, **{"Idempotency-Key": str(uuid4())})
    assert (status, problem["type"]) == (409, "/problems/email-taken")


async def test_one_address_may_have_an_account_with_each_tenant(house: House, tenant: str):  # M28
    person = await house.register(tenant)
    other = await house.register(await house.open_tenant(), email=person.email)
    assert other.id != person.id


async def test_nobody_registers_with_a_tenant_that_is_not_there(house: House):
    body = house.registration("nowhere")
    assert (await house.ask("POST", "/customers", body, **{"Idempotency-Key": str(uuid4())}))[0] == 404


@pytest.mark.parametrize(
    "change",
    [
        {"email": "no address"},
        {"email": "a@b@c"},
        {"email": "a\r\nBcc: b@example.org"},
        {"email": "@example.org"},
        {"email": "a@example..org"},
        {"email": "a" * 300 + "@example.org"},
        {"password": "elf letters"},
        {"password": "aaaaaaaaaaaa"},
        {"password": "x" * 201},
        {"password": 123456789012},
        {"name": ""},
        {"name": " \t"},
        {"name": "line\nbreak"},
        {"name": "x" * 121},
        {"name": None},
        {"market": "Germany"},
        {"language": "fr"},
        {"keep_data": "yes"},
        {"tenant": "../other"},
        {"roles": ["sales"]},
    ],
)
async def test_a_bad_registration_is_refused_without_echo(house: House, tenant: str, change: dict[str, Any]):
    body = house.registration(tenant, **change)
    status, problem = await house.ask("POST", "/customers", body, **{"Idempotency-Key": str(uuid4())})
    assert status == 422
    assert body["email"] not in json.dumps(problem)
    assert str(body["password"]) not in json.dumps(problem)


async def test_malformed_and_oversized_bodies_are_refused(house: House):
    headers = {"Content-Type": "application/json"}
    async with house.home.http.post("/sign-in", data=b"{", headers=headers) as answer:
        assert answer.status == 400
    async with house.home.http.post("/sign-in", data=b" " * 70_000, headers=headers) as answer:
        assert answer.status == 413
    async with house.home.http.post("/sign-in", data=b'{"email": "a\\u0000"}', headers=headers) as answer:
        assert answer.status == 422


async def test_what_is_wrong_at_sign_in_is_answered_alike_and_costs_the_same_work(house: House, tenant: str):
    person = await house.register(tenant)
    answers: list[tuple[int, dict[str, Any]]] = []
    for wrong in (
        {"password": "not the password"},
        {"email": "nobody@example.org"},
        {"tenant": "nowhere"},
        {"email": "no address"},
    ):
        before = await house.hashes()
        answers.append(await house.ask("POST", "/sign-in", {**person.sign_in, **wrong}))
        assert await house.hashes() == before + 1
    assert answers[0][0] == 401
    assert all(answer == answers[0] for answer in answers)


async def test_guessing_is_throttled_for_known_and_unknown_names_alike(house: House, tenant: str):
    person = await house.register(tenant)
    for email in (person.email, "nobody.at.all@example.org"):
        guess = {"tenant": tenant, "email": email, "password": "not the password"}
        statuses = [(await house.ask("POST", "/sign-in", guess))[0] for _ in range(6)]
        assert statuses == [401] * 5 + [429]
    right = await house.ask("POST", "/sign-in", person.sign_in)
    assert (right[0], right[1]["type"]) == (429, "/problems/throttled")
    async with house.home.http.post("/sign-in", json=person.sign_in) as answer:
        assert int(answer.headers["Retry-After"]) >= 1
    await house.shift(timedelta(minutes=20))
    await house.sign_in(person)


async def test_guesses_in_parallel_are_counted_before_they_are_judged(house: House, tenant: str):
    person = await house.register(tenant)
    guess = {**person.sign_in, "password": "not the password"}
    before = await house.hashes()
    answers = await asyncio.gather(*(house.ask("POST", "/sign-in", guess) for _ in range(20)))
    assert sorted(status for status, _ in answers).count(401) == 5
    assert await house.hashes() == before + 5


async def test_each_refused_attempt_is_on_record(house: House):
    tenant = await house.open_tenant()
    guess = {"tenant": tenant, "email": "nobody@example.org", "password": "not the password"}
    for _ in range(6):
        await house.ask("POST", "/sign-in", guess)
    rows = await house.home.sql(
        "select outcome, count(*) as n from attempts where tenant = $1 group by outcome order by outcome", tenant
    )
    assert [(row["outcome"], row["n"]) for row in rows] == [("refused", 5), ("throttled", 1)]


async def test_a_refresh_token_is_traded_for_the_next_pair(house: House, tenant: str):
    person = await house.register(tenant)
    first = await house.sign_in(person)
    status, second = await house.ask("POST", "/refresh", {"refresh_token": first["refresh_token"]})
    assert (status, second["subject"]) == (200, str(person.id))
    assert second["refresh_token"] != first["refresh_token"]
    assert (await house.ask("GET", "/me", token=second["access_token"]))[0] == 200


async def test_the_token_of_a_password_alone_names_it_and_so_does_its_refresh(house: House, tenant: str):  # ORD-1
    tokens = await house.sign_in(await house.register(tenant))
    _, refreshed = await house.ask("POST", "/refresh", {"refresh_token": tokens["refresh_token"]})
    for pair in (tokens, refreshed):
        assert claims_of(pair["access_token"])["amr"] == ["pwd"]


async def test_a_refresh_token_that_comes_twice_ends_its_session_on_record(house: House, tenant: str):
    person = await house.register(tenant)
    stolen = (await house.sign_in(person))["refresh_token"]
    _, next_pair = await house.ask("POST", "/refresh", {"refresh_token": stolen})
    other = await house.sign_in(person)
    assert (await house.ask("POST", "/refresh", {"refresh_token": stolen}))[0] == 401
    assert (await house.ask("POST", "/refresh", {"refresh_token": next_pair["refresh_token"]}))[0] == 401
    ended = "select end_reason from sessions where subject_id = $1 and ended_at is not null"
    rows = await house.home.sql(ended, person.id)
    assert [row["end_reason"] for row in rows] == ["a refresh token was used twice"]
    assert (await house.ask("POST", "/refresh", {"refresh_token": other["refresh_token"]}))[0] == 200


async def test_of_many_refreshes_with_one_token_one_succeeds(house: House, tenant: str):
    token = (await house.sign_in(await house.register(tenant)))["refresh_token"]
    answers = await asyncio.gather(*(house.ask("POST", "/refresh", {"refresh_token": token}) for _ in range(10)))
    assert sorted(status for status, _ in answers) == [200] + [401] * 9


async def test_the_database_knows_refresh_tokens_by_their_hash_only(house: House, tenant: str):
    token = (await house.sign_in(await house.register(tenant)))["refresh_token"]
    assert await house.home.sql("select 1 from refresh_tokens where hash = $1", hashed(token))
    rows = await house.home.sql("select t::text as text from refresh_tokens t")
    assert not any(token.rpartition(".")[2] in row["text"] for row in rows)


@pytest.mark.parametrize("token", ["x", "nowhere.x", "..", "a" * 200])
async def test_what_is_no_refresh_token_is_refused(house: House, token: str):
    assert (await house.ask("POST", "/refresh", {"refresh_token": token}))[0] == 401


async def test_signing_out_ends_the_session_and_no_other(house: House, tenant: str):
    person = await house.register(tenant)
    here, there = await house.sign_in(person), await house.sign_in(person)
    assert (await house.ask("POST", "/sign-out", {"refresh_token": here["refresh_token"]}))[0] == 204
    assert (await house.ask("POST", "/refresh", {"refresh_token": here["refresh_token"]}))[0] == 401
    assert (await house.ask("POST", "/refresh", {"refresh_token": there["refresh_token"]}))[0] == 200
    assert (await house.ask("POST", "/sign-out", {"refresh_token": "unknown"}))[0] == 204


async def test_a_session_that_is_not_used_for_a_month_expires(house: House, tenant: str):
    token = (await house.sign_in(await house.register(tenant)))["refresh_token"]
    await house.shift(timedelta(days=31))
    assert (await house.ask("POST", "/refresh", {"refresh_token": token}))[0] == 401


async def test_a_new_password_replaces_the_old_one_and_ends_sessions(house: House, tenant: str):
    person = await house.register(tenant)
    tokens = await house.sign_in(person)
    change = {"current": PASSWORD, "new": "ein ganz neues kennwort"}
    for weak in ("aaaaaaaaaaaa", person.name):
        answer = await house.ask("PUT", "/me/password", {**change, "new": weak}, tokens["access_token"])
        assert (answer[0], answer[1]["type"]) == (422, "/problems/password-guessable")
    assert await house.ask("PUT", "/me/password", change, tokens["access_token"]) == (200, {"items": [], "next": None})
    assert (await house.ask("POST", "/refresh", {"refresh_token": tokens["refresh_token"]}))[0] == 401
    assert (await house.ask("POST", "/sign-in", person.sign_in))[0] == 401
    await house.sign_in(Person(tenant, person.email, person.name, change["new"]))


async def test_guesses_at_the_current_password_are_counted_like_sign_ins(house: House, tenant: str):
    person = await house.register(tenant)
    token = (await house.sign_in(person))["access_token"]
    change = {"current": "not the password", "new": "ein ganz neues kennwort"}
    statuses = [(await house.ask("PUT", "/me/password", change, token))[0] for _ in range(6)]
    assert statuses == [403] * 5 + [429]
    assert (await house.ask("PUT", "/me/password", {"current": PASSWORD, "new": "kurz"}, token))[0] == 422


async def test_a_receipt_of_registration_is_for_its_tenant_only(house: House, tenant: str):
    person = await house.register(tenant)
    assert await house.ask("GET", f"/tenants/{tenant}/customers/{person.id}") == (200, {"customer": str(person.id)})
    other = await house.open_tenant()
    for path in (f"/tenants/{other}/customers/{person.id}", f"/tenants/{tenant}/customers/{UUID(int=1)}"):
        assert (await house.ask("GET", path))[0] == 404
