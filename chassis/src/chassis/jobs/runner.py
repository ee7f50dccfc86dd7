"""Runs the jobs of a service side by side."""

import asyncio
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from chassis.db.database import Database
from chassis.db.failure import REPEATABLE, SERVICE_WIDE, is_end
from chassis.jobs.job import Fault, Turns

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Runner:
    """Runs each job at least every so often, and at once when it is woken."""

    database: Database
    jobs: Sequence[Turns]
    fault: Fault = lambda point: None
    _bells: dict[object, asyncio.Event] = field(default_factory=dict[object, asyncio.Event])

    def wake(self, triggers: Set[object]) -> None:
        """Run the jobs of these triggers at once."""
        for trigger in triggers:
            if trigger in self._bells:
                self._bells[trigger].set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Run until told to stop; what has begun ends first."""
        self._bells = {job.trigger: asyncio.Event() for job in self.jobs}
        async with asyncio.TaskGroup() as group:
            for job in self.jobs:
                group.create_task(self._run(job, stopping, group), name=f"job {job.trigger.name}")

    async def _run(self, job: Turns, stopping: asyncio.Event, group: asyncio.TaskGroup) -> None:
        bell = self._bells[job.trigger]
        while not stopping.is_set():
            bell.clear()
            try:
                more = await job.turn(self.database, self.fault, group)
            except (*SERVICE_WIDE, *REPEATABLE, TimeoutError) as error:
                log.warning("a job waits", job=job.trigger.name, reason=type(error).__name__)
                more = False
            except (Exception, asyncio.CancelledError) as error:
                if is_end(error):
                    raise
                log.exception("a job failed", job=job.trigger.name)
                more = False
            if not more and not bell.is_set():
                await _first(bell, stopping, job.every)


async def _first(bell: asyncio.Event, stopping: asyncio.Event, every: timedelta) -> None:
    waits = [asyncio.ensure_future(bell.wait()), asyncio.ensure_future(stopping.wait())]
    await asyncio.wait(waits, timeout=every.total_seconds(), return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
