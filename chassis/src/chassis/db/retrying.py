"""Repeating a transaction that must not be lost though the database is away or busy for the moment."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from chassis.db.database import Database
from chassis.db.failure import REPEATABLE, SERVICE_WIDE
from chassis.db.transaction import Tx

log = structlog.get_logger(__name__)

REPEATS = 13


async def retry_transaction(
    database: Database, work: Callable[[Tx], Awaitable[None]], seconds: float | None = None
) -> None:
    """Do the work in a transaction, repeated for about half a minute; raises TimeoutError after so many seconds."""
    async with asyncio.timeout(seconds):
        for repeat in range(REPEATS):
            try:
                async with database.begin() as tx:
                    return await work(tx)
            except (*REPEATABLE, *SERVICE_WIDE) as error:
                log.warning("the database cannot keep this yet", reason=type(error).__name__)
                await asyncio.sleep(min(0.02 * 2**repeat, 5))
        async with database.begin() as tx:
            return await work(tx)
