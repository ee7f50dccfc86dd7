"""Passkeys: registered, signed in with, renamed, removed. ORD-1"""

from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis_testing.harness import until

from .authenticator import BE, BS, UP, UV, Browser, creation, decoded, encoded, enter, keep, registered, request
from .conftest import PASSWORD, PROOF, House, Person
from .devices import enrols
from .test_second_factor import kind
from .test_signing_in import claims_of

REFUSED, UNFIT = (401, "passkey-refused"), (422, "passkey-unfit")


@pytest.mark.parametrize(
    ("elliptic", "flags", "amr"),
    [(True, UP | UV, ["hwk", "mfa"]), (False, UP | UV | BE | BS, ["swk", "mfa"])],
)
async def test_a_passkey_signs_in_without_password(
    house: House, person: Person, token: str, elliptic: bool, flags: int, amr: list[str]
):  # ORD-1
    browser, passkey = await registered(house, token, elliptic=elliptic, flags=flags)
    tokens: dict[str, Any] = {}
    for _ in range(2):
        status, tokens = await enter(house, person.tenant, browser.get(await request(house, person.tenant)))
        assert (status, tokens["subject"]) == (200, str(person.id))
        claims = claims_of(tokens["access_token"])
        assert (claims["amr"], claims["roles"], claims["sub"]) == (amr, ["customer"], str(person.id))
    _, refreshed = await house.ask("POST", "/refresh", {"refresh_token": tokens["refresh_token"]})
    assert claims_of(refreshed["access_token"])["amr"] == amr
    _, listed = await house.ask("GET", "/me/passkeys", token=refreshed["access_token"])
    (shown,) = listed["items"]
    assert (shown["passkey"], shown["name"], shown["synced"]) == (passkey, "Erikas Telefon", amr[0] == "swk")
    assert shown["used_at"] is not None


async def test_the_device_is_asked_to_unlock_an_account_of_its_own(house: House, person: Person, token: str):  # ORD-1
    options = await creation(house, token)
    assert (options["rp"], options["user"]["name"]) == ({"id": "shop.example", "name": "Ein Haus"}, person.email)
    assert UUID(bytes=decoded(options["user"]["id"])) == person.id
    asked = options["authenticatorSelection"]
    assert (asked["residentKey"], asked["userVerification"], options["attestation"]) == ("required", "required", "none")
    wanted = await request(house, person.tenant)
    assert (wanted["rpId"], wanted["userVerification"]) == ("shop.example", "required")
    assert not wanted.get("allowCredentials")  # anonymous callers learn of nobody's passkeys


async def test_a_known_passkey_is_not_made_again(house: House, token: str):
    browser, _ = await registered(house, token)
    options = await creation(house, token)
    assert [known["id"] for known in options["excludeCredentials"]] == [encoded(browser.keys[0].id)]


async def test_a_device_that_does_not_count_signs_in_again(house: House, person: Person, token: str):
    browser, _ = await registered(house, token, counts=False)
    for _ in range(2):
        assert (await enter(house, person.tenant, browser.get(await request(house, person.tenant))))[0] == 200


async def test_an_access_token_alone_adds_no_passkey(house: House, person: Person, token: str):  # ORD-1
    path = "/me/passkeys/options"
    statuses = [(await house.ask("POST", path, {"password": "not the password"}, token))[0] for _ in range(6)]
    assert statuses == [403] * 5 + [429]


async def test_who_has_a_second_factor_adds_a_passkey_with_a_code(house: House, person: Person):  # ORD-1
    enrolled = await enrols(house, person)
    answer = await house.ask("POST", "/me/passkeys/options", {"password": PASSWORD}, enrolled.token)
    assert kind(answer) == (403, "second-factor-needed")
    options = await creation(house, enrolled.token, code=enrolled.app.code())
    browser = Browser()
    assert (await keep(house, enrolled.token, browser.create(options)))[0] == 201
    assert (await enter(house, person.tenant, browser.get(await request(house, person.tenant))))[0] == 200


async def test_passkeys_are_renamed_and_removed_by_their_owner_only(house: House, person: Person, token: str):  # ORD-1
    browser, passkey = await registered(house, token)
    path = f"/me/passkeys/{passkey}"
    other = (await house.sign_in(await house.register(person.tenant)))["access_token"]
    removal, proof = f"{path}/removal", {"password": PASSWORD}
    for method, at, body in (("GET", path, None), ("PUT", path, {"name": "Meins"}), ("POST", removal, proof)):
        assert kind(await house.ask(method, at, body, other)) == (404, "passkey-unknown")
        assert (await house.ask(method, at, body))[0] == 401
    status, renamed = await house.ask("PUT", path, {"name": "Erikas Schlüssel"}, token)
    assert (status, renamed["name"]) == (200, "Erikas Schlüssel")
    session = await house.sign_in(person)
    assert kind(await house.ask("POST", removal, {"password": "not the password"}, token)) == (403, "password-refused")
    assert (await house.ask("GET", path, token=token))[0] == 200
    assert (await house.ask("POST", removal, proof, token))[0] == 204
    assert (await house.ask("GET", path, token=token))[0] == 404
    assert (await house.ask("POST", "/refresh", {"refresh_token": session["refresh_token"]}))[0] == 401
    assert kind(await enter(house, person.tenant, browser.get(await request(house, person.tenant)))) == REFUSED


async def test_the_same_registration_sent_again_is_one_passkey(house: House, token: str):
    body = {"name": "Telefon", "credential": Browser().create(await creation(house, token))}
    key = {"Idempotency-Key": str(uuid4())}
    first = await house.ask("POST", "/me/passkeys", body, token, **key)
    assert first[0] == 201
    assert await house.ask("POST", "/me/passkeys", body, token, **key) == first


async def test_a_new_password_breaks_a_registration_off_and_names_the_passkeys_that_are_left(
    house: House, person: Person, token: str
):
    browser, passkey = await registered(house, token)
    options = await creation(house, token)
    change = {"current": PASSWORD, "new": "ein ganz neues kennwort"}
    status, answer = await house.ask("PUT", "/me/password", change, token)
    assert (status, [left["passkey"] for left in answer["items"]]) == (200, [passkey])
    assert kind(await keep(house, token, Browser().create(options))) == UNFIT
    assert (await enter(house, person.tenant, browser.get(await request(house, person.tenant))))[0] == 200


async def test_there_are_at_most_twenty(house: House, person: Person, token: str):
    _, passkey = await registered(house, token)
    copies = """
        insert into passkeys (tenant, id, subject_id, credential_id, public_key, sign_count, synced, name, added_at)
        select tenant, gen_random_uuid(), subject_id, credential_id || n::text::bytea, public_key, 0, false, name,
               added_at
        from passkeys, generate_series(1, 19) n
        where id = $1
    """
    await house.home.sql(copies, UUID(passkey))
    answer = await house.ask("POST", "/me/passkeys/options", {"password": PASSWORD}, token)
    assert kind(answer) == (409, "too-many-passkeys")


async def test_services_and_anonymous_callers_have_no_passkeys(house: House):
    service = await house.service("delivery")
    for method, path in (("GET", "/me/passkeys"), ("POST", "/me/passkeys"), ("POST", "/me/passkeys/options")):
        assert (await house.ask(method, path, {}))[0] == 401
        assert (await house.ask(method, path, {}, service))[0] == 403


async def test_options_are_no_passkey_of_that_name(house: House, token: str):
    for method in ("GET", "PUT", "DELETE"):
        assert kind(await house.ask(method, "/me/passkeys/options", {}, token)) == (405, "method-not-allowed")


async def test_with_the_account_its_passkeys_go_and_their_names_were_never_in_clear(
    house: House, person: Person, token: str
):  # ORD-2 M23
    browser, _ = await registered(house, token)
    await creation(house, token)
    (row,) = await house.home.sql("select p::text as text from passkeys p where subject_id = $1", person.id)
    assert "Erikas" not in row["text"]
    options = await request(house, person.tenant)
    assert (await house.ask("POST", "/me/deletion", PROOF, token))[0] == 200

    async def gone() -> bool:
        query = (
            "select from passkeys where subject_id = $1 union all select from passkey_challenges where subject_id = $1"
        )
        return not await house.home.sql(query, person.id)

    await until(gone, what="the passkeys to be removed")
    assert kind(await enter(house, person.tenant, browser.get(options))) == REFUSED
