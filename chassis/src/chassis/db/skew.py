"""A service goes by its database's clock: all replicas share it, and what they store to be done at a time.

The broker's is compared as well, where its topics take its time (`message.timestamp.type=LogAppendTime`): records are
kept by it.
"""

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog

from chassis.config.clock import Clock
from chassis.db.connections import Connection
from chassis.db.pool import Borrowed, ReadyPool
from chassis.telemetry import metrics

log = structlog.get_logger(__name__)

EVERY_SECONDS = 5.0
# an answer that takes longer does not tell when the database read its clock
SURE_SECONDS = 0.5
WARNED_SECONDS = 2.0
WRONG_SECONDS = 60.0
STAMPED_BY_BROKER = 1

TIME = """
select clock_timestamp()
"""


async def compare(connection: Connection, clock: Clock) -> None:
    """Let a clock follow the database's."""
    asked = time.monotonic()
    shown = await connection.fetchval(TIME)
    answered = time.monotonic()
    if answered - asked < SURE_SECONDS:
        clock.follow(shown, (asked + answered) / 2)


def compare_with_broker(clock: Clock, acknowledged: Any, sent_at: float) -> None:
    """Compare with the broker's clock, by a record that was sent at a moment of the monotonic clock."""
    if acknowledged.timestamp_type == STAMPED_BY_BROKER:
        clock.compare(datetime.fromtimestamp(acknowledged.timestamp / 1000, UTC), sent_at)


def wrong(clock: Clock) -> str:
    """Return what is wrong where a machine's clock is off by more than a minute, so that people look at it."""
    for other, skew in _skews(clock).items():
        if abs(skew) > WRONG_SECONDS:
            return f"the clock of this machine is {skew:.0f} s ahead of the {other}'s"
    return ""


def _skews(clock: Clock) -> dict[str, float]:
    return {"database": clock.skew or 0.0, "broker": clock.ahead_of_broker or 0.0}


@dataclass(slots=True)
class ClockWatch:
    """Compares the clocks every five seconds, shows the differences, and warns from two seconds on."""

    pool: ReadyPool | None
    clock: Clock
    warned: set[str] = field(default_factory=set[str])

    async def run(self, stopping: asyncio.Event) -> None:
        """Compare until told to stop."""
        while not stopping.is_set():
            try:
                async with Borrowed(self.pool) as connection:
                    await compare(connection, self.clock)
            except Exception as error:
                # whatever it is, the service goes by what it knew last
                log.warning("the database cannot be asked for the time", reason=type(error).__name__)
            for other, skew in _skews(self.clock).items():
                self._show(other, skew)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), EVERY_SECONDS)

    def _show(self, other: str, skew: float) -> None:
        metrics.current().clock_skew_seconds.labels(other).set(skew)
        if abs(skew) <= WARNED_SECONDS:
            self.warned.discard(other)
        elif other not in self.warned:
            self.warned.add(other)
            which = "the database's, which counts" if other == "database" else "the broker's"
            log.warning(f"the clock of this machine differs from {which}", seconds_ahead=round(skew))
