"""The same keys validated by licensing, and by a handler written by hand."""

import asyncio
import base64
import secrets
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path

import aiohttp
import orjson
from licensing.usecases.vault import Vault

from benchmarks.bench import Bench
from benchmarks.home import Home, Program, ProgramFailed
from benchmarks.licence import stock
from benchmarks.load import Door, Request, door_metrics, measure_door
from benchmarks.reference import reference
from benchmarks.rounds import Sample, Sides
from contracts import topics

KEYS = 100_000
ASKED = 5_000
UNLIMITED = "1000000000"


@asynccontextmanager
async def compare(home: Home, quick: bool) -> AsyncGenerator[Sides]:
    """Start both on copies of one database, with the same secret of the fingerprints."""
    file = home.path / "license-key"
    file.write_text(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
    names = [topic.name for topic in topics(["licensing"])]
    async with home.topics(*names) as prefix, home.database("licence") as filled:
        await home.run("licensing", "migrate", **home.settings(filled), LICENSE_KEY_FILE=str(file))
        asked = await _fill(filled, file, KEYS // 20 if quick else KEYS)
        await home.tidy(filled)
        async with (
            home.database("licence-ours", like=filled) as ours,
            home.database("licence-bare", like=filled) as theirs,
            licensing(home, ours, prefix, file) as service,
            reference(home, "benchmarks.licence.bare", theirs, LICENSE_KEY_FILE=str(file)) as bare,
        ):
            for program in (service, bare):
                await check(program.url, asked)
            requests = [Request("POST", "/validate", body=body(key)) for key, _ in asked]

            async def measure(program: Program) -> Sample:
                return await measure_door(home, Door.of(home, "licence", program, requests), quick)

            yield Sides(partial(measure, service), partial(measure, bare))


def licensing(home: Home, database: str, prefix: str, file: Path) -> AbstractAsyncContextManager[Program]:
    """Run the service, without its limits on guessing."""
    return home.service(
        "licensing",
        database,
        TOPIC_PREFIX=prefix,
        LICENSE_KEY_FILE=str(file),
        VALIDATIONS_PER_MINUTE=UNLIMITED,
        VALIDATIONS_PER_MINUTE_IN_TOTAL=UNLIMITED,
    )


async def _fill(database: str, file: Path, count: int) -> list[tuple[str, str]]:
    """Store so many issued keys, and return those to ask for, each with its verdict."""
    keys = await asyncio.to_thread(stock.keys, Vault.from_file(file), count)
    await stock.store(database, keys)
    return stock.mixed(keys, ASKED)


async def check(url: str, asked: list[tuple[str, str]]) -> None:
    """Check that keys get their verdicts. Raises ProgramFailed."""
    async with aiohttp.ClientSession() as http:
        for key, verdict in asked[:200]:
            head = {"Content-Type": "application/json"}
            async with http.post(f"{url}/validate", data=body(key), headers=head) as answer:
                if await answer.json() != {"valid": verdict == "valid", "code": verdict}:
                    raise ProgramFailed(f"{url} says {await answer.json()} of a key that is {verdict}")


def body(key: str) -> bytes:
    """Return the body of a validation."""
    return orjson.dumps({"license_key": key, "sku": stock.SKU, "tenant": "kontor"})


LICENCE = Bench(
    "licence",
    f"What does the chassis cost a validation among {KEYS:,} keys?",
    door_metrics(0.6),
    compare,
)
