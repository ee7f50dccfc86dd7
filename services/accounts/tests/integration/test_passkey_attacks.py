"""What a passkey must not do: answer twice, elsewhere, for another, or with nonsense. ORD-1"""

import asyncio
import json
from datetime import timedelta
from typing import Any

import cbor2
import pytest

from .authenticator import UP, UV, Browser, creation, decoded, encoded, enter, keep, registered, request
from .conftest import House, Person
from .test_second_factor import kind

REFUSED, UNFIT = (401, "passkey-refused"), (422, "passkey-unfit")


async def test_a_challenge_counts_once(house: House, person: Person, token: str):  # ORD-1
    browser, _ = await registered(house, token)
    options = await request(house, person.tenant)
    answer = browser.get(options)
    assert (await enter(house, person.tenant, answer))[0] == 200
    assert kind(await enter(house, person.tenant, answer)) == REFUSED
    assert kind(await enter(house, person.tenant, browser.get(options))) == REFUSED

    options = await creation(house, token)
    assert (await keep(house, token, Browser().create(options)))[0] == 201
    assert kind(await keep(house, token, Browser().create(options))) == UNFIT


async def test_of_many_answers_to_one_challenge_one_signs_in(house: House, person: Person, token: str):
    browser, _ = await registered(house, token)
    options = await request(house, person.tenant)
    answers = await asyncio.gather(*(enter(house, person.tenant, browser.get(options)) for _ in range(5)))
    assert sorted(status for status, _ in answers) == [200] + [401] * 4


async def test_a_refused_answer_uses_its_challenge_up(house: House, person: Person, token: str):
    browser, _ = await registered(house, token)
    options = await request(house, person.tenant)
    assert kind(await enter(house, person.tenant, browser.get(options, origin="https://evil.example"))) == REFUSED
    assert kind(await enter(house, person.tenant, browser.get(options))) == REFUSED


async def test_a_challenge_is_void_after_five_minutes(house: House, person: Person, token: str):
    browser, _ = await registered(house, token)
    options = await request(house, person.tenant)
    await house.shift(timedelta(minutes=5))
    assert kind(await enter(house, person.tenant, browser.get(options))) == REFUSED


async def test_a_challenge_of_our_own_making_only_and_for_its_purpose(
    house: House, person: Person, token: str
):  # ORD-1
    browser, _ = await registered(house, token)
    foreign = await house.open_tenant()
    for options in (
        {"challenge": encoded(b"x" * 32)},
        {"challenge": ""},
        await request(house, foreign),
        await creation(house, token),
    ):
        assert kind(await enter(house, person.tenant, browser.get(options))) == REFUSED
    options = await creation(house, token)
    for challenge in ((await request(house, person.tenant))["challenge"], encoded(b"x" * 32)):
        assert kind(await keep(house, token, Browser().create({**options, "challenge": challenge}))) == UNFIT


async def test_one_persons_challenge_registers_nothing_for_another(house: House, person: Person, token: str):  # ORD-1
    other = (await house.sign_in(await house.register(person.tenant)))["access_token"]
    options = await creation(house, other)
    assert kind(await keep(house, token, Browser().create(options))) == UNFIT


@pytest.mark.parametrize(
    "client",
    [
        {"origin": "https://evil.example"},
        {"origin": "https://shop.example.evil.example"},
        {"origin": "http://shop.example"},
        {"origin": "https://shop.example:8443"},
        {"origin": None},
        {"crossOrigin": True},
        {"type": "webauthn.other"},
        {"challenge": 5},
    ],
)
async def test_another_page_neither_registers_nor_signs_in(
    house: House, person: Person, token: str, client: dict[str, Any]
):  # ORD-1
    browser, _ = await registered(house, token)
    assert (
        kind(await enter(house, person.tenant, browser.get(await request(house, person.tenant), **client))) == REFUSED
    )
    assert kind(await keep(house, token, Browser().create(await creation(house, token), **client))) == UNFIT


async def test_a_passkey_of_another_domain_does_not_count(house: House, person: Person, token: str):  # ORD-1
    browser, _ = await registered(house, token)
    browser.keys[0].party = "evil.example"
    assert kind(await enter(house, person.tenant, browser.get(await request(house, person.tenant)))) == REFUSED
    assert kind(await keep(house, token, Browser().create(await creation(house, token), party="evil.example"))) == UNFIT


@pytest.mark.parametrize("flags", [0, UP, UV])
async def test_a_device_that_nobody_has_unlocked_does_not_count(house: House, person: Person, token: str, flags: int):
    browser, _ = await registered(house, token)
    browser.flags = flags
    assert kind(await enter(house, person.tenant, browser.get(await request(house, person.tenant)))) == REFUSED
    assert kind(await keep(house, token, Browser(flags=flags).create(await creation(house, token)))) == UNFIT


async def test_a_foreign_tenants_passkey_does_not_sign_in(house: House, person: Person, token: str):  # ORD-1
    browser, _ = await registered(house, token)
    foreign = await house.open_tenant()
    assert kind(await enter(house, foreign, browser.get(await request(house, foreign)))) == REFUSED
    assert kind(await enter(house, foreign, browser.get(await request(house, person.tenant)))) == REFUSED
    assert kind(await enter(house, person.tenant, browser.get(await request(house, foreign)))) == REFUSED


async def test_nobody_signs_in_as_another(house: House, person: Person, token: str):  # ORD-1
    browser, _ = await registered(house, token)
    other = await house.register(person.tenant)
    mine, _ = await registered(house, (await house.sign_in(other))["access_token"])
    stolen = mine.keys[0]
    for change in ({"id": browser.keys[0].id}, {"user": person.id.bytes}, {"user": b""}):
        kept = {name: getattr(stolen, name) for name in change}
        for name, value in change.items():
            setattr(stolen, name, value)
        assert kind(await enter(house, person.tenant, mine.get(await request(house, person.tenant)))) == REFUSED
        for name, value in kept.items():
            setattr(stolen, name, value)
    assert (await enter(house, person.tenant, mine.get(await request(house, person.tenant))))[1]["subject"] == str(
        other.id
    )


async def test_a_counter_that_does_not_grow_is_refused_on_record(house: House, person: Person, token: str):  # ORD-1
    browser, _ = await registered(house, token)
    for count, status in ((41, 200), (41, 401), (40, 401), (42, 200)):
        browser.keys[0].count = count - 1
        assert (await enter(house, person.tenant, browser.get(await request(house, person.tenant))))[0] == status
    browser.keys[0].count = 0
    browser.counts = False
    assert kind(await enter(house, person.tenant, browser.get(await request(house, person.tenant)))) == REFUSED
    done = await house.run("second-factor", "history", "--tenant", person.tenant, "--email", person.email)
    assert "its counter had gone back" in done.output


async def test_a_changed_signature_or_key_is_refused(house: House, person: Person, token: str):
    browser, _ = await registered(house, token)
    for part in ("signature", "authenticatorData", "clientDataJSON"):
        answer = browser.get(await request(house, person.tenant))
        raw = bytearray(decoded(answer["response"][part]))
        raw[-2] ^= 1
        answer["response"][part] = encoded(bytes(raw))
        assert kind(await enter(house, person.tenant, answer)) == REFUSED


@pytest.mark.parametrize(
    "attestation",
    [
        b"",
        b"\xff",
        cbor2.dumps({}),
        cbor2.dumps([]),
        cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": b""}),
        cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": b"\0" * 37}),
        cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": b"\0" * 32 + b"\x45" + b"\0" * 20 + b"\xff\xff"}),
        cbor2.dumps({"fmt": "tpm", "attStmt": {}, "authData": b"\0" * 37}),
        cbor2.dumps({"fmt": ["none"], "attStmt": [], "authData": 5}),
        b"\x81" * 6000,
        b"\x9b\x00\x00\xff\xff\xff\xff\xff\xff",
        b"\x5b\x00\x00\xff\xff\xff\xff\xff\xff",
        b"\xbb\x00\x00\xff\xff\xff\xff\xff\xff",
    ],
    ids=range(13),
)
async def test_what_no_device_makes_is_refused(house: House, token: str, attestation: bytes):
    answer = Browser().create(await creation(house, token))
    answer["response"]["attestationObject"] = encoded(attestation) or "A"
    assert kind(await keep(house, token, answer)) == UNFIT


@pytest.mark.parametrize(
    "change",
    [
        {"id": ""},
        {"id": "A" * 1365},
        {"id": 5},
        {"type": "password"},
        {"response": None},
        {"response": {}},
        {"response": {"clientDataJSON": "A" * 8193, "authenticatorData": "A", "signature": "A"}},
        {"response": {"clientDataJSON": "ä", "authenticatorData": "A", "signature": "A"}},
    ],
)
async def test_a_malformed_or_oversized_answer_is_refused(house: House, person: Person, change: dict[str, Any]):
    answer: dict[str, Any] = {"id": "A", "rawId": "A", "type": "public-key", "response": {}}
    assert (await enter(house, person.tenant, answer | change))[0] == 422


async def test_nonsense_of_the_right_form_is_refused(house: House, person: Person):
    words: list[Any] = [{}, [], 5, {"challenge": "A"}, {"challenge": None}]
    for text in ("A", encoded(b"\xff"), encoded(b"[" * 5000), *(encoded(json.dumps(word).encode()) for word in words)):
        response = {"clientDataJSON": text, "authenticatorData": "A", "signature": "A"}
        answer = {"id": "A", "rawId": "A", "type": "public-key", "response": response}
        assert kind(await enter(house, person.tenant, answer)) == REFUSED
    options = await request(house, person.tenant)
    response = {"clientDataJSON": Browser().client("webauthn.get", options["challenge"])}
    response |= {"authenticatorData": "A", "signature": "A"}
    assert (
        kind(await enter(house, person.tenant, {"id": "A", "rawId": "A", "type": "public-key", "response": response}))
        == REFUSED
    )
    plain = {"Content-Type": "application/json"}
    async with house.home.http.post("/sign-in/passkey", data=b" " * 17_000, headers=plain) as oversized:
        assert oversized.status == 413


async def test_no_tenant_no_options(house: House):
    assert (await house.ask("POST", "/sign-in/passkey/options", {"tenant": "nowhere"}))[0] == 404


@pytest.mark.parametrize("data", [b"\0", b"\0" * 37, b"\0" * 32 + b"\xc5" + b"\0" * 4 + b"\x81" * 5000], ids=range(3))
async def test_what_no_device_signs_is_refused(house: House, person: Person, token: str, data: bytes):
    browser, _ = await registered(house, token)
    answer = browser.get(await request(house, person.tenant))
    answer["response"]["authenticatorData"] = encoded(data)
    assert kind(await enter(house, person.tenant, answer)) == REFUSED
