"""Sweeps: a use case that runs by the clock, in one transaction."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chassis.config.provision import Provision
from chassis.db.database import Database
from chassis.jobs.job import Fault, Trigger, Turns, trigger_of

TURN = """
select pg_try_advisory_xact_lock(hashtextextended('job ' || $1, 0))
"""


@dataclass(frozen=True, slots=True)
class Sweep:
    """A use case run in one transaction, on one replica at a time."""

    trigger: Trigger
    every: timedelta
    do: Callable[..., Awaitable[Any]]

    def bound(self, provision: Provision) -> Turns:
        """Return its turns, with what `do` asks for beside the transaction."""
        do, name = provision.bind(self.do, given=1), self.trigger.name

        async def turn(database: Database, fault: Fault, _: asyncio.TaskGroup) -> bool:
            async with database.begin() as tx:
                if not await tx.value(TURN, name):
                    return False
                more = bool(await do(tx))
                fault(f"sweep:{name}:done")
                return more

        return Turns(self.trigger, self.every, turn)


def sweep(name: str | Trigger, *, every: timedelta, do: Callable[..., Awaitable[Any]]) -> Sweep:
    """Run `async def do(tx: Tx, ...) -> bool` at least so often; a true answer means: go on at once."""
    return Sweep(trigger_of(name), every, do)
