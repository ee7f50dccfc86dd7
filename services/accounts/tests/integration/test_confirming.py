"""Nobody is a customer before they have shown that they read letters to their address. ORD-1"""

import asyncio
import hashlib
import re
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

import pytest
from chassis.identity.tokens import Verifier
from chassis_testing.fixtures import ServiceHome
from chassis_testing.harness import until
from contracts.accounts import CustomerErased, CustomerRegistered, KeyDestroyed, PasswordResetRequested

from .conftest import PASSWORD, REGISTERED, House, Person, opened

NEW = "another phrase for tests"
WRONG = "ABCD-EFGH"


@pytest.fixture(scope="module")
async def strict(service_home: ServiceHome, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[House]:
    """An accounts where addresses are confirmed, as it is unless somebody sets it otherwise."""
    async with opened(service_home, tmp_path_factory.mktemp("strict"), address_confirmation="required") as house:
        yield house


@pytest.fixture(scope="module")
async def tenant(strict: House) -> str:
    return await strict.open_tenant()


async def roles(house: House, tokens: dict[str, Any]) -> list[str]:
    status, me = await house.ask("GET", "/me", token=tokens["access_token"])
    assert status == 200, me
    return me["roles"]


async def sent_back(house: House, tokens: dict[str, Any], code: str) -> int:
    return (await house.ask("POST", f"{REGISTERED}/confirmation", {"code": code}, tokens["access_token"]))[0]


async def again(house: House, tokens: dict[str, Any]) -> int:
    return (await house.ask("POST", f"{REGISTERED}/code", token=tokens["access_token"]))[0]


async def refreshed(house: House, tokens: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return await house.ask("POST", "/refresh", {"refresh_token": tokens["refresh_token"]})


def welcomed(house: House, person: Person) -> int:
    return sum(event.customer == person.id for event in house.published(CustomerRegistered))


async def test_until_the_code_is_sent_back_there_is_nothing_but_confirming(strict: House, tenant: str):
    person = await strict.register(tenant)
    tokens = await strict.sign_in(person)
    assert (tokens["must_confirm"], tokens["must_enrol"]) == (True, False)
    assert await roles(strict, tokens) == ["confirming"]
    proof = {"password": PASSWORD}
    for method, path, body in (
        ("POST", "/me/email", {**proof, "email": "new@example.org"}),
        ("PUT", "/me/choice", {**proof, "keep_data": False}),
        ("POST", "/me/deletion", proof),
        ("PUT", "/me/password", {"current": PASSWORD, "new": NEW}),
        ("POST", "/me/second-factor", proof),
        ("POST", "/me/passkeys/options", proof),
        ("GET", "/me/sessions", None),
        ("GET", "/erasures", None),
    ):
        assert (await strict.ask(method, path, body, tokens["access_token"]))[0] == 403, path
    status, renewed = await refreshed(strict, tokens)
    assert (status, renewed["must_confirm"]) == (200, True)
    (code,) = await strict.confirmation_codes(person)
    assert welcomed(strict, person) == 0
    assert await sent_back(strict, renewed, WRONG) == 404

    body = {"code": f" {code.lower().replace('-', ' ')} ".strip()}
    status, customer = await strict.ask("POST", f"{REGISTERED}/confirmation", body, renewed["access_token"])
    assert (status, customer["must_confirm"]) == (200, False)
    assert await roles(strict, customer) == ["customer"]
    assert (await refreshed(strict, renewed))[0] == 401  # that session was somebody's who was no customer
    assert (await refreshed(strict, customer))[1]["must_confirm"] is False
    assert (await strict.sign_in(person))["must_confirm"] is False
    await strict.home.settled()
    assert welcomed(strict, person) == 1
    taken, key = strict.registration(tenant, email=person.email), {"Idempotency-Key": person.id.hex}
    assert (await strict.ask("POST", "/customers", taken, **key))[0] == 409


async def test_what_a_token_says_of_a_sale_comes_with_the_confirmation(strict: House, tenant: str):
    person = await strict.register(tenant)
    before = await strict.sign_in(person)
    after = await strict.confirm(person, before)

    async def jwks() -> dict[str, Any]:
        return (await strict.ask("GET", "/.well-known/jwks.json"))[1]

    verifier = Verifier(jwks, strict.home.clock, "orders")
    callers = [await verifier.verify(one["access_token"]) for one in (before, after)]
    assert [(caller.is_staff, "keys" in caller.claims) for caller in callers] == [(False, False), (False, True)]


async def test_another_code_leaves_the_first_one_valid_and_few_are_mailed(strict: House, tenant: str):
    person = await strict.register(tenant)
    tokens = await strict.sign_in(person)
    assert [await again(strict, tokens) for _ in range(3)] == [202] * 3
    assert len(await strict.confirmation_codes(person)) == 1  # who presses twice gets one letter
    statuses: list[int] = []
    for _ in range(4):
        await strict.shift(timedelta(seconds=61))
        statuses.append(await again(strict, tokens))
    assert statuses == [202, 202, 202, 429]
    first, *more = await strict.confirmation_codes(person)
    assert len({first, *more}) == 4
    assert await sent_back(strict, tokens, first) == 200
    tokens = await strict.sign_in(person)
    assert await sent_back(strict, tokens, more[0]) == 403
    assert await again(strict, tokens) == 403


async def test_a_code_counts_for_a_day_and_for_its_customer_alone(strict: House, tenant: str):
    person, other = await strict.register(tenant), await strict.register(tenant)
    (code,) = await strict.confirmation_codes(person)
    assert await sent_back(strict, await strict.sign_in(other), code) == 404
    await strict.shift(timedelta(days=1, seconds=1))
    tokens = await strict.sign_in(person)
    assert await sent_back(strict, tokens, code) == 404
    assert await again(strict, tokens) == 202
    assert await sent_back(strict, tokens, (await strict.confirmation_codes(person))[-1]) == 200


async def test_after_some_wrong_codes_none_counts_until_another_is_mailed(strict: House, tenant: str):
    person = await strict.register(tenant)
    tokens = await strict.sign_in(person)
    (code,) = await strict.confirmation_codes(person)
    assert re.fullmatch(r"[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}", code)
    assert [await sent_back(strict, tokens, WRONG) for _ in range(6)] == [404] * 4 + [409, 409]
    assert await sent_back(strict, tokens, code) == 409  # and it does not go on with another session
    assert await sent_back(strict, await strict.sign_in(person), code) == 409
    assert await again(strict, tokens) == 202  # at once, for none that counts was mailed just now
    first, second = await strict.confirmation_codes(person)
    assert first == code
    assert await sent_back(strict, tokens, code) == 404  # counts as a wrong one
    assert await sent_back(strict, tokens, second.lower().replace("-", "  ")) == 200


async def test_of_many_who_guess_at_once_no_more_are_counted_out_than_the_limit(strict: House, tenant: str):
    person = await strict.register(tenant)
    tokens = await strict.sign_in(person)
    (code,) = await strict.confirmation_codes(person)
    wrong = (sent_back(strict, tokens, f"ABCD-EFG{sign}") for sign in "ABCDEFGHJK" if f"ABCD-EFG{sign}" != code)
    statuses = await asyncio.gather(*wrong)
    assert sorted(statuses)[:5] == [404] * 4 + [409]
    assert await sent_back(strict, tokens, code) == 409


async def test_what_is_kept_of_a_code_says_nothing_without_the_key(strict: House, tenant: str):
    person = await strict.register(tenant)
    (code,) = await strict.confirmation_codes(person)
    (row,) = await strict.home.sql("select code_hash from confirmations where customer_id = $1", person.id)
    plain = code.replace("-", "")
    tried = [code, plain, f"{person.id} {plain}", plain.lower()]
    assert row["code_hash"] not in [hashlib.sha256(text.encode()).digest() for text in tried]


async def test_whoever_registers_with_the_address_of_another_keeps_nobody_out(strict: House, tenant: str):
    squatter = await strict.register(tenant)
    theirs = await strict.sign_in(squatter)
    owner = await strict.register(tenant, email=squatter.email, password=NEW)
    tokens = await strict.sign_in(owner)
    # and again after the owner: of all of them each signs in with their own password
    late = await strict.register(tenant, email=squatter.email, password=f"{NEW} again")
    for person in (squatter, owner, late):
        mine = (await strict.sign_in(person))["access_token"]
        assert (await strict.ask("GET", "/me", token=mine))[1]["subject"] == str(person.id)
    wrong = {**owner.sign_in, "password": "a password of nobody"}
    assert (await strict.ask("POST", "/sign-in", wrong))[0] == 401
    code = (await strict.confirmation_codes(owner))[0]
    assert await sent_back(strict, theirs, code) == 404
    assert await sent_back(strict, tokens, code) == 200
    assert (await refreshed(strict, theirs))[0] == 401
    for person in (squatter, late):
        assert (await strict.ask("POST", "/sign-in", person.sign_in))[0] == 401
        for table, column in (("customers", "id"), ("logins", "subject_id"), ("name_words", "customer_id")):
            assert await strict.home.sql(f"select from {table} where {column} = $1", person.id) == []
        assert await strict.keys_of(person) == {}
    assert (await strict.sign_in(owner))["must_confirm"] is False


async def test_many_who_register_with_an_address_cost_whoever_signs_in_no_more_work(strict: House):
    tenant = await strict.open_tenant()
    (owner, *others) = [
        await strict.register(tenant, email="many@example.org", password=f"{NEW} {n}") for n in range(4)
    ]
    alone = await strict.register(tenant)
    (far,) = [await strict.register(await strict.open_tenant(), email=owner.email)]
    for person in (owner, *others, alone, far):
        before = await strict.hashes()
        mine = (await strict.sign_in(person))["access_token"]
        assert await strict.hashes() == before + 1
        assert (await strict.ask("GET", "/me", token=mine))[1]["subject"] == str(person.id)
    wrong = {"password": "a password of nobody"}
    for refused in (owner.sign_in, alone.sign_in, {**alone.sign_in, "email": "nobody@example.org"}):
        before = await strict.hashes()
        assert (await strict.ask("POST", "/sign-in", {**refused, **wrong}))[0] == 401
        assert await strict.hashes() == before + 1
    rows = await strict.home.sql("select email_hmac, password_hash from logins where tenant = $1", tenant)
    salts = {row["password_hash"].split("$")[4]: row["email_hmac"] for row in rows}
    assert len(salts) == len(set(salts.values())) == 2  # each address has another one
    assert len({row["password_hash"] for row in rows}) == 5


async def test_of_two_who_confirm_one_address_at_once_one_has_it(strict: House, tenant: str):
    first = await strict.register(tenant)
    theirs = [await strict.sign_in(first)]
    second = await strict.register(tenant, email=first.email, password=NEW)
    theirs.append(await strict.sign_in(second))
    codes = [(await strict.confirmation_codes(person))[0] for person in (first, second)]
    statuses = await asyncio.gather(*(sent_back(strict, *one) for one in zip(theirs, codes, strict=True)))
    assert sorted(statuses) == [200, 404]
    await strict.home.settled()
    assert welcomed(strict, first) + welcomed(strict, second) == 1


async def test_no_other_letter_goes_to_an_address_that_is_not_confirmed(strict: House, tenant: str):
    person = await strict.register(tenant)
    assert (await strict.ask("POST", "/password-reset", {"tenant": tenant, "email": person.email}))[0] == 202
    await strict.home.settled()
    assert not [event for event in strict.published(PasswordResetRequested) if event.customer == person.id]


async def test_an_ended_session_confirms_nothing(strict: House, tenant: str):
    person = await strict.register(tenant)
    tokens = await strict.sign_in(person)
    await strict.ask("POST", "/sign-out", {"refresh_token": tokens["refresh_token"]})
    (code,) = await strict.confirmation_codes(person)
    assert await sent_back(strict, tokens, code) == 401
    assert await sent_back(strict, await strict.sign_in(person), code) == 200


async def test_staff_is_added_with_an_address_that_nobody_has_confirmed(strict: House, tenant: str):
    person = await strict.register(tenant)
    words = ["--tenant", tenant, "--email", person.email, "--name", "Nora", "--role", "sales"]
    done = await strict.run("staff", "add", *words, "--password-file", strict.file(NEW))
    assert done.exit_code == 0, done.output
    assert (await strict.ask("POST", "/sign-in", {**person.sign_in, "password": NEW}))[0] == 200


async def test_an_account_that_is_not_confirmed_is_removed_after_a_week(strict: House, tenant: str):
    squatter, customer = await strict.register(tenant), await strict.register(tenant)
    await strict.confirm(customer)
    await strict.shift(timedelta(days=6))
    late = await strict.register(tenant)
    await strict.shift(timedelta(days=1, seconds=1))

    async def gone() -> bool:
        rows = await strict.home.sql(
            "select id from customers where id = any($1) order by id", [squatter.id, customer.id, late.id]
        )
        return [row["id"] for row in rows] == [customer.id, late.id]

    await until(gone, what="the account to be removed")
    assert await strict.keys_of(squatter) == {}
    await strict.home.settled()
    for event in (CustomerErased, KeyDestroyed):  # nobody had learned of them
        assert not [one for one in strict.published(event) if one.customer == squatter.id]
