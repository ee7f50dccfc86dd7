"""What a handler may do with the database: read, write in a transaction, or write once.

The handler's signature names one of three types: `Read` (no transaction, cannot write), `Tx` (an open transaction,
which the door commits) or `Once` (one optimistic statement with its outbox rows).
"""

from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import asyncpg
from contracts.event import Event
from contracts.wire import Attributes
from uuid_utils.compat import uuid7

from chassis.db import audit, outbox
from chassis.db.audit import Facts
from chassis.db.connections import Connection
from chassis.identity.acting import Act
from chassis.telemetry.traces import current_traceparent, link


class Read(Protocol):
    """Reads: each statement sees what is committed when it begins (READ COMMITTED)."""

    @property
    def now(self) -> datetime:
        """The service's clock, aware UTC."""
        ...

    async def fetch(self, sql: str, *args: Any) -> list[asyncpg.Record]:
        """Return all rows."""
        ...

    async def row(self, sql: str, *args: Any) -> asyncpg.Record | None:
        """Return the first row, or None."""
        ...

    async def value(self, sql: str, *args: Any) -> Any:
        """Return the first column of the first row, or None."""
        ...


class Traced(Protocol):
    """What an event follows from: a consumed event's attributes, or a stored thing that remembers its trace."""

    @property
    def traceparent(self) -> str | None:
        """Its trace (W3C), if it has one."""
        ...


@dataclass(slots=True)
class Tx:
    """An open transaction: a use case reads, writes and publishes in it, and cannot commit it.

    `now` is the clock when it began, or later (`wait_for`); `cause` describes the event that is handled, if any;
    `effects` is false while history before `EFFECTS_SINCE` is replayed: state is built, nobody outside is bothered;
    `act` is what staff or an operator is doing: what it writes cannot be committed without a row in the audit log.
    """

    connection: Connection
    now: datetime
    cause: Attributes | None = None
    effects: bool = True
    act: Act | None = None
    outgoing: list[outbox.Row] = field(default_factory=list[outbox.Row])
    woken: set[object] = field(default_factory=set[object])
    entries: list[audit.Entry] = field(default_factory=list[audit.Entry])

    @property
    def sequence(self) -> int:
        """The sequence of the event being handled, which grows with each event of one aggregate; 0 without one."""
        return (self.cause.sequence if self.cause else None) or 0

    def wait_for(self, moment: datetime) -> None:
        """Be no earlier than a moment: what waited for a row's lock may have begun before the row was written."""
        self.now = max(self.now, moment)

    async def fetch(self, sql: str, *args: Any) -> list[asyncpg.Record]:
        """Return all rows."""
        return await self.connection.fetch(sql, *args)

    async def row(self, sql: str, *args: Any) -> asyncpg.Record | None:
        """Return the first row, or None."""
        return await self.connection.fetchrow(sql, *args)

    async def value(self, sql: str, *args: Any) -> Any:
        """Return the first column of the first row, or None."""
        return await self.connection.fetchval(sql, *args)

    async def execute(self, sql: str, *args: Any) -> int:
        """Run a statement and return the number of rows it touched."""
        status = await self.connection.execute(sql, *args)
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    @asynccontextmanager
    async def part(self) -> AsyncGenerator[None]:
        """Do a part that leaves nothing where it fails, while the rest of the transaction can go on."""
        published, recorded, woken = len(self.outgoing), len(self.entries), set(self.woken)
        try:
            async with self.connection.transaction():
                yield
        except BaseException:
            del self.outgoing[published:], self.entries[recorded:]
            self.woken = woken
            raise

    async def copy(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Insert rows, in their order, by COPY: from some tens on that takes half the time of a statement."""
        await self.connection.copy_records_to_table(table, columns=columns, records=rows)

    def new_id(self) -> UUID:
        """Return a new identifier (UUIDv7, RFC 9562: in the order of time, which keeps indexes small)."""
        return uuid7()

    def publish(self, *events: Event, cause: Traced | None = None) -> None:
        """Publish events if and when this transaction commits, in the trace of `cause` or else of the current span.

        The current span is linked to the trace of `cause`. Raises EventTooLarge for an event that Kafka would not take.
        """
        traceparent = current_traceparent() if cause is None else cause.traceparent
        if cause is not None:
            link(traceparent)
        self.outgoing.extend(outbox.row(event, traceparent) for event in events)

    def publish_as_is(self, topic: str, key: str, value: bytes, content_type: str) -> None:
        """Publish a record to a topic that is not its event's, if and when this transaction commits.

        Key and value go unchanged, without attributes in headers, in order among those of its topic and key. Raises
        EventTooLarge for a value that Kafka would not take.
        """
        self.outgoing.append(outbox.of_type(topic, key, outbox.checked(topic, value), content_type))

    def audit(
        self,
        kind: str,
        object_id: object,
        *,
        before: audit.Facts | None = None,
        after: audit.Facts | None = None,
        tenant: str | None = None,
    ) -> None:
        """Record what staff or an operator does to an object; what is personal is `Sealed`, all else is masked.

        Nothing is recorded where anybody else acts. `tenant` is said by a command for several.
        """
        if self.act is not None:
            self.entries.append(audit.Entry(kind, str(object_id), before, after, tenant=tenant))

    def audit_reading(
        self, kind: str, object_ids: Iterable[object], purpose: str, why: str = "", of: Facts | None = None
    ) -> None:
        """Record that sealed records are read, each by its id, before they are opened with the key ring of a purpose.

        `why` is what the reader has said, `of` what they belong to.
        """
        if self.act is not None:
            self.entries += audit.readings(kind, object_ids, purpose, why, of)

    def wake(self, trigger: object) -> None:
        """Let the job of this trigger run at once after the commit instead of at its next turn."""
        self.woken.add(trigger)


Begin = Callable[[], AbstractAsyncContextManager[Tx]]
