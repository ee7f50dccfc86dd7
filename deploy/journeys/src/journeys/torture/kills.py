"""Blind kills: under load, a random service dies at a random moment, again and again; at the end all must be there."""

import asyncio
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from stack.errors import StackError
from stack.services import SERVICES
from stack.stack import ROOT, Stack

from contracts import topics
from journeys.load.load import Load
from journeys.load.market import open_market
from journeys.suite import Suite, suite
from journeys.verify.quiet import NotQuiet
from journeys.verify.run import verify

HOME = ROOT / ".local" / "torture"
NAMES = tuple(service.name for service in SERVICES)
TWO_AT_ONCE = 0.2
LONGEST_CALM = 1.5
READY_SECONDS = 300
CUSTOMERS, SERIALS_AT_FIRST = 40, 300
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Plan:
    """How often, under how many orders a second, and by which dice."""

    rounds: int = 200
    rate: float = 30
    seed: int = field(default_factory=lambda: random.SystemRandom().randrange(2**32))
    wait: float = 420
    calm: float = LONGEST_CALM


async def kills(plan: Plan, home: Path = HOME, report: Callable[[str], None] = print) -> bool:
    """Run all rounds on a stack of its own, fresh each time; whether everything held."""
    report(f"seed {plan.seed}: {plan.rounds} rounds under {plan.rate:g} orders a second in {home}")
    task = asyncio.current_task()
    assert task is not None
    # whoever is told to stop leaves nothing running
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    stack = Stack(home, topics=lambda: [(topic.name, topic.retention_ms) for topic in topics()], report=report)
    await asyncio.to_thread(stack.up, fresh=True)
    try:
        async with suite(stack) as running:
            return await _under_load(running, plan, report)
    finally:
        await asyncio.to_thread(stack.down)


async def _under_load(running: Suite, plan: Plan, report: Callable[[str], None]) -> bool:
    market = await open_market(running, CUSTOMERS, SERIALS_AT_FIRST)
    report(f"the shop is open: tenant {market.shop.tenant}")
    load = Load(market, plan.rate, random.Random(plan.seed), report)  # noqa: S311 -- dice, not secrets
    dice = random.Random(plan.seed + 1)  # noqa: S311 -- dice, not secrets
    async with load.running(running):
        await asyncio.sleep(2)
        for number in range(1, plan.rounds + 1):
            await _round(running.stack, dice, number, plan, report)
    try:
        held = await verify(running.state, wait=plan.wait, report=report)
    except NotQuiet as restless:
        report(f"the stack does not come to rest: {restless}")
        held = False
    broken = await load.promises.broken(running.state.databases, market.shop.tenant)
    for words in broken[:SHOWN]:
        report(f"       {words}")
    report(f"promises: {load.promises.told()}; {len(broken)} broken; seed {plan.seed}")
    unasked = {what: count for what, count in load.promises.counts.items() if what.startswith("refused")}
    for what, count in unasked.items():
        report(f"       {count} x {what}")
    return held and not broken and not unasked


async def _round(stack: Stack, dice: random.Random, number: int, plan: Plan, report: Callable[[str], None]) -> None:
    await asyncio.sleep(dice.random() * plan.calm)
    victims = dice.sample(NAMES, 2 if dice.random() < TWO_AT_ONCE else 1)
    began = time.monotonic()
    await asyncio.gather(*(asyncio.to_thread(stack.kill, victim) for victim in victims))
    for victim in victims:
        try:
            await asyncio.to_thread(stack.wait_ready, victim, READY_SECONDS)
        except StackError as error:
            raise StackError(f"round {number}, seed {plan.seed}: {str(error).splitlines()[0]}") from None
    report(f"round {number:3}: {' and '.join(victims)} killed, ready after {time.monotonic() - began:.1f} s")
