"""Reading outside any transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from chassis.config.clock import Clock
from chassis.db.pool import Borrowed, ReadyPool


@dataclass(frozen=True, slots=True)
class PooledRead:
    """The `Read` of a request: each statement runs by itself on a connection that cannot write."""

    pool: ReadyPool | None
    clock: Clock

    @property
    def now(self) -> datetime:
        """The service's clock, aware UTC."""
        return self.clock.now()

    async def fetch(self, sql: str, *args: Any) -> list[asyncpg.Record]:
        """Return all rows."""
        async with Borrowed(self.pool) as connection:
            return await connection.fetch(sql, *args)

    async def row(self, sql: str, *args: Any) -> asyncpg.Record | None:
        """Return the first row, or None."""
        async with Borrowed(self.pool) as connection:
            return await connection.fetchrow(sql, *args)

    async def value(self, sql: str, *args: Any) -> Any:
        """Return the first column of the first row, or None."""
        async with Borrowed(self.pool) as connection:
            return await connection.fetchval(sql, *args)
