"""Settling answers: each by a transaction of its own, or those that come meanwhile together by the next one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog
from opentelemetry.trace import INVALID_SPAN, Span, get_current_span

from chassis.db.database import Database
from chassis.db.retrying import retry_transaction
from chassis.telemetry.traces import inside

log = structlog.get_logger(__name__)

Answered = tuple[Any, Any]
"""A task and its answer."""
Waiting = tuple[Answered, Span, asyncio.Future[None]]


class Settling(Protocol):
    """How a job settles."""

    async def settle(self, database: Database, task: Any, answer: Any) -> None:
        """Settle an answer; raises what its transaction raised in the end."""
        ...


@dataclass(frozen=True, slots=True)
class Single:
    """Each answer is settled by itself."""

    do: Callable[..., Awaitable[None]]

    async def settle(self, database: Database, task: Any, answer: Any) -> None:
        """Settle an answer."""
        await retry_transaction(database, lambda tx: self.do(tx, task, answer))


@dataclass(slots=True)
class Batch:
    """Answers that come while others are being settled wait, and are then settled by one transaction.

    Where it fails, each of them is settled by itself: one at fault takes no other with it. What is published belongs to
    the trace of its `cause`; without one, to that of the task if it is settled alone, and else to none.
    """

    do: Callable[..., Awaitable[None]]
    waiting: list[Waiting] = field(default_factory=list[Waiting])
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def settle(self, database: Database, task: Any, answer: Any) -> None:
        """Settle an answer, together with those that wait."""
        settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append(((task, answer), get_current_span(), settled))
        async with self.turn:
            if not settled.done():
                batch, self.waiting = self.waiting, []
                await self._settle(database, batch)
        settled.result()

    async def _settle(self, database: Database, batch: Sequence[Waiting]) -> None:
        try:
            with inside(batch[0][1] if len(batch) == 1 else INVALID_SPAN):
                await self._transact(database, [answered for answered, _, _ in batch])
        except Exception as error:
            if len(batch) == 1:
                batch[0][2].set_exception(error)
                return
            log.warning("answers are settled one by one", reason=type(error).__name__)
            for one in batch:
                await self._settle(database, [one])
        else:
            for _, _, settled in batch:
                settled.set_result(None)
        finally:
            for _, _, settled in batch:
                settled.cancel()  # of one that is done it does nothing: only the end of the service leaves some

    async def _transact(self, database: Database, batch: Sequence[Answered]) -> None:
        await retry_transaction(database, lambda tx: self.do(tx, batch))
