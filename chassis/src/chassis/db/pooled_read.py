"""Reading outside any transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import asyncpg

from chassis.db.pool import Borrowed

if TYPE_CHECKING:
    from chassis.db.database import Database


@dataclass(frozen=True, slots=True)
class PooledRead:
    """The `Read` of a request: each statement runs by itself on a connection that cannot write."""

    database: "Database"

    @property
    def now(self) -> datetime:
        """The service's clock, aware UTC."""
        return self.database.clock.now()

    async def fetch(self, sql: str, *args: Any) -> list[asyncpg.Record]:
        """Return all rows."""
        async with Borrowed(self.database.read_only_pool) as connection:
            return await connection.fetch(sql, *args)

    async def row(self, sql: str, *args: Any) -> asyncpg.Record | None:
        """Return the first row, or None."""
        async with Borrowed(self.database.read_only_pool) as connection:
            return await connection.fetchrow(sql, *args)

    async def value(self, sql: str, *args: Any) -> Any:
        """Return the first column of the first row, or None."""
        async with Borrowed(self.database.read_only_pool) as connection:
            return await connection.fetchval(sql, *args)
