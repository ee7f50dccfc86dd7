"""The door for the clock: sweeps are one transaction each, errands leave the house between two."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

import structlog

from chassis.db.database import Database, Tx
from chassis.db.failure import REPEAT, WHOLE_SERVICE
from chassis.db.retrying import retry_transaction
from chassis.telemetry import metrics
from chassis.telemetry.tracing import span

log = structlog.get_logger(__name__)

W = TypeVar("W")
A = TypeVar("A")

second = timedelta(seconds=1)
minute = timedelta(minutes=1)

# As long as a turn waits for its wishes, those that come meanwhile gather for the next one's single claim.
STRAGGLER_SECONDS = 1

TURN = """
select pg_try_advisory_xact_lock(hashtextextended('job ' || $1, 0))
"""


@dataclass(frozen=True, slots=True)
class Job:
    """What runs again and again, at the latest after `every`, at once when woken; `turn` says whether there is more.

    What a turn leaves unfinished it leaves to the group, which ends with the runner.
    """

    name: str
    every: timedelta
    turn: Callable[[Database, Callable[[str], Any], asyncio.TaskGroup], Awaitable[bool]]


Jobs = list[Job]


def sweep(name: str, *, every: timedelta, do: Callable[[Tx], Awaitable[Any]]) -> Job:
    """A use case run in one transaction, on one replica at a time; a truthy answer means: go on at once."""

    async def turn(database: Database, fault: Callable[[str], Any], _: asyncio.TaskGroup) -> bool:
        async with database.begin() as tx:
            if not await tx.value(TURN, name):
                return False
            more = bool(await do(tx))
            fault(f"sweep:{name}:done")
            return more

    return Job(name, every, turn)


def outbound(
    name: str,
    *,
    claim: Callable[[Tx, int], Awaitable[Sequence[W]]],
    act: Callable[[W], Awaitable[A]],
    settle: Callable[[Tx, W, A], Awaitable[None]],
    every: timedelta = second,
    concurrency: int = 10,
) -> Job:
    """Recorded wishes to the outside world: claimed with a lease in one transaction, settled in another.

    `claim` is told how many it may take: as many as are left of `concurrency`. A turn ends with what it claimed, but
    waits a second at most for one that hangs: the others that come meanwhile do not wait for it.
    `act` runs without a transaction and with a deterministic idempotency key; answers that mean failure are values,
    which `settle` records. An exception leaves the wish claimed until its lease ends, then it is tried again.
    """

    under_way = set[asyncio.Task[None]]()

    async def one(database: Database, wish: W, fault: Callable[[str], Any]) -> None:
        began = time.perf_counter()
        try:
            with span(f"outbound {name}", traceparent=getattr(wish, "traceparent", None)):
                answer = await act(wish)
                fault(f"outbound:{name}:acted")
                await retry_transaction(database, lambda tx: settle(tx, wish, answer))
            fault(f"outbound:{name}:settled")
        except Exception as error:
            log.warning("an errand failed and is tried again", job=name, reason=type(error).__name__)
            metrics.outbound_seconds.labels(name, "failed").observe(time.perf_counter() - began)
        else:
            metrics.outbound_seconds.labels(name, "done").observe(time.perf_counter() - began)

    async def turn(database: Database, fault: Callable[[str], Any], group: asyncio.TaskGroup) -> bool:
        free = concurrency - len(under_way)
        if not free:
            return False
        async with database.begin() as tx:
            wishes = await claim(tx, free)
        fault(f"outbound:{name}:claimed")
        claimed = [group.create_task(one(database, wish, fault)) for wish in wishes]
        for task in claimed:
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        if claimed:
            await asyncio.wait(claimed, timeout=STRAGGLER_SECONDS)
        return bool(wishes)

    return Job(name, every, turn)


@dataclass(slots=True)
class Runner:
    """Runs the jobs of a service side by side."""

    database: Database
    jobs: Jobs
    fault: Callable[[str], Any] = lambda point: None
    bells: dict[str, asyncio.Event] = field(default_factory=dict[str, asyncio.Event])

    def wake(self, names: set[str]) -> None:
        """Run the named jobs at once."""
        for name in names:
            if name in self.bells:
                self.bells[name].set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Run until told to stop; what has begun ends first."""
        self.bells = {job.name: asyncio.Event() for job in self.jobs}
        async with asyncio.TaskGroup() as group:
            for job in self.jobs:
                group.create_task(self._run(job, self.bells[job.name], stopping, group))

    async def _run(self, job: Job, bell: asyncio.Event, stopping: asyncio.Event, group: asyncio.TaskGroup) -> None:
        while not stopping.is_set():
            bell.clear()
            try:
                more = await job.turn(self.database, self.fault, group)
            except (*WHOLE_SERVICE, *REPEAT, TimeoutError) as error:
                log.warning("a job waits", job=job.name, reason=type(error).__name__)
                more = False
            except Exception:
                log.exception("a job failed", job=job.name)
                more = False
            if not more and not bell.is_set():
                await _first(bell, stopping, job.every)


async def _first(bell: asyncio.Event, stopping: asyncio.Event, every: timedelta) -> None:
    waits = [asyncio.ensure_future(bell.wait()), asyncio.ensure_future(stopping.wait())]
    await asyncio.wait(waits, timeout=every.total_seconds(), return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
