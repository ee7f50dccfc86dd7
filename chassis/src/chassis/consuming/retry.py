"""Retrying parked messages, in order within their topic and key."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import asyncpg
import structlog
from aiokafka import ConsumerRecord
from contracts.event import Event

from chassis.consuming import parking
from chassis.consuming.batches import BatchHandler
from chassis.consuming.message import Message, Record, read_message
from chassis.db.database import Database
from chassis.db.failure import FailureClass, classify, is_end
from chassis.db.outbox import unpack_headers
from chassis.telemetry import metrics

log = structlog.get_logger(__name__)

POLL_SECONDS = 1.0
MEASURE_SECONDS = 5.0


@dataclass(slots=True)
class ParkedRetry:
    """Retries the first parked message of each topic and key when it is due.

    The message's row is removed in the transaction in which it takes effect.
    """

    database: Database
    handler: BatchHandler
    beat: Callable[[], None] = lambda: None
    _measured: float = -MEASURE_SECONDS

    async def run(self, stopping: asyncio.Event) -> None:
        """Retry until told to stop."""
        while not stopping.is_set():
            self.beat()
            try:
                await self._measure()
                while await self.turn():
                    await self._measure()
            except (Exception, asyncio.CancelledError) as error:
                if is_end(error):
                    raise
                # whatever it is, for a connection that is lost shows itself in many ways, all is tried again
                log.warning("parked events wait", reason=type(error).__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), POLL_SECONDS)

    async def turn(self) -> int:
        """Retry what is due, of some hundred topics and keys at most; how many messages took effect."""
        handled = 0
        for id_ in await parking.due(self.database.read()):
            if self.handler.stopping.is_set():
                return 0
            self.beat()
            handled += await self._try(id_)
        return handled

    async def _measure(self) -> None:
        """Show what waits; it is counted seldom, for that reads all of it."""
        now = time.monotonic()
        if now < self._measured + MEASURE_SECONDS:
            return
        self._measured = now
        counted = await parking.count(self.database.read())
        waiting, dead = counted.get("waiting"), counted.get("dead")
        metrics.current().dead_letters.set(dead["rows"] if dead else 0)
        metrics.current().parked_events.set(waiting["rows"] if waiting else 0)
        metrics.current().parked_age_seconds.set(waiting["age"] if waiting else 0)

    async def _try(self, id_: int) -> bool:
        row: asyncpg.Record | None = None
        try:
            async with self.database.begin() as tx:
                row = await parking.take(tx, id_)
                if row is None:
                    return False
                self.handler.fault("retry:taken")
                message = rebuilt(row)
                if message.fault is not None:
                    raise message.fault
                await parking.unpark(tx, id_)
                await self.handler.apply(tx, [message])
                self.handler.fault("retry:handled")
            self.handler.fault("retry:committed")
        except Exception as error:
            if row is None or classify(error) is FailureClass.SERVICE_WIDE:
                raise
            await self._postpone(row, error)
            return False
        log.info("a parked event took effect", topic=row["topic"], id=id_)
        return True

    async def _postpone(self, row: asyncpg.Record, error: Exception) -> None:
        attempts = row["attempts"] + 1
        reason = parking.describe(error)
        if classify(error) is not FailureClass.PERMANENT and attempts < parking.TRIES:
            async with self.database.begin() as tx:
                await parking.delay(tx, row["id"], attempts, reason)
            self.handler.fault("retry:delayed")
            return
        async with self.database.begin() as tx:
            if not await parking.dead_letter(tx, row["id"], reason):
                return  # another replica has been quicker
            parking.publish_dead_letter(tx, rebuilt(row), reason, self.handler.dead_letters)
            self.handler.fault("retry:dead-lettering")
        log.error("a parked event is dead", topic=row["topic"], id=row["id"], reason=reason)
        metrics.current().dead_events.inc()


def rebuilt(row: asyncpg.Record) -> Message[Event]:
    """Return the message as it was consumed."""
    headers: Any = tuple(unpack_headers(row["headers"]))
    record: Record = ConsumerRecord(
        topic=row["topic"],
        partition=row["partition"],
        offset=row["record_offset"],
        timestamp=0,
        timestamp_type=0,
        key=row["key"] or None,
        value=row["value"],
        checksum=None,
        serialized_key_size=0,
        serialized_value_size=0,
        headers=headers,
    )
    return read_message(record, "")
