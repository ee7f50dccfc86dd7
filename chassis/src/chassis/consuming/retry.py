"""Trying parked events again, in order within their topic and key."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import asyncpg
import structlog
from aiokafka import ConsumerRecord

from chassis.consuming import parking
from chassis.consuming.batches import Chunks
from chassis.consuming.inbox import Heard, Record, read
from chassis.db.database import Database
from chassis.db.failure import FailureClass, classify
from chassis.db.outbox import unpack_headers
from chassis.telemetry import metrics

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.5
MEASURE_SECONDS = 5.0


@dataclass(slots=True)
class Drain:
    """Takes the first parked event of each story when it is due; its row goes in the effect's own transaction."""

    database: Database
    chunks: Chunks
    beat: Callable[[], None] = lambda: None
    _measured: float = -MEASURE_SECONDS

    async def run(self, stopping: asyncio.Event) -> None:
        """Drain until told to stop."""
        while not stopping.is_set():
            self.beat()
            try:
                await self._measure()
                while await self.turn():
                    await self._measure()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
                log.warning("parked events wait", reason=type(error).__name__)
            except Exception as error:
                if classify(error) is not FailureClass.WHOLE_SERVICE:
                    raise
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), POLL_SECONDS)

    async def turn(self) -> int:
        """Try the first event of each story that is due, of some hundred at most; how many were handled."""
        async with self.database.begin() as tx:
            due = [row["position"] for row in await tx.fetch(parking.DUE, tx.now)]
        handled = 0
        for position in due:
            if self.chunks.stopping.is_set():
                return 0
            self.beat()
            handled += await self._try(position)
        return handled

    async def _measure(self) -> None:
        """Show what waits; it is counted seldom, for that reads all of it."""
        now = time.monotonic()
        if now < self._measured + MEASURE_SECONDS:
            return
        self._measured = now
        async with self.database.begin() as tx:
            counts = {row["state"]: row for row in await tx.fetch(parking.COUNT, tx.now)}
        waiting = counts.get("waiting")
        metrics.parked_events.set(waiting["rows"] if waiting else 0)
        metrics.parked_age_seconds.set(waiting["age"] if waiting else 0)

    async def _try(self, position: int) -> bool:
        row: asyncpg.Record | None = None
        try:
            async with self.database.begin() as tx:
                row = await tx.row(parking.TAKE, position)
                if row is None:
                    return False
                self.chunks.fault("drain:taken")
                heard = rebuilt(row)
                if heard.fault is not None:
                    raise heard.fault
                await tx.execute(parking.UNPARK, position)
                await self.chunks.react(tx, heard)
                self.chunks.fault("drain:handled")
            self.chunks.fault("drain:committed")
        except Exception as error:
            if row is None or classify(error) is FailureClass.WHOLE_SERVICE:
                raise
            await self._postpone(row, error)
            return False
        log.info("a parked event took effect", topic=row["topic"], position=position)
        return True

    async def _postpone(self, row: asyncpg.Record, error: Exception) -> None:
        tries = row["attempts"] + 1
        reason = parking.describe(error)
        if classify(error) is not FailureClass.PERMANENT and tries < parking.TRIES:
            async with self.database.begin() as tx:
                await tx.execute(parking.DELAY, row["position"], tx.now + parking.backoff(tries), reason)
            self.chunks.fault("drain:delayed")
            return
        async with self.database.begin() as tx:
            if not await tx.execute(parking.BURY, row["position"], reason):
                return  # another replica has been quicker
            topic = f"dead.{self.chunks.service}"
            await parking.announce_dead(tx.connection, rebuilt(row), reason, row["parked_at"], topic)
            tx.wake("relay")
            self.chunks.fault("drain:burying")
        log.error("a parked event is dead", topic=row["topic"], position=row["position"], reason=reason)
        metrics.dead_events_total.inc()


def rebuilt(row: asyncpg.Record) -> Heard:
    """The record as it was heard."""
    headers: Any = tuple(unpack_headers(row["headers"]))
    record: Record = ConsumerRecord(
        topic=row["topic"],
        partition=row["partition"],
        offset=row["log_offset"],
        timestamp=0,
        timestamp_type=0,
        key=row["key"] or None,
        value=row["value"],
        checksum=None,
        serialized_key_size=0,
        serialized_value_size=0,
        headers=headers,
    )
    return read(record, "")
