"""Keeping what must not be lost though the database is away or busy for the moment."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from chassis.db.database import Database, Tx
from chassis.db.failure import REPEAT, WHOLE_SERVICE

log = structlog.get_logger(__name__)

REPEATS = 13


async def retry_transaction(
    database: Database, story: Callable[[Tx], Awaitable[None]], seconds: float | None = None
) -> None:
    """Tell a story in a transaction, again and again for about half a minute; TimeoutError after so many seconds."""
    async with asyncio.timeout(seconds):
        for repeat in range(REPEATS):
            try:
                async with database.begin() as tx:
                    return await story(tx)
            except (*REPEAT, *WHOLE_SERVICE) as error:
                log.warning("the database cannot keep this yet", reason=type(error).__name__)
                await asyncio.sleep(min(0.02 * 2**repeat, 5))
        async with database.begin() as tx:
            return await story(tx)
