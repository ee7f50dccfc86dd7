"""A fresh stack under load while something strikes it; at the end every promise must be kept."""

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

from stack.stack import ROOT, Stack

from contracts import topics
from journeys.load.load import Load
from journeys.load.market import open_market
from journeys.suite import Suite, suite
from journeys.verify.quiet import NotQuiet
from journeys.verify.run import verify

HOME = ROOT / ".local" / "torture"
CUSTOMERS, SERIALS_AT_FIRST = 40, 300
MOST_LINES = 20

Report = Callable[[str], None]


async def under_fire(
    strike: Callable[[Suite], Awaitable[bool]],
    rate: float,
    seed: int,
    home: Path = HOME,
    report: Report = print,
    rest_seconds: float = 420,
) -> bool:
    """Strike a fresh stack under `rate` orders a second; return whether everything held."""
    task = asyncio.current_task()
    assert task is not None
    # SIGTERM ends the stack too
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    stack = Stack(home, topics=lambda: [(topic.name, topic.retention_ms) for topic in topics()], report=report)
    try:
        await asyncio.to_thread(stack.up, fresh=True)
        async with suite(stack) as running:
            market = await open_market(running, CUSTOMERS, SERIALS_AT_FIRST)
            report(f"the shop is open: tenant {market.shop.tenant}")
            load = Load(market, rate, random.Random(seed), report)
            async with load.running(running):
                await asyncio.sleep(2)
                struck = await strike(running)
            held = await _held(running, load, report, rest_seconds)
            return struck and held
    finally:
        await asyncio.to_thread(stack.down)


async def _held(running: Suite, load: Load, report: Report, rest_seconds: float) -> bool:
    try:
        held = await verify(running.state, wait=rest_seconds, report=report)
    except NotQuiet as error:
        report(f"the stack does not come to rest: {error}")
        held = False
    broken = await load.promises.broken(running.state.databases, load.market.shop.tenant)
    for words in broken[:MOST_LINES]:
        report(f"       {words}")
    report(f"promises: {load.promises.summary()}; {len(broken)} broken")
    refused = {what: count for what, count in load.promises.counts.items() if what.startswith("refused")}
    for what, count in refused.items():
        report(f"       {count} x {what}")
    return held and not broken and not refused
