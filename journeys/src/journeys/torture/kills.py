"""Blind kills: under load, random services die at random moments; at the end every promise must be kept."""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from stack.errors import StackError
from stack.services import SERVICES
from stack.stack import Stack

from journeys.suite import Suite
from journeys.torture.fire import HOME, under_fire

NAMES = tuple(service.name for service in SERVICES)
TWO_AT_ONCE = 0.2
LONGEST_CALM = 1.5
READY_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Plan:
    """The number of rounds, the orders a second, and the seed; `wait` and `calm` in seconds."""

    rounds: int = 200
    rate: float = 30
    seed: int = field(default_factory=lambda: random.SystemRandom().randrange(2**32))
    wait: float = 420
    calm: float = LONGEST_CALM


async def kills(plan: Plan, home: Path = HOME, report: Callable[[str], None] = print) -> bool:
    """Run all rounds on a fresh stack of its own; return whether everything held."""
    report(f"seed {plan.seed}: {plan.rounds} rounds under {plan.rate:g} orders a second in {home}")
    dice = random.Random(plan.seed + 1)

    async def strike(running: Suite) -> bool:
        for number in range(1, plan.rounds + 1):
            await _round(running.stack, dice, number, plan, report)
        return True

    return await under_fire(strike, plan.rate, plan.seed, home, report, plan.wait)


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
