"""The door for HTTP: who may do what, what is kept under a key, what is limited."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import asyncpg
import pytest
from chassis.config.clock import Clock
from chassis.db import Database, DatabaseBusy
from chassis.identity.tokens import ISSUER
from chassis.web.idempotency import remove_old_keys
from chassis_testing import Harness
from chassis_testing.fixtures import ServiceHome
from chassis_testing.harness import until
from chassis_testing.tokens import new_signing_key, signed_token
from joserfc import jwt
from joserfc.jwk import OctKey
from probe import script
from probe.__main__ import service
from probe.around import OWN_TOPICS

Session = aiohttp.ClientSession


def write(**changes: Any) -> dict[str, Any]:
    return {"host": str(uuid4()), "text": "a note", **changes}


@pytest.fixture
async def customer(probe: Harness) -> AsyncGenerator[Session]:
    token = probe.accounts.token(uuid4(), "customer")
    async with Session(probe.base_url, headers=probe.bearer(token)) as session:
        yield session


async def post(session: Session, path: str, body: dict[str, Any], key: str | None) -> tuple[int, Any, dict[str, str]]:
    headers = {} if key is None else {"Idempotency-Key": key}
    async with session.post(path, json=body, headers=headers) as answer:
        return answer.status, await answer.json(content_type=None), dict(answer.headers)


async def patiently(session: Session, *asked: Any) -> tuple[int, Any, dict[str, str]]:
    """Ask again where the service is too busy to answer."""
    answer = await post(session, *asked)
    return answer if answer[0] != 503 else await patiently(session, *asked)


async def notes_of(probe: Harness, session: Session) -> list[dict[str, Any]]:
    async with session.get("/notes?limit=500") as answer:
        return (await answer.json())["items"]


@pytest.mark.parametrize("path", ["/notes", "/letters"])
async def test_fifty_at_once_under_one_key_take_effect_once(probe: Harness, customer: Session, path: str):  # F-P01
    body, key = write(), uuid4().hex
    script.always[UUID(body["host"])] = lambda _: asyncio.sleep(0.1)
    answers = await asyncio.gather(*(patiently(customer, path, body, key) for _ in range(50)))
    made = [(status, content) for status, content, _ in answers if status == 201]
    waiting = [headers for status, _, headers in answers if status == 409]
    assert (len(made) + len(waiting), bool(made), bool(waiting)) == (50, True, True)
    assert all(headers["Retry-After"] == "1" for headers in waiting)
    assert len({content["id"] for _, content in made}) == 1
    assert len(await notes_of(probe, customer)) == 1


async def test_the_same_key_and_body_get_the_same_answer_again(probe: Harness, customer: Session):
    body, key = write(), uuid4().hex
    status, first, headers = await post(customer, "/notes", body, key)
    again = await post(customer, "/notes", body, key)
    assert status == again[0] == 201
    assert first == again[1]
    assert headers["Location"] == again[2]["Location"] == f"/notes/{first['id']}"
    assert "Idempotent-Replayed" not in headers
    assert again[2]["Idempotent-Replayed"] == "true"
    async with customer.get(headers["Location"]) as answer:
        assert await answer.json() == first


async def test_the_same_key_with_another_body_changes_nothing(probe: Harness, customer: Session):  # F-P02
    key = uuid4().hex
    await post(customer, "/notes", write(), key)
    status, content, _ = await post(customer, "/notes", write(), key)
    assert (status, content["type"]) == (422, "/problems/idempotency-key-reused")
    assert len(await notes_of(probe, customer)) == 1


async def test_a_key_counts_for_one_subject_and_one_path_only(probe: Harness, customer: Session):
    body, key = write(), uuid4().hex
    await post(customer, "/notes", body, key)
    assert (await post(customer, "/letters", body, key))[0] == 201
    token = probe.accounts.token(uuid4(), "customer")
    async with Session(probe.base_url, headers=probe.bearer(token)) as other:
        assert (await post(other, "/notes", body, key))[0] == 201
        assert len(await notes_of(probe, other)) == 1


@pytest.mark.parametrize("path", ["/notes", "/letters"])
async def test_a_failure_is_not_kept_under_its_key(probe: Harness, customer: Session, path: str):
    body, key = write(), uuid4().hex
    script.planned[UUID(body["host"])] = [RuntimeError("x")]
    assert (await post(customer, path, body, key))[0] == 500
    assert not await notes_of(probe, customer)
    assert (await post(customer, path, body, key))[0] == 201


async def test_a_handler_with_transactions_of_its_own_that_lost_a_lock_asks_to_come_again(
    probe: Harness, customer: Session
):
    body, key = write(), uuid4().hex
    script.planned[UUID(body["host"])] = [asyncpg.LockNotAvailableError("x")]
    status, _, headers = await post(customer, "/letters", body, key)
    assert status == 503
    assert "Retry-After" in headers
    assert (await post(customer, "/letters", body, key))[0] == 201


@pytest.mark.parametrize("ended", ["badly", "well"])
async def test_a_claim_ends_soon_though_the_database_is_busy_when_it_should(
    probe: Harness, customer: Session, ended: str
):
    body, key, busy = write(), uuid4().hex, [DatabaseBusy() for _ in range(3)]

    def hold_up() -> None:
        if busy:
            raise busy.pop()

    async def act(_: Any) -> None:
        probe.fault.planned["web:send_letter:handled"] = hold_up
        if ended == "badly":
            raise RuntimeError("x")

    script.planned[UUID(body["host"])] = [act]
    first, _, _ = await post(customer, "/letters", body, key)
    assert first == (500 if ended == "badly" else 201)

    async def again() -> bool:
        busy.clear()
        status, _, _ = await post(customer, "/letters", body, key)
        assert status in (201, 409)
        return status == 201

    await until(again, timeout=5, what="the claim to end")
    assert len(await notes_of(probe, customer)) == 1
    del probe.fault.planned["web:send_letter:handled"]


async def test_whoever_is_too_late_does_not_end_the_claim_of_the_next(probe: Harness, customer: Session):
    body, key, answers = write(), uuid4().hex, asyncio.Event()

    async def outlive_the_lease(_: Any) -> None:
        await probe.sql("update chassis.idempotency set claimed_until = now() where status is null")
        asked.append(asyncio.create_task(post(customer, "/letters", body, key)))
        await until(next_one_acts, what="the next one to act")
        raise RuntimeError("too late")

    async def wait(_: Any) -> None:
        acts.set()
        await answers.wait()

    async def next_one_acts() -> bool:
        return acts.is_set()

    asked: list[asyncio.Task[Any]] = []
    acts = asyncio.Event()
    script.planned[UUID(body["host"])] = [outlive_the_lease, wait]
    assert (await post(customer, "/letters", body, key))[0] == 500
    assert (await post(customer, "/letters", body, key))[0] == 409
    answers.set()
    assert (await asked[0])[0] == 201
    assert (await post(customer, "/letters", body, key))[0] == 201
    assert len(await notes_of(probe, customer)) == 1


async def test_a_refusal_is_not_kept_but_what_it_did_is(probe: Harness, customer: Session):
    body, key = write(text="refuse"), uuid4().hex
    for count in (1, 2):
        status, content, _ = await post(customer, "/notes", body, key)
        assert (status, content["type"]) == (410, "/problems/note-used-up")
        assert len(await notes_of(probe, customer)) == count


@pytest.mark.parametrize("key", [None, "", " ", "ä", "x" * 201])
async def test_a_creating_call_needs_a_key(customer: Session, key: str | None):
    status, content, _ = await post(customer, "/notes", write(), key)
    assert (status, content["type"]) == (400, "/problems/idempotency-key-missing")


async def test_a_key_is_removed_after_a_day(service_home: ServiceHome):  # F-P04
    async with service_home(service, more_topics=OWN_TOPICS) as home:
        token = home.accounts.token(uuid4(), "customer", lifetime=timedelta(days=9))
        async with Session(home.base_url, headers=home.bearer(token)) as session:
            body, key = write(), uuid4().hex
            await post(session, "/notes", body, key)
            for hours, kept in ((23, 1), (2, 0)):
                home.shift_clock(hours * 3600)
                database = Database(home.database_url, "probe", Clock(home.clock_file))
                await database.open()
                async with database.begin() as tx:
                    await remove_old_keys(tx)
                await database.close()
                assert len(await home.sql("select 1 from chassis.idempotency")) == kept


async def test_a_returned_refusal_commits_and_is_rendered(probe: Harness, customer: Session):
    made = (await post(customer, "/notes", write(), uuid4().hex))[1]["id"]
    staff = probe.accounts.token("staff", "support")
    async with Session(probe.base_url, headers=probe.bearer(staff)) as session:
        assert (await post(session, f"/notes/{made}/uses", {}, None))[0] == 200
        status, content, _ = await post(session, f"/notes/{made}/uses", {}, None)
        assert status == 410
        assert content == {
            "type": "/problems/note-used-up",
            "title": "This note has been used as often as it may.",
            "status": 410,
        }
        assert (await post(session, f"/notes/{uuid4()}/uses", {}, None))[0] == 404
    assert (await probe.sql("select uses from notes where id = $1", UUID(made)))[0]["uses"] == 2


async def test_a_list_goes_page_by_page(probe: Harness, customer: Session):
    for _ in range(5):
        await post(customer, "/notes", write(), uuid4().hex)
    everything = await notes_of(probe, customer)
    found: list[Any] = []
    page: dict[str, Any] = {}
    address = "/notes?limit=2"
    for _ in range(3):
        async with customer.get(address) as answer:
            page = await answer.json()
        found += page["items"]
        address = f"/notes?limit=2&cursor={page['next']}"
    assert page["next"] is None
    assert found == everything
    assert len(found) == 5


@pytest.mark.parametrize(
    ("roles", "status"), [((), 401), (("customer",), 403), (("bookkeeping",), 403), (("sales",), 404)]
)
async def test_a_role_is_asked_for(probe: Harness, roles: tuple[str, ...], status: int):  # F-A02
    headers = probe.bearer(probe.accounts.token("somebody", *roles)) if roles else {}
    async with probe.http.post(f"/notes/{uuid4()}/uses", headers=headers) as answer:
        assert answer.status == status
        assert ("WWW-Authenticate" in answer.headers) == (status == 401)


async def test_tokens_that_are_expired_forged_or_unsigned_are_refused(probe: Harness):
    good = probe.accounts.token("somebody", "customer")
    expired = probe.accounts.token("somebody", "customer", lifetime=timedelta(seconds=-1))
    forged = signed_token(new_signing_key(), "x", "sales")
    claims = {"iss": ISSUER, "aud": ISSUER, "sub": "x", "tenant": "kontor", "roles": ["sales"], "exp": 2**33}
    symmetric = jwt.encode({"alg": "HS256", "kid": "test"}, claims, OctKey.generate_key(256))
    none = "eyJhbGciOiJub25lIiwia2lkIjoidGVzdCJ9." + good.split(".")[1] + "."
    altered = good[:-4] + ("AAAA" if not good.endswith("AAAA") else "BBBB")
    elsewhere = probe.accounts.token("somebody", "customer", audience=["orders"])
    nowhere = probe.accounts.token("somebody", "customer", audience=[])
    for token in (expired, forged, elsewhere, nowhere, symmetric, none, altered, "x", "a.b.c", "x" * 20_000):
        if len(token) < 8000:
            async with probe.http.get("/notes", headers=probe.bearer(token)) as answer:
                assert answer.status == 401, token
                assert len(token) < 9 or token not in await answer.text()
    async with probe.http.get("/notes", headers={"Authorization": f"Basic {good}"}) as answer:
        assert answer.status == 401
    async with probe.http.get("/notes", headers=probe.bearer(good)) as answer:
        assert answer.status == 200


async def test_another_customer_and_another_tenant_see_nothing(probe: Harness, customer: Session):  # F-A01
    made = (await post(customer, "/notes", write(), uuid4().hex))[1]["id"]
    for token in (probe.accounts.token(uuid4(), "customer"), probe.accounts.token(uuid4(), "customer", tenant="other")):
        async with probe.http.get(f"/notes/{made}", headers=probe.bearer(token)) as answer:
            assert answer.status == 404


async def test_F_A03_F_D08_a_forged_forwarded_address_does_not_reset_a_limit(probe: Harness):
    statuses: list[int] = []
    for number in range(6):
        headers = {"X-Forwarded-For": f"10.0.0.{number}", "Forwarded": f"for=10.0.0.{number}"}
        async with probe.http.post("/guesses", json={"word": "x"}, headers=headers) as answer:
            statuses.append(answer.status)
            if answer.status == 429:
                assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert statuses == [404, 404, 404, 429, 429, 429]


async def test_behind_a_proxy_its_own_word_counts_and_not_the_clients(service_home: ServiceHome):
    async with service_home(service, more_topics=OWN_TOPICS, trusted_proxies=1) as home:

        async def guess(*forwarded: str) -> int:
            headers = [("X-Forwarded-For", value) for value in forwarded]
            async with home.http.post("/guesses", json={"word": "x"}, headers=headers) as answer:
                return answer.status

        assert [await guess(f"1.1.1.{n}, 9.9.9.9") for n in range(4)] == [404, 404, 404, 429]
        assert [await guess(f"1.1.1.{n}", "9.9.9.9") for n in range(2)] == [429, 429], "in a header line of its own"
        assert await guess("1.1.1.1, 8.8.8.8") == 404
