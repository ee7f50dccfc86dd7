"""What a service has stored, where it looks itself at something that only it understands."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

from chassis.db.connections import DatabaseBusy
from chassis.db.database import Database
from chassis.db.transaction import Read

T = TypeVar("T")


class Stored:
    """The service's database as its own examination may ask it; none where it is away or not migrated."""

    def __init__(self, database: Database | None) -> None:
        self._database = database

    async def ask(self, question: Callable[[Read], Awaitable[T]]) -> T | None:
        """Return the answer; None where the database gives none, which is told elsewhere."""
        if self._database is None:
            return None
        try:
            return await question(self._database.read())
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, DatabaseBusy):
            return None
