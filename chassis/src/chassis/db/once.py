"""Writing what was read without a lock, if it still holds."""

from collections.abc import Callable, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.event import Event
from uuid_utils.compat import uuid7

from chassis.config.clock import Clock
from chassis.db import outbox
from chassis.db.pool import Borrowed, ReadyPool
from chassis.telemetry.traces import current_traceparent


@dataclass(frozen=True, slots=True)
class Once:
    """Writes by one statement that commits by itself, together with the outbox rows of what it publishes."""

    pool: ReadyPool | None
    clock: Clock
    committed: Callable[[bool, Set[object]], None]

    @property
    def now(self) -> datetime:
        """The service's clock, aware UTC."""
        return self.clock.now()

    def new_id(self) -> UUID:
        """Return a new identifier (UUIDv7, RFC 9562)."""
        return uuid7()

    async def value(self, sql: str, *args: Any) -> Any:
        """Run one statement and return the first column of its first row, or None."""
        async with Borrowed(self.pool) as connection:
            return await connection.fetchval(sql, *args)

    async def write(self, sql: str, *args: Any, publish: tuple[Event, ...] = (), durable: bool = True) -> bool:
        """Run one statement, publish if it wrote, and return whether it did.

        `sql` is a `with` that holds to what was read before (`where version = $3`), and whose last part, `written`,
        returns a row if that still was so. False: somebody else was first, nothing was written or published.
        With `durable=False` nobody waits for the disk: it may be lost if the database crashes within a moment. What is
        published is always durable.
        """
        traceparent = current_traceparent()
        rows = [outbox.row(event, traceparent) for event in publish]
        text, more = outbox.completed(sql, len(args), rows, self.now, durable=durable)
        written = bool(await self.value(text, *args, *more))
        if written and rows:
            self.committed(True, frozenset())
        return written
