"""From the outbox to the log: read in order, send, delete what was acknowledged."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    CorruptRecordException,
    KafkaError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
)
from contracts.wire import Attributes

from chassis import metrics
from chassis.database import Database
from chassis.lease import Lease
from chassis.outbox import OwnConnection, unpack_headers

log = structlog.get_logger(__name__)

CHANNEL = "outbox"
BATCH = 1000
POLL_SECONDS = 1.0
ACKNOWLEDGE_SECONDS = 15.0
NOTIFY_SECONDS = 0.01
ONLY_THIS_RECORD = (MessageSizeTooLargeError, RecordListTooLargeError, CorruptRecordException)

READ = """
select sequence, id, aggregatetype, aggregateid, type, payload, subject, tenant, occurred_at, traceparent,
       raw_key, raw_headers
from chassis.outbox as waiting
where refused is null
  and not exists (
    select
    from chassis.outbox as held
    where held.refused is not null
      and held.aggregatetype = waiting.aggregatetype
      and held.aggregateid = waiting.aggregateid
  )
order by sequence
limit $1
"""

FORGET = """
delete from chassis.outbox
where sequence = any($1::bigint[])
  and exists (select from chassis.lease where name = 'relay' and token = $2)
"""

REFUSE = """
update chassis.outbox
set refused = $2
where sequence = $1
"""

AGE = """
select count(*) as rows, coalesce(extract(epoch from now() - min(occurred_at)), 0)::float8 as age
from (select occurred_at from chassis.outbox order by sequence limit 10000) as oldest
"""

Row = asyncpg.Record


@dataclass(slots=True)
class Relay:
    """The sender of a service's events; of all replicas, the lease's holder is active.

    Order of first occurrences per key holds; a record may be repeated, with the same `ce_id`.
    `fault` is called at named points, so that tests can stop the world there.
    """

    database: Database
    brokers: list[str]
    service: str
    topic_prefix: str = ""
    fault: Callable[[str], Any] = lambda point: None
    lease: Lease = field(default_factory=lambda: Lease("relay"))
    beat: Callable[[], None] = lambda: None
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _said: asyncio.Event = field(default_factory=asyncio.Event)
    _connection: OwnConnection | None = None
    _producer: AIOKafkaProducer | None = None

    def wake(self) -> None:
        """Something was said: send it now, or tell the replica that holds the lease."""
        if self.lease.holds:
            self._wake.set()
        else:
            self._said.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Relay until told to stop; whatever fails is begun anew."""
        while not stopping.is_set():
            try:
                await self._relay(stopping)
            except asyncio.CancelledError:
                raise
            except Exception as error:
                log.warning("relay begins anew", reason=type(error).__name__)
                await self._drop()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), 0.5)
        if self._connection is not None and not self._connection.is_closed():
            with contextlib.suppress(Exception):
                await self.lease.give_back(self._connection)
        await self._drop()

    async def notify(self, stopping: asyncio.Event) -> None:
        """Pass this replica's wake-ups on to the holder of the lease, on a connection of its own."""
        connection: OwnConnection | None = None
        while not stopping.is_set():
            await self._said.wait()
            self._said.clear()
            if self.lease.holds:
                self._wake.set()
                continue
            try:
                if connection is None or connection.is_closed():
                    connection = await self.database.connect()
                await connection.execute(f"notify {CHANNEL}")
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                connection = None
            await asyncio.sleep(NOTIFY_SECONDS)

    async def _relay(self, stopping: asyncio.Event) -> None:
        connection = self._connection = await self.database.connect()
        await connection.add_listener(CHANNEL, self._notified)
        while not stopping.is_set():
            self.beat()
            if self.lease.renewable and not await self.lease.take(connection):
                await self._rest(stopping)
                continue
            self._wake.clear()
            rows = await connection.fetch(READ, BATCH)
            if rows:
                await self._send(connection, rows)
            if len(rows) < BATCH and not self._wake.is_set():
                if not rows:
                    await self._measure(connection)
                await self._rest(stopping)

    def _notified(self, *_: object) -> None:
        self._wake.set()

    async def _rest(self, stopping: asyncio.Event) -> None:
        """Wait for a wake-up, the next poll, or the end."""
        waits = [asyncio.ensure_future(self._wake.wait()), asyncio.ensure_future(stopping.wait())]
        await asyncio.wait(waits, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()

    async def _send(self, connection: OwnConnection, rows: Sequence[Row]) -> None:
        self.fault("relay:read")
        if not self.lease.holds:
            return
        producer = await self._ready_producer()
        async with asyncio.timeout(ACKNOWLEDGE_SECONDS):
            sent: list[tuple[Row, asyncio.Future[Any]]] = []
            refused: list[Row] = []
            for row in rows:
                if refused:
                    refused.append(row)
                    continue
                try:
                    sent.append((row, await self._submit(producer, row)))
                except KafkaError:
                    refused.append(row)
            answers = await asyncio.gather(*(future for _, future in sent), return_exceptions=True)
        self.fault("relay:acknowledged")
        done = [row["sequence"] for (row, _), answer in zip(sent, answers, strict=True) if not _failed(answer)]
        failed = [row for (row, _), answer in zip(sent, answers, strict=True) if _failed(answer)]
        await connection.execute(FORGET, done, self.lease.token)
        self.fault("relay:forgotten")
        if failed:
            await self._drop_producer()
        for row in failed + refused:
            await self._send_alone(connection, await self._ready_producer(), row)

    async def _send_alone(self, connection: OwnConnection, producer: AIOKafkaProducer, row: Row) -> None:
        """Send one record; what fails alone is refused and holds its key, anything wider begins anew."""
        try:
            async with asyncio.timeout(ACKNOWLEDGE_SECONDS):
                await (await self._submit(producer, row))
        except ONLY_THIS_RECORD as error:
            log.error("an event cannot be sent; its key is held", topic=row["aggregatetype"], sequence=row["sequence"])
            await connection.execute(REFUSE, row["sequence"], type(error).__name__)
            metrics.outbox_refused.inc()
            self._wake.set()
            raise
        await connection.execute(FORGET, [row["sequence"]], self.lease.token)

    async def _submit(self, producer: AIOKafkaProducer, row: Row) -> asyncio.Future[Any]:
        if row["raw_headers"] is None:
            key = row["aggregateid"].encode()
            headers = Attributes(
                id=row["id"],
                source=self.service,
                type=row["type"],
                subject=row["subject"],
                time=row["occurred_at"],
                sequence=row["sequence"],
                tenant=row["tenant"],
                traceparent=row["traceparent"],
            ).to_headers()
        else:
            key, headers = row["raw_key"] or b"", unpack_headers(row["raw_headers"])
        send = cast("Any", producer).send  # aiokafka has no types
        return await send(self.topic_prefix + row["aggregatetype"], value=row["payload"], key=key, headers=headers)

    async def _ready_producer(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                bootstrap_servers=",".join(self.brokers),
                client_id=f"{self.service}-relay",
                enable_idempotence=True,
                compression_type="lz4",
                max_batch_size=262_144,
                max_request_size=1_048_576,
                request_timeout_ms=10_000,
            )
            try:
                await producer.start()
            except BaseException:
                await producer.stop()
                raise
            self._producer = producer
        return self._producer

    async def _measure(self, connection: OwnConnection) -> None:
        row = await connection.fetchrow(AGE)
        if row is not None:
            metrics.outbox_rows.set(row["rows"])
            metrics.outbox_age_seconds.set(row["age"])

    async def _drop(self) -> None:
        """Throw producer and connection away: after an outage neither can be trusted."""
        connection, self._connection = self._connection, None
        self.lease.token = None
        if connection is not None:
            connection.terminate()
        await self._drop_producer()

    async def _drop_producer(self) -> None:
        """An idempotent producer whose sequence is broken never recovers; the next send makes a new one."""
        producer, self._producer = self._producer, None
        if producer is not None:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(producer.stop(), 2)


def _failed(answer: object) -> bool:
    return isinstance(answer, BaseException)
