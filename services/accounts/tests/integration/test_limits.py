"""How often one address may ask what can be guessed."""

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from accounts.__main__ import service
from chassis.identity.sealing import new_master_key
from chassis_testing.fixtures import ServiceHome
from contracts.accounts import EmailConfirmationRequested
from structlog.testing import capture_logs

from .conftest import Person, opened


async def test_a_mailbox_and_a_network_open_few_accounts_a_day(
    service_home: ServiceHome, tmp_path_factory: pytest.TempPathFactory
):
    few = {"registrations_per_mailbox": 2, "registrations_per_day": 3, "trusted_proxies": 1}
    async with opened(service_home, tmp_path_factory.mktemp("few"), **few) as house:
        tenant = await house.open_tenant()

        async def register(email: str, network: str) -> int:
            headers = {"Idempotency-Key": str(uuid4()), "X-Forwarded-For": network}
            return (await house.ask("POST", "/customers", house.registration(tenant, email=email), **headers))[0]

        ways = [f"e.r{'.' * (n > 1)}ika+{n}@example.org" for n in range(1, 5)]
        statuses = await asyncio.gather(*(register(way, "192.0.2.1") for way in ways))
        assert sorted(statuses) == [201, 201, 429, 429]
        assert [await register(f"p{n}@example.org", "2001:db8::1") for n in range(4)] == [201, 201, 201, 429]
        asked = [await register(f"{name}@example.org", "192.0.2.77") for name in ("p0", "p1", "p2", "new")]
        assert asked == [409, 409, 409, 429]
        house.home.shift_clock(86_401)
        assert await register("erika@example.org", "192.0.2.1") == 201


async def test_a_stranger_neither_keeps_an_owner_from_registering_nor_floods_their_mailbox(
    service_home: ServiceHome, tmp_path_factory: pytest.TempPathFactory
):
    few = {"registrations_per_mailbox": 2, "trusted_proxies": 1, "address_confirmation": "required"}
    async with opened(service_home, tmp_path_factory.mktemp("stranger"), **few) as house:
        tenant = await house.open_tenant()

        async def register(email: str, network: str) -> int:
            headers = {"Idempotency-Key": str(uuid4()), "X-Forwarded-For": network}
            return (await house.ask("POST", "/customers", house.registration(tenant, email=email), **headers))[0]

        async def mailed() -> int:
            await house.home.settled()
            return len([one for one in house.published(EmailConfirmationRequested) if one.tenant == tenant])

        assert [await register(f"erika+{n}@example.org", "192.0.2.1") for n in range(3)] == [201, 201, 429]
        assert [await register(f"erika+{n}@example.org", "192.0.2.9") for n in range(2)] == [201, 201]
        assert await mailed() == 2
        body = house.registration(tenant, email="erika@example.org")
        owner = {"Idempotency-Key": str(uuid4()), "X-Forwarded-For": "198.51.100.7"}
        assert (await house.ask("POST", "/customers", body, **owner))[0] == 201
        person = Person(tenant, "erika@example.org", body["name"], body["password"])
        tokens = await house.sign_in(person)
        again = "/me/email/registered/code"
        status, refused = await house.ask("POST", again, token=tokens["access_token"])
        assert (status, refused["type"]) == (429, "/problems/too-many-codes")
        assert await mailed() == 2
        await house.shift(timedelta(hours=1, seconds=1))
        _, tokens = await house.ask("POST", "/refresh", {"refresh_token": tokens["refresh_token"]})
        assert (await house.ask("POST", again, token=tokens["access_token"]))[0] == 202
        assert await mailed() == 3
        code = await house.opened_box(house.published(EmailConfirmationRequested)[-1].code)
        path = "/me/email/registered/confirmation"
        assert (await house.ask("POST", path, {"code": code}, tokens["access_token"]))[0] == 200


async def test_a_service_that_asks_for_more_keys_than_it_may_is_refused_and_counted(
    service_home: ServiceHome, tmp_path_factory: pytest.TempPathFactory
):
    async with opened(service_home, tmp_path_factory.mktemp("keys"), keys_per_minute=500) as house:
        token, other = await house.service("letters"), await house.service("orders")
        body = {"purpose": "send e-mails", "keys": [str(uuid4()) for _ in range(300)]}
        with capture_logs() as logs:
            async with house.home.http.post("/subject-keys", json=body, headers=house.home.bearer(token)) as answer:
                assert answer.status == 200
            async with house.home.http.post("/subject-keys", json=body, headers=house.home.bearer(token)) as answer:
                assert (answer.status, (await answer.json())["type"]) == (429, "/problems/too-many-keys")
                assert 0 < int(answer.headers["Retry-After"]) <= 13
        (line,) = [line for line in logs if line["event"] == "refused"]
        assert (line["kind"], line["subject"]) == ("too-many-keys", "letters")
        assert (await house.ask("POST", "/subject-keys", body, other))[0] == 200
        async with house.home.admin("/metrics") as answer:
            assert 'subject_keys_limited_total{service="letters"} 1.0' in await answer.text()


async def test_calls_from_one_address_are_limited(service_home: ServiceHome, tmp_path: Path):
    master_key = tmp_path / "master-key"
    master_key.write_text(new_master_key())
    few = {"sign_ins_per_minute": 2, "registrations_per_minute": 2, "refreshes_per_minute": 2}
    async with service_home(service, master_key_file=master_key, **few) as home:
        for path in ("/customers", "/sign-in", "/refresh"):
            statuses: list[int] = []
            waits: list[str] = []
            for _ in range(3):
                async with home.http.post(path, json={}, headers={"Idempotency-Key": str(uuid4())}) as answer:
                    statuses.append(answer.status)
                    waits.append(answer.headers.get("Retry-After", ""))
            assert statuses == [422, 422, 429]
            assert int(waits[2]) >= 1
