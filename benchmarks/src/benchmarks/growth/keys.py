"""Validations among 10,000 and among 1,000,000 keys."""

import asyncio
import base64
import secrets
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg
from licensing.domain.keys import tail
from licensing.usecases.vault import Vault

from benchmarks.growth.sizes import QUICK_ROWS, ROWS, burst
from benchmarks.home import Home
from benchmarks.licence import stock
from benchmarks.licence.comparison import ASKED, body, check, licensing
from benchmarks.load import Door, Request
from benchmarks.rounds import Measure, Sample
from contracts import topics

NAMES = {size: f"licence {size} keys" for size in ROWS}
MADE = 10_000

REAL = """
create temporary table made (position bigint primary key, fingerprint bytea, tail text, revoked boolean)
"""
# The keys of `made` lie evenly among others that have only a fingerprint; ids grow with time.
SOLD = """
insert into units
  (tenant, order_id, id, line_id, position, sku, key_source, key_prefix, keys_per, paid_at, paid_sequence, release_at,
   state, license_id, fingerprint, tail, license_key, issued_at, revoked_at)
select 'kontor', (lpad(to_hex(n), 8, '0') || right(md5(n::text), 24))::uuid, gen_random_uuid(), gen_random_uuid(), 1,
       $3, 'generated', 'OPRO', 'unit', now(), 1, now(), case when revoked then 'revoked' else 'issued' end,
       gen_random_uuid(), coalesce(fingerprint, uuid_send(gen_random_uuid())), coalesce(tail, '0000'), 'sealed', now(),
       case when revoked then now() end
from generate_series(1, $1::bigint) as n
left join made on made.position * $2 = n
"""


@asynccontextmanager
async def keys_grow(home: Home, quick: bool) -> AsyncGenerator[Measure]:
    """Start one service for each number of keys; all have those that are asked for."""
    file = home.path / "license-key"
    file.write_text(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
    names = [topic.name for topic in topics(["licensing"])]
    made = await asyncio.to_thread(stock.keys, Vault.from_file(file), MADE)
    asked = stock.mixed(made, ASKED)
    requests = [Request("POST", "/validate", body=body(key)) for key, _ in asked]
    doors: dict[str, Door] = {}
    async with home.topics(*names) as prefix, AsyncExitStack() as stack:
        for size, count in (QUICK_ROWS if quick else ROWS).items():
            database = await stack.enter_async_context(home.database(f"growth-{size}"))
            await home.run("licensing", "migrate", **home.settings(database), LICENSE_KEY_FILE=str(file))
            await _sell(database, made, count)
            await home.tidy(database)
            service = await stack.enter_async_context(licensing(home, database, prefix, file))
            await check(service.url, asked)
            doors[NAMES[size]] = Door.of(home, NAMES[size], service, requests)

        async def measure() -> Sample:
            found: Sample = {}
            for name, door in doors.items():
                found |= await burst(home, door, name, quick)
            return found

        yield measure


async def _sell(database: str, made: Sequence[stock.Key], count: int) -> None:
    """Store so many sold keys, one in each order."""
    rows = [(position, key.fingerprint, tail(key.text), key.revoked) for position, key in enumerate(made, 1)]
    connection = await asyncpg.connect(database)
    try:
        await connection.execute(REAL)
        await connection.copy_records_to_table("made", records=rows)
        await connection.execute(SOLD, count, count // len(made), stock.SKU)
    finally:
        await connection.close()
