"""How often one address may ask what can be guessed."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from accounts.__main__ import service
from chassis.identity.sealing import new_master_key
from chassis_testing.fixtures import ServiceHome
from chassis_testing.harness import until
from contracts.accounts import EmailConfirmationRequested
from structlog.testing import capture_logs

from .conftest import PASSWORD, REGISTERED, House, Person, opened


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


OLDER = """
insert into registrations (tenant, id, customer_id, mailbox_hmac, network_hmac, registered_at)
select tenant, gen_random_uuid(), gen_random_uuid(), mailbox_hmac, network_hmac, registered_at - interval '7 days'
from registrations
where tenant = $1
limit 1
"""


@dataclass
class Mailbox:
    """Everybody who registers with the addresses of one mailbox, from any network."""

    house: House
    tenant: str

    async def register(self, email: str, network: str, password: str = PASSWORD) -> int:
        headers = {"Idempotency-Key": str(uuid4()), "X-Forwarded-For": network}
        body = self.house.registration(self.tenant, email=email, password=password)
        return (await self.house.ask("POST", "/customers", body, **headers))[0]

    async def mailed(self) -> int:
        await self.house.home.settled()
        return len([one for one in self.house.published(EmailConfirmationRequested) if one.tenant == self.tenant])

    async def asks_again(self, email: str, password: str = PASSWORD) -> int:
        person = Person(self.tenant, email, "", password)
        token = (await self.house.sign_in(person))["access_token"]
        return (await self.house.ask("POST", f"{REGISTERED}/code", token=token))[0]


@pytest.fixture
async def mailbox(service_home: ServiceHome, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Mailbox]:
    few = {"registrations_per_mailbox": 2, "trusted_proxies": 1, "address_confirmation": "required"}
    async with opened(service_home, tmp_path_factory.mktemp("mailbox"), **few) as house:
        yield Mailbox(house, await house.open_tenant())


async def test_whoever_uses_up_what_a_mailbox_gets_keeps_no_code_from_its_owner(mailbox: Mailbox):
    house = mailbox.house
    assert [await mailbox.register(f"erika+{n}@example.org", "192.0.2.1") for n in range(3)] == [201, 201, 429]
    # all networks of one line of IPv6 are one site
    assert [await mailbox.register(f"erika+{n}@example.org", f"2001:db8:0:{n}::1") for n in range(5)] == [201] * 5
    assert await mailbox.mailed() == 4
    own = "another phrase for tests"
    assert await mailbox.register("erika@example.org", "198.51.100.7", own) == 201
    assert await mailbox.register("erika@example.org", "192.0.2.9") == 201  # a stranger, later than the owner
    assert await mailbox.mailed() == 6
    tokens = await house.sign_in(Person(mailbox.tenant, "erika@example.org", "", own))
    me = (await house.ask("GET", "/me", token=tokens["access_token"]))[1]["subject"]
    (sent,) = [one for one in house.published(EmailConfirmationRequested) if str(one.customer) == me]
    body = {"code": await house.opened_box(sent.code)}
    assert (await house.ask("POST", f"{REGISTERED}/confirmation", body, tokens["access_token"]))[0] == 200


async def test_a_mailbox_is_not_flooded_while_accounts_wait_to_be_confirmed(mailbox: Mailbox):
    house = mailbox.house
    emails = [f"nora+{n}@example.org" for n in range(18)]
    for n, email in enumerate(emails):
        assert await mailbox.register(email, f"192.0.2.{n // 2}") == 201
    assert await mailbox.mailed() == 12  # 6 sites, of two letters each
    await house.home.sql(OLDER, mailbox.tenant)
    await house.shift(timedelta(days=2))

    async def swept() -> bool:
        kept = "select from registrations where tenant = $1"
        return len(await house.home.sql(kept, mailbox.tenant)) == len(emails)

    await until(swept, what="old registrations to be removed")
    for _ in range(2):
        await asyncio.gather(*(mailbox.asks_again(email) for email in emails))
        await house.shift(timedelta(seconds=90))
    assert await mailbox.mailed() == 24
    token = (await house.sign_in(Person(mailbox.tenant, emails[0], "", PASSWORD)))["access_token"]
    status, refused = await house.ask("POST", f"{REGISTERED}/code", token=token)
    assert (status, refused["type"]) == (429, "/problems/too-many-codes")


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
