"""A drill: databases restored from different moments, then Kafka lost; what is promised of both must hold.

Between the dumps and the loss orders are placed, paid and refunded, and a customer is erased. What orders has published
it takes back; nobody who was erased comes back; what was sold before the dumps, and what is sold afterwards, is
delivered. What else is lost is told by the checker, and in docs/operations/backup.md.
"""

import asyncio
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg
from stack.services import SERVICES, SUITE
from stack.stack import Stack

from contracts import topics
from journeys.load.load import Load
from journeys.load.market import Market, open_market
from journeys.suite import Suite, suite, until
from journeys.torture.dumps import dump, restore
from journeys.torture.fire import HOME
from journeys.verify.run import verify

RATE, SECONDS, PAUSE = 3.0, 8, 0.5
PROMISED = ("I4", "I5", "I6", "I7", "I9")
"""The invariants that hold whatever moments the databases are of."""
ERASED = """
select count(*)
from private_keys
join subject_keys on subject_keys.tenant = private_keys.tenant and subject_keys.id = private_keys.key_id
where subject = $1
  and kind = 'profile'
"""
Report = Callable[[str], None]


async def drill(seed: int, home: Path = HOME, report: Report = print) -> bool:
    """Run both on a fresh stack of its own; return whether what is promised held."""
    stack = Stack(
        home,
        durable=False,
        every_span=False,
        one_process=True,
        topics=lambda: [(topic.name, topic.retention_ms) for topic in topics()],
        report=report,
    )
    shutil.rmtree(home / "dumps", ignore_errors=True)
    try:
        await asyncio.to_thread(stack.up, fresh=True)
        async with suite(stack) as running:
            market = await open_market(running, 8, 100)
            faults = await _databases_lost(running, market, seed, report)
            faults += await _kafka_lost(running, market, seed, report)
    finally:
        await asyncio.to_thread(stack.down)
    for fault in faults:
        report(f"BROKEN {fault}")
    return not faults


async def _databases_lost(running: Suite, market: Market, seed: int, report: Report) -> list[str]:
    leaver, dumps = market.people.pop(), Path(running.state.home) / "dumps"
    dumps.mkdir()
    before = await _sold(running, market, seed, report)
    between = Load(market, RATE, random.Random(seed + 1), report)
    async with between.running(running):
        for name, url in running.state.databases.items():
            await dump(url, dumps / name)
            await asyncio.sleep(PAUSE)  # each is of a moment of its own
    await running.call("accounts", "POST", "/me/deletion", token=leaver.token, json={"password": leaver.password})
    faults = [] if await verify(running.state, wait=120, report=report) else ["not all held before the loss"]
    faults += await _came_back(running, leaver.id)
    await asyncio.to_thread(running.stack.stop, SUITE)
    began = time.monotonic()
    for name, url in running.state.databases.items():
        await restore(running.state.postgres, url, dumps / name)
    report(f"{len(SERVICES)} databases restored in {time.monotonic() - began:.0f} s")
    for printed in await _each(running, "backup", "restored"):
        report(printed)
    await asyncio.to_thread(running.stack.start, SUITE)
    report(f"sells again {time.monotonic() - began:.0f} s after the loss")
    await _come_back(market)
    after = await _sold(running, market, seed + 2, report)
    lines: list[str] = []
    await verify(running.state, wait=120, report=lines.append)
    report("\n".join(lines))
    held = {line.split()[0] for line in lines if line.split()[1:2] == ["held"]}
    faults += [f"{name} does not hold" for name in PROMISED if name not in held]
    for when, load in (("before the dumps", before), ("between dump and loss", between), ("afterwards", after)):
        broken = await load.promises.broken(running.state.databases, market.shop.tenant)
        report(f"{when}: {load.promises.summary()}; {len(broken)} broken")
        faults += [f"{when}: {words}" for words in broken]
    return faults + await _came_back(running, leaver.id)


async def _kafka_lost(running: Suite, market: Market, seed: int, report: Report) -> list[str]:
    stack = running.stack
    for program in (SUITE, "kafka"):
        await asyncio.to_thread(stack.stop, program)
    shutil.rmtree(Path(running.state.home) / "kafka" / "data")
    began = time.monotonic()
    await asyncio.to_thread(stack.up, services=[])
    await asyncio.to_thread(stack.start, SUITE, wait=False)

    async def accepted() -> bool:
        await _each(running, "gaps", "accept", "--all")
        paths = [running.admin(name, "/readyz") for name in running.state.databases]
        return all([(await running.http.get(path)).status == 200 for path in paths])

    await until(accepted, "all services to go on", 300)
    report(f"sells again {time.monotonic() - began:.0f} s after Kafka was made anew")
    await _come_back(market)
    after = await _sold(running, market, seed + 3, report)
    return await after.promises.broken(running.state.databases, market.shop.tenant)


async def _sold(running: Suite, market: Market, seed: int, report: Report) -> Load:
    """Sell for some seconds, and return what was promised once all of it is delivered."""
    load = Load(market, RATE, random.Random(seed), report)
    async with load.running(running):
        await asyncio.sleep(SECONDS)

    async def kept() -> bool:
        return not await load.promises.broken(running.state.databases, market.shop.tenant)

    await until(kept, "all promises to be kept", 120)
    return load


async def _each(running: Suite, *words: str) -> list[str]:
    """Run a command of each service; return what they print."""
    return await asyncio.gather(*(running.stack_run(name, *words) for name in running.state.databases))


async def _come_back(market: Market) -> None:
    for person in (*market.people, market.shop.seller, market.shop.bookkeeper):
        await person.sign_in()


async def _came_back(running: Suite, customer: str) -> list[str]:
    connection = await asyncpg.connect(running.state.databases["accounts"])
    try:
        return ["an erased customer's key has come back"] * await connection.fetchval(ERASED, customer)
    finally:
        await connection.close()
