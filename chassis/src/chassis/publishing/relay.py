"""From the outbox to Kafka: read in order, send, delete what was acknowledged."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from aiokafka.errors import (
    CorruptRecordException,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
)

from chassis.db.connections import OwnConnection
from chassis.db.database import Database
from chassis.db.failure import is_end
from chassis.db.skew import compare_with_broker
from chassis.publishing.lease import Lease
from chassis.publishing.producer import BATCH_BYTES, Producer, Row
from chassis.publishing.session import RELAY_SESSION
from chassis.publishing.waiting import first_of
from chassis.telemetry import metrics

log = structlog.get_logger(__name__)

CHANNEL = "outbox"
BATCH = 1000
POLL_SECONDS = 1.0
MEASURE_SECONDS = 2.0
ACKNOWLEDGE_SECONDS = 15.0
NOTIFY_SECONDS = 0.01
ONLY_THIS_RECORD = (MessageSizeTooLargeError, RecordListTooLargeError, CorruptRecordException)
THIS_TOPIC = (UnknownTopicOrPartitionError, TopicAuthorizationFailedError)

READ = """
select sequence, id, aggregatetype, aggregateid, type, payload, subject, tenant, occurred_at, traceparent,
       raw_key, raw_headers
from chassis.outbox as waiting
where refused is null
  and aggregatetype <> all($2::text[])
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

# what was acknowledged is in the outbox or below the highest number: so a database of an earlier state is known
DELETE = """
with deleted as (
  delete from chassis.outbox
  where sequence = any($1::bigint[])
    and exists (select from chassis.lease where name = 'relay' and token = $2)
  returning sequence
), noted as (
  update chassis.lease
  set published = greatest(published, (select max(sequence) from deleted))
  where name = 'relay'
)
select count(*) from deleted
"""

REFUSE = """
update chassis.outbox
set refused = $2
where sequence = $1
  and exists (select from chassis.lease where name = 'relay' and token = $3)
"""

AGE = """
select count(*) as rows, count(refused) as refused,
       coalesce(extract(epoch from $1 - min(occurred_at)), 0)::float8 as age
from (select occurred_at, refused from chassis.outbox order by sequence limit 10000) as oldest
"""


@dataclass(slots=True)
class Relay:
    """The sender of a service's events; of all replicas, the lease's holder is active.

    Order of first occurrences per topic and key holds; a record may be repeated, with the same `ce_id`.
    A topic that is missing or forbidden waits, its rows untouched, and the other topics go on.
    `fault` is called at named points, so that tests can stop the world there.
    """

    database: Database
    producer: Producer
    fault: Callable[[str], Any] = lambda point: None
    lease: Lease = field(default_factory=lambda: Lease("relay"))
    beat: Callable[[], None] = lambda: None
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _published: asyncio.Event = field(default_factory=asyncio.Event)
    _connection: OwnConnection | None = None

    def wake(self) -> None:
        """Send what was published now, or wake the replica that holds the lease."""
        if self.lease.holds:
            self._wake.set()
        else:
            self._published.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Relay until told to stop; whatever fails is begun anew."""
        while not stopping.is_set():
            self.beat()
            try:
                await self._relay(stopping)
            except (Exception, asyncio.CancelledError) as error:
                if is_end(error):
                    raise
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
        while True:
            await first_of(self._published, stopping)
            if not self._published.is_set():
                break
            self._published.clear()
            if self.lease.holds:
                self._wake.set()
                continue
            try:
                if connection is None or connection.is_closed():
                    connection = await self.database.connect()
                await connection.execute(f"notify {CHANNEL}")
            except Exception as error:
                # whatever it is, the holder looks by itself every second, and this replica goes on
                log.warning("the relay's holder cannot be woken", reason=type(error).__name__)
                connection = None
            await asyncio.sleep(NOTIFY_SECONDS)
        if connection is not None:
            connection.terminate()

    async def measure(self, stopping: asyncio.Event) -> None:
        """Show every two seconds what waits in the outbox, sendable or not; all replicas show the same."""
        while not stopping.is_set():
            try:
                row = await self.database.read().row(AGE, self.database.clock.now())
            except Exception as error:
                # whatever it is, a service that can do all but show this goes on
                log.warning("what waits in the outbox cannot be counted", reason=type(error).__name__)
            else:
                shown = metrics.current()
                shown.outbox_rows.set(row["rows"] if row else 0)
                shown.outbox_refused_rows.set(row["refused"] if row else 0)
                shown.outbox_age_seconds.set(row["age"] if row else 0)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), MEASURE_SECONDS)

    async def _relay(self, stopping: asyncio.Event) -> None:
        connection = self._connection = await self.database.connect(**RELAY_SESSION)
        await connection.add_listener(CHANNEL, self._notified)
        while not stopping.is_set():
            self.beat()
            if self.lease.renewable and not await self.lease.take(connection):
                await first_of(self._wake, stopping, seconds=POLL_SECONDS)
                # every replica is notified; one without the lease has nothing to do about it
                self._wake.clear()
                continue
            self._wake.clear()
            rows = await self._send_next(connection)
            if len(rows) < BATCH and not self._wake.is_set():
                await first_of(self._wake, stopping, seconds=POLL_SECONDS)
        if self.lease.holds:
            await self._send_next(connection)

    async def _send_next(self, connection: OwnConnection) -> Sequence[Row]:
        rows = await connection.fetch(READ, BATCH, self.producer.blocked)
        if rows:
            await self._send(connection, rows)
        return rows

    def _notified(self, *_: object) -> None:
        self._wake.set()

    async def _send(self, connection: OwnConnection, rows: Sequence[Row]) -> None:
        self.fault("relay:read")
        held: set[tuple[str, str]] = set()
        for wave in _waves(rows):
            failed = await self._send_wave(connection, [row for row in wave if _ordered_by(row) not in held])
            for row in failed:
                self.beat()
                if _ordered_by(row) not in held and not await self._send_alone(connection, row):
                    held.add(_ordered_by(row))

    async def _send_wave(self, connection: OwnConnection, wave: Sequence[Row]) -> list[Row]:
        """Send rows together and delete what was acknowledged; the rows to be tried singly."""
        if not await self._may_send(connection):
            return []
        await self.producer.get_ready()
        topics = {row["aggregatetype"] for row in wave}
        writable = {topic for topic in topics if await self.producer.writable(topic)}
        rows = [row for row in wave if row["aggregatetype"] in writable]
        if not rows:
            return []
        sent_at = time.monotonic()
        try:
            sent = await self.producer.submit_all(rows)
        except ONLY_THIS_RECORD:
            return rows
        self.fault("relay:submitted")
        await asyncio.wait([together.acknowledged for together in sent], timeout=ACKNOWLEDGE_SECONDS)
        self.fault("relay:acknowledged")
        done = [together for together in sent if _acknowledged(together.acknowledged)]
        await self._delete(connection, [row["sequence"] for together in done for row in together.rows])
        self.fault("relay:deleted")
        if len(done) == len(sent):
            compare_with_broker(self.database.clock, sent[-1].acknowledged.result(), sent_at)
            return []
        await self.producer.drop()
        failed: list[Row] = []
        for together in sent:
            answer = together.acknowledged
            if not answer.done() or answer.cancelled():
                raise TimeoutError
            error = answer.exception()
            if isinstance(error, THIS_TOPIC):
                self.producer.block(together.rows[0]["aggregatetype"], error)
            elif error is not None:
                failed += together.rows
        return failed

    async def _send_alone(self, connection: OwnConnection, row: Row) -> bool:
        """Send one record; false where Kafka refuses it for good, so that its key is held."""
        if not await self._may_send(connection):
            return False
        await self.producer.get_ready()
        try:
            async with asyncio.timeout(ACKNOWLEDGE_SECONDS):
                await (await self.producer.submit(row))
        except ONLY_THIS_RECORD as error:
            log.error("an event cannot be sent; its key is held", topic=row["aggregatetype"], sequence=row["sequence"])
            await connection.execute(REFUSE, row["sequence"], type(error).__name__, self.lease.token)
            self.fault("relay:refused")
            await self.producer.drop()
            return False
        self.fault("relay:acknowledged-alone")
        await self._delete(connection, [row["sequence"]])
        return True

    async def _delete(self, connection: OwnConnection, sequences: list[int]) -> None:
        """Delete what was acknowledged; where that is fenced off, the lease is another's by now."""
        if await connection.fetchval(DELETE, sequences, self.lease.token) != len(sequences):
            self.lease.let_go()

    async def _may_send(self, connection: OwnConnection) -> bool:
        return await self.lease.take(connection) if self.lease.renewable else self.lease.holds

    async def _drop(self) -> None:
        """Throw producer and connection away: after an outage neither can be trusted."""
        connection, self._connection = self._connection, None
        self.lease.let_go()
        if connection is not None:
            connection.terminate()
        await self.producer.drop()


def _waves(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Yield rows to send together; one larger than a batch goes alone, so that none overtakes it if it is refused."""
    wave: list[Row] = []
    for row in rows:
        if len(row["payload"] or b"") > BATCH_BYTES:
            yield from ([wave] if wave else [])
            yield [row]
            wave = []
        else:
            wave.append(row)
    if wave:
        yield wave


def _ordered_by(row: Row) -> tuple[str, str]:
    return row["aggregatetype"], row["aggregateid"]


def _acknowledged(future: asyncio.Future[Any]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None
