"""A service goes by its database's clock: all replicas share it, and what they store to be done at a time."""

import asyncio
import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from chassis.config.clock import Clock
from chassis.db.connections import Borrowed, Connection
from chassis.telemetry import metrics

if TYPE_CHECKING:
    from chassis.db.database import Database

log = structlog.get_logger(__name__)

EVERY_SECONDS = 5.0
# an answer that takes longer does not tell when the database read its clock
SURE_SECONDS = 0.5
WARNED_SECONDS = 2.0
WRONG_SECONDS = 60.0

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


def wrong(clock: Clock) -> str:
    """Return what is wrong where a machine's clock is off by more than a minute, so that people look at it."""
    skew = clock.skew or 0
    return f"the clock of this machine is {skew:.0f} s ahead of the database's" if abs(skew) > WRONG_SECONDS else ""


@dataclass(slots=True)
class ClockWatch:
    """Compares the clocks every five seconds, shows the difference, and warns from two seconds on."""

    database: "Database"
    warned: bool = False

    async def run(self, stopping: asyncio.Event) -> None:
        """Compare until told to stop."""
        while not stopping.is_set():
            try:
                async with Borrowed(self.database.pool) as connection:
                    await compare(connection, self.database.clock)
            except Exception as error:
                # whatever it is, the service goes by what it knew last
                log.warning("the database cannot be asked for the time", reason=type(error).__name__)
            self._show(self.database.clock.skew or 0.0)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), EVERY_SECONDS)

    def _show(self, skew: float) -> None:
        metrics.current().clock_skew_seconds.set(skew)
        off = abs(skew) > WARNED_SECONDS
        if off and not self.warned:
            log.warning(
                "the clock of this machine differs from the database's, which counts", seconds_ahead=round(skew)
            )
        self.warned = off
