"""The same statement imported by payments, and by a handler written by hand, while webhooks come in."""

import asyncio
import base64
import hashlib
import hmac
import json
import statistics
import time
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import aiohttp
import asyncpg
from chassis_testing.accounts import KeyServer, key_server
from contracts.accounts import RecordsKey, TenantOpened

from benchmarks.bench import Bench
from benchmarks.home import Home, Program, ProgramFailed
from benchmarks.publishing import publish
from benchmarks.reference import reference
from benchmarks.rounds import Better, Metric, Sample, Sides
from benchmarks.statement.file import IBAN, TENANT, write
from contracts import topics

ENTRIES, FEW = 50_000, 2_000
SECRET = "whsec_of_the_benchmark"  # noqa: S105 -- nobody else's
LONGEST, APART = 30.0, 0.05


@asynccontextmanager
async def compare(home: Home, quick: bool) -> AsyncGenerator[Sides]:
    """Start both on copies of a database that knows a seller and its account."""
    clock = home.path / "clock"
    clock.write_text("0")
    (home.path / "provider-key").write_text("sk_test_benchmark")
    (home.path / "provider-secret").write_text(SECRET)
    names = [topic.name for topic in topics(["payments"])]
    async with home.topics(*names) as prefix, key_server(clock) as accounts, home.database("statement") as filled:
        key = RecordsKey(year=datetime.now(UTC).year, records=accounts.new_key())
        async with payments(home, filled, prefix, accounts):
            await _open(home, prefix, filled, key)
        await home.tidy(filled)
        public = base64.b64encode(key.records.public).decode()
        async with (
            home.database("statement-ours", like=filled) as ours,
            home.database("statement-bare", like=filled) as theirs,
            payments(home, ours, prefix, accounts) as service,
            reference(home, "benchmarks.statement.bare", theirs, RECORDS_KEY=public) as bare,
        ):
            token = accounts.token(uuid4(), "bookkeeping", lifetime=timedelta(hours=6))
            count = FEW if quick else ENTRIES
            yield Sides(partial(_ours, service, ours, count, token), partial(_imported, bare, theirs, count, ""))


def payments(home: Home, database: str, prefix: str, accounts: KeyServer) -> AbstractAsyncContextManager[Program]:
    """Run the service; it never reaches the provider."""
    return home.service(
        "payments",
        database,
        TOPIC_PREFIX=prefix,
        ACCOUNTS_URL=accounts.url,
        PROVIDER_URL="http://127.0.0.1:9",
        PROVIDER_API_KEY_FILE=str(home.path / "provider-key"),
        PROVIDER_WEBHOOK_SECRET_FILE=str(home.path / "provider-secret"),
    )


async def _open(home: Home, prefix: str, database: str, key: RecordsKey) -> None:
    """Tell the service of a seller. Raises ProgramFailed where it does not hear of it."""
    opened = TenantOpened.model_validate({**TenantOpened.EXAMPLE, "tenant": TENANT})
    seller = opened.sellers[0]
    account = seller.bank_account.model_copy(update={"iban": IBAN})
    sellers = [seller.model_copy(update={"bank_account": account, "records_keys": [key]})]
    await publish(home.state.kafka, prefix, opened.model_copy(update={"sellers": sellers}))
    connection = await asyncpg.connect(database)
    try:
        end = time.monotonic() + LONGEST
        while not await connection.fetchval("select count(*) from records_keys"):
            if time.monotonic() > end:
                raise ProgramFailed("payments has not heard of the seller")
            await asyncio.sleep(0.1)
    finally:
        await connection.close()


async def _ours(program: Program, database: str, count: int, token: str) -> Sample:
    """Measure an import with webhooks beside it."""
    waited: list[float] = []
    knocking = asyncio.create_task(_knock(program.url, waited))
    try:
        sample = await _imported(program, database, count, token)
    finally:
        knocking.cancel()
    return sample | {"webhooks p50": statistics.median(waited), "webhooks longest": max(waited)}


async def _imported(program: Program, database: str, count: int, token: str) -> Sample:
    """Import a new statement of so many entries. Raises ProgramFailed where it comes to something else."""
    file = await write(database, count)
    headers = {"Content-Type": "application/xml", "Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as http:
        began, cpu = time.monotonic(), program.cpu_seconds
        async with http.post(f"{program.url}/statements", data=file.content, headers=headers) as answer:
            view: dict[str, Any] = await answer.json()
        seconds, used = time.monotonic() - began, program.cpu_seconds - cpu
    if (view.get("entries"), view.get("matched")) != (file.entries, file.matched):
        raise ProgramFailed(f"{program.name} answered {str(view)[:300]}")
    return {"entries": count / seconds, "cpu": max(used, 0.01) * 1_000_000 / count}


async def _knock(url: str, waited: list[float]) -> None:
    """Send webhooks of payments that are not known yet one after the other, and keep how many ms each took."""
    async with aiohttp.ClientSession() as http:
        while True:
            body, at = json.dumps(_event()).encode(), int(time.time())
            mac = hmac.new(SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
            began = time.monotonic()
            sign = {"Stripe-Signature": f"t={at},v1={mac}"}
            async with http.post(f"{url}/webhooks/provider", data=body, headers=sign) as answer:
                if answer.status != 200:
                    raise ProgramFailed(f"a webhook is answered {answer.status}")
            waited.append((time.monotonic() - began) * 1000)
            await asyncio.sleep(APART)


def _event() -> dict[str, Any]:
    metadata = {"tenant": TENANT, "order": str(uuid4()), "payment": str(uuid4())}
    session = {"id": f"cs_{uuid4().hex}", "object": "checkout.session", "payment_status": "paid", "metadata": metadata}
    session |= {"payment_intent": f"pi_{uuid4().hex}", "amount_total": 21900, "currency": "eur"}
    return {"id": f"evt_{uuid4().hex}", "type": "checkout.session.completed", "data": {"object": session}}


STATEMENT = Bench(
    "statement",
    f"What does it cost to import a bank statement of {ENTRIES:,} entries, and do webhooks wait for it?",
    (
        Metric("entries", "/s", Better.MORE, 0.12),
        Metric("cpu", "us", Better.LESS),
        Metric("webhooks p50", "ms", Better.LESS, judged=False),
        Metric("webhooks longest", "ms", Better.LESS, judged=False),
    ),
    compare,
)
