"""Outbound jobs: recorded tasks in the outside world, each between two transactions."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import structlog
from opentelemetry.trace import SpanKind

from chassis.config.provision import Provision
from chassis.db.database import Database
from chassis.db.failure import is_end
from chassis.jobs.job import Fault, Trigger, Turns, second, trigger_of
from chassis.jobs.settling import Batch, Settling, Single
from chassis.telemetry import metrics
from chassis.telemetry.traces import current_traceparent, describe, fail, span

log = structlog.get_logger(__name__)

# As long as a turn waits for its tasks, those that come meanwhile gather for the next one's single claim.
STRAGGLER_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Outbound:
    """Claims tasks with a lease in one transaction, acts without any, settles each in another."""

    trigger: Trigger
    every: timedelta
    concurrency: int | type[int]
    claim: Callable[..., Awaitable[Sequence[Any]]]
    act: Callable[..., Awaitable[Any]]
    settle: Callable[..., Awaitable[None]]
    in_batches: bool

    def bound(self, provision: Provision) -> Turns:
        """Return its turns, with what its functions ask for by type."""
        count = self.concurrency
        run = _Run(
            self.trigger.name,
            count if isinstance(count, int) else provision.of(count, self.trigger.name),
            provision.bind(self.claim, given=2),
            provision.bind(self.act, given=1),
            Batch(provision.bind(self.settle, given=2))
            if self.in_batches
            else Single(provision.bind(self.settle, given=3)),
        )
        return Turns(self.trigger, self.every, run.turn)


class _Run:
    """An outbound job as it runs, with the tasks under way."""

    def __init__(
        self,
        name: str,
        concurrency: int,
        claim: Callable[..., Awaitable[Sequence[Any]]],
        act: Callable[..., Awaitable[Any]],
        settling: Settling,
    ) -> None:
        self.name, self.concurrency = name, concurrency
        self.claim, self.act, self.settling = claim, act, settling
        self.under_way = set[asyncio.Task[None]]()

    async def turn(self, database: Database, fault: Fault, group: asyncio.TaskGroup) -> bool:
        free = self.concurrency - len(self.under_way)
        if not free:
            return False
        async with database.begin() as tx:
            tasks = await self.claim(tx, free)
        fault(f"outbound:{self.name}:claimed")
        claimed = [group.create_task(self._one(database, task, fault), name=f"outbound {self.name}") for task in tasks]
        for running in claimed:
            self.under_way.add(running)
            running.add_done_callback(self.under_way.discard)
        if claimed:
            await asyncio.wait(claimed, timeout=STRAGGLER_SECONDS)
        return len(tasks) == free

    async def _one(self, database: Database, task: Any, fault: Fault) -> None:
        began = time.perf_counter()
        try:
            with span(self.name, SpanKind.CLIENT, traceparent=getattr(task, "traceparent", None)) as opened:
                task = _traced(task)
                answer = await self.act(task)
                outcome = getattr(answer, "outcome", "done")
                describe(opened, {"kontor.outcome": outcome})
                if getattr(answer, "failed", False):
                    fail(opened, outcome)
                fault(f"outbound:{self.name}:acted")
                await self.settling.settle(database, task, answer)
            fault(f"outbound:{self.name}:settled")
        except (Exception, asyncio.CancelledError) as error:
            if is_end(error):
                raise
            log.warning("an outbound task failed and is tried again", job=self.name, reason=type(error).__name__)
            metrics.current().outbound_seconds.labels(self.name, "failed").observe(time.perf_counter() - began)
        else:
            metrics.current().outbound_seconds.labels(self.name, outcome).observe(time.perf_counter() - began)


def _traced(task: Any) -> Any:
    """Return a task that remembers its trace with the span in which it is done, for what follows from it."""
    return replace(task, traceparent=current_traceparent()) if hasattr(task, "traceparent") else task


def outbound(
    name: str | Trigger,
    *,
    claim: Callable[..., Awaitable[Sequence[Any]]],
    act: Callable[..., Awaitable[Any]],
    settle: Callable[..., Awaitable[None]],
    every: timedelta = second,
    concurrency: int | type[int] = 10,
    in_batches: bool = False,
) -> Outbound:
    """Do recorded tasks in the outside world.

    `async def claim(tx: Tx, limit: int, ...) -> Sequence[Task]` leases tasks, as many as are left of `concurrency`: a
    number, or a subclass of int of which the service provides one, made from its settings. One that leases fewer than
    there were wakes the job itself.
    `async def act(task: Task, ...) -> Answer` runs without a transaction and with a deterministic idempotency key;
    answers that mean failure are values, whose `failed` is true; one that has an `outcome`, a word of few, is counted
    under it. An exception leaves the task claimed until its lease ends, then it is tried again. A task (a dataclass)
    with a `traceparent` is done in that trace, and act and settle get it with that of its span.
    `async def settle(tx: Tx, task: Task, answer: Answer, ...) -> None` records the answer; with `in_batches` it is
    `settle(tx: Tx, answered: Sequence[tuple[Task, Answer]], ...)`, for those that come while others are settled. A turn
    waits a second at most for a task that hangs: those that come meanwhile do not wait for it.
    """
    return Outbound(trigger_of(name), every, concurrency, claim, act, settle, in_batches)
