"""Whom the doors believe: signatures, roles, tenants, services."""

import base64
import json
import secrets
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from chassis_testing.harness import until

from .conftest import House
from .test_signing_in import claims_of

STAFF_ROUTE = "/erasures"


def encoded(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


async def test_staff_read_what_their_role_allows(house: House, tenant: str):
    for role, statuses in {"support": (200, 200), "reviewer": (200, 403), "sales": (403, 403)}.items():
        token = await house.staff(tenant, role)
        search = await house.ask("POST", "/customer-search", {"email": "nobody@example.org"}, token)
        assert ((await house.ask("GET", STAFF_ROUTE, token=token))[0], search[0]) == statuses


async def test_customers_and_services_are_not_staff(house: House, tenant: str):
    customer = (await house.sign_in(await house.register(tenant)))["access_token"]
    for token in (customer, await house.service("delivery")):
        assert (await house.ask("GET", STAFF_ROUTE, token=token))[0] == 403
    assert (await house.ask("POST", "/subject-keys", {"purpose": "x", "keys": [str(uuid4())]}, customer))[0] == 403
    assert (await house.ask("POST", "/subject-keys", {"purpose": "x", "keys": [str(uuid4())]}))[0] == 401


async def test_a_token_signed_by_anybody_else_is_refused(house: House, tenant: str):
    forged = house.home.accounts.token(uuid4(), "support", tenant=tenant)
    assert (await house.ask("GET", STAFF_ROUTE, token=forged))[0] == 401


async def test_a_token_that_names_our_key_but_is_signed_by_another_is_refused(house: House, tenant: str):
    good = await house.staff(tenant, "support")
    forged = house.home.accounts.token(uuid4(), "support", tenant=tenant)
    mixed = ".".join([good.split(".")[0], *forged.split(".")[1:]])
    assert (await house.ask("GET", STAFF_ROUTE, token=mixed))[0] == 401


async def test_a_changed_token_is_refused(house: House, tenant: str):
    header, payload, signature = (await house.staff(tenant, "sales")).split(".")
    claims = claims_of(f"{header}.{payload}.{signature}")
    changed = ".".join([header, encoded({**claims, "roles": ["support"]}), signature])
    assert (await house.ask("GET", STAFF_ROUTE, token=changed))[0] == 401


@pytest.mark.parametrize("alg", ["none", "None", "HS256"])
async def test_a_token_that_brings_its_own_rules_is_refused(house: House, tenant: str, alg: str):
    header, payload, signature = (await house.staff(tenant, "support")).split(".")
    kid = json.loads(base64.urlsafe_b64decode(header + "=="))["kid"]
    for end in ("", signature):
        token = f"{encoded({'alg': alg, 'kid': kid, 'typ': 'JWT'})}.{payload}.{end}"
        assert (await house.ask("GET", STAFF_ROUTE, token=token))[0] == 401


async def test_an_access_token_lives_ten_minutes(house: House, tenant: str):
    token = await house.staff(tenant, "support")
    await house.shift(timedelta(minutes=9))
    assert (await house.ask("GET", STAFF_ROUTE, token=token))[0] == 200
    await house.shift(timedelta(seconds=61))
    assert (await house.ask("GET", STAFF_ROUTE, token=token))[0] == 401


async def test_a_service_is_known_by_its_secret_alone(house: House):
    secret = await house.service_secret("catalog")
    refused = await house.ask("POST", "/service-token", {"service": "catalog", "secret": secret + "x"})
    assert refused == await house.ask("POST", "/service-token", {"service": "nobody", "secret": secret})
    assert refused[0] == 401
    status, answer = await house.ask("POST", "/service-token", {"service": "catalog", "secret": secret})
    claims = claims_of(answer["access_token"])
    assert (status, answer["expires_in"]) == (200, 600)
    assert (claims["sub"], claims["roles"], claims["tenant"]) == ("catalog", ["service"], "")


async def test_a_new_secret_replaces_a_services_old_one(house: House):
    old, new = await house.service_secret("rewards"), await house.service_secret("rewards")
    assert (await house.ask("POST", "/service-token", {"service": "rewards", "secret": old}))[0] == 401
    assert (await house.ask("POST", "/service-token", {"service": "rewards", "secret": new}))[0] == 200


async def test_two_secrets_are_valid_while_they_are_exchanged(house: House):
    old, new = (secrets.token_urlsafe(32) for _ in range(2))

    async def introduced(*lines: str) -> list[int]:
        done = await house.run("service", "add", "rewards", "--secret-file", house.file("\n".join(lines)))
        assert done.exit_code == 0, done.output
        asked = [{"service": "rewards", "secret": secret} for secret in (old, new)]
        return [(await house.ask("POST", "/service-token", body))[0] for body in asked]

    assert await introduced(old) == [200, 401]
    assert await introduced(old, new) == [200, 200]
    assert await introduced(new, old) == [200, 200]
    assert await introduced(new) == [401, 200]
    for lines in ((old, new, secrets.token_urlsafe(32)), (old, old), (old, "short"), ("",)):
        done = await house.run("service", "add", "rewards", "--secret-file", house.file("\n".join(lines)))
        assert done.exit_code == 1, lines
    assert (await house.ask("POST", "/service-token", {"service": "rewards", "secret": new}))[0] == 200


@pytest.mark.parametrize("pipe", ["-", "/dev/stdin"])
async def test_a_services_secret_may_be_piped_in(house: House, pipe: str):
    secret = secrets.token_urlsafe(32)
    done = await house.run("service", "add", "rewards", "--secret-file", pipe, piped=f"{secret}\n")
    assert (done.exit_code, done.output) == (0, "rewards may identify themselves\n")
    assert (await house.ask("POST", "/service-token", {"service": "rewards", "secret": secret}))[0] == 200
    lacking = await house.run("service", "add", "rewards", "--secret-file", "/nowhere")
    assert (lacking.exit_code, lacking.output) == (1, "/nowhere: No such file or directory.\n")


async def test_published_keys_have_no_private_part(house: House, tenant: str):
    await house.staff(tenant, "support")
    _, published = await house.ask("GET", "/.well-known/jwks.json")
    assert published["keys"]
    for key in published["keys"]:
        assert sorted(key) == ["alg", "crv", "kid", "kty", "use", "x"]
        assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("OKP", "Ed25519", "Ed25519", "sig")


async def test_a_new_key_is_published_before_it_signs(house: House, tenant: str):
    token = await house.staff(tenant, "support")
    before = {key["kid"] for key in (await house.ask("GET", "/.well-known/jwks.json"))[1]["keys"]}
    done = await house.run("signing-keys", "rotate")
    assert done.exit_code == 0, done.output
    after = {key["kid"] for key in (await house.ask("GET", "/.well-known/jwks.json"))[1]["keys"]}
    (new,) = after - before
    assert before < after
    person = await house.register(tenant)
    assert kid_of((await house.sign_in(person))["access_token"]) in before
    wait = "select signs_from - clock_timestamp() as wait from signing_keys where id = $1::uuid"
    assert (await house.home.sql(wait, new))[0]["wait"] > timedelta(minutes=5)
    past = "update signing_keys set signs_from = clock_timestamp() where id = $1::uuid"
    await house.home.sql(past, new)
    assert kid_of((await house.sign_in(person))["access_token"]) == new
    assert (await house.ask("GET", STAFF_ROUTE, token=token))[0] == 200
    await verified(house, tenant)


async def test_a_key_that_leaked_ends_at_once(house: House, tenant: str):
    await house.staff(tenant, "support")
    before = {key["kid"] for key in (await house.ask("GET", "/.well-known/jwks.json"))[1]["keys"]}
    await house.run("signing-keys", "rotate", "--at-once")
    (new,) = (await house.ask("GET", "/.well-known/jwks.json"))[1]["keys"]
    assert new["kid"] not in before
    person = await house.register(tenant)
    assert kid_of((await house.sign_in(person))["access_token"]) == new["kid"]
    await verified(house, tenant)


async def test_a_key_whose_tokens_have_expired_is_removed(house: House, tenant: str):
    await house.staff(tenant, "support")
    await house.run("signing-keys", "rotate")
    moved = (
        "update signing_keys set signs_from = clock_timestamp() - $1::interval where signs_from {} clock_timestamp()"
    )
    await house.home.sql(moved.format("<="), timedelta(hours=3))
    await house.home.sql(moved.format(">"), timedelta(hours=2))
    before = {key["kid"] for key in (await house.ask("GET", "/.well-known/jwks.json"))[1]["keys"]}

    await house.run("signing-keys", "rotate")
    after = {key["kid"] for key in (await house.ask("GET", "/.well-known/jwks.json"))[1]["keys"]}
    assert len(before - after) == len(before) - 1
    await verified(house, tenant)


async def verified(house: House, tenant: str) -> None:
    """Wait until the verifier has looked for the key that signs now: what other tests sign would be refused else."""

    async def known() -> bool:
        newest = await house.staff(tenant, "support")
        return (await house.ask("GET", STAFF_ROUTE, token=newest))[0] == 200

    await until(known, what="the verifier to look for the new key")


def kid_of(token: str) -> str:
    header = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"]
