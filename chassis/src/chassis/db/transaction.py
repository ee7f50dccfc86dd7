"""The transaction a use case works in."""

from collections.abc import Awaitable, Callable, Hashable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

import asyncpg
from contracts.event import Event
from contracts.wire import Attributes
from uuid_utils.compat import uuid7

from chassis.db import outbox
from chassis.db.looks import only_looks
from chassis.db.outbox import Connection
from chassis.telemetry.traces import current_traceparent

if TYPE_CHECKING:
    from asyncpg.transaction import Transaction

S = TypeVar("S", bound="Story")
Noted = tuple[str, list[tuple[Any, ...]]]


@dataclass(slots=True)
class Tx:
    """An open transaction: a use case reads, writes and says in it, and cannot commit it.

    The database hears of it with the first statement that writes or locks: as each statement sees what is committed
    when it begins (READ COMMITTED), those before it see the same, and one that only looks spares two round trips.
    It never hears of one that writes with a single statement, which is all or nothing by itself: what was noted and
    nothing else, what an `alone` one asks, or what one that locks nothing finishes with.

    `now` is the service's clock when the transaction opened; `cause` describes the event being handled, if any;
    `effects` is false while history before `EFFECTS_SINCE` is replayed: state is built, nobody outside is bothered.
    """

    connection: Connection
    now: datetime
    cause: Attributes | None = None
    effects: bool = True
    said: list[outbox.Said] = field(default_factory=list[outbox.Said])
    woken: set[str] = field(default_factory=set[str])
    ends: dict[Hashable, tuple["Story", Attributes | None]] = field(
        default_factory=dict[Hashable, tuple["Story", Attributes | None]]
    )
    noted: list[Noted] = field(default_factory=list[Noted])
    block: "Transaction | None" = None
    alone: bool = False
    told: bool = False
    finished: bool = False

    async def begin(self) -> None:
        """Let the database know, if it does not."""
        if self.finished:
            raise RuntimeError("a transaction that is finished writes nothing more")
        if self.block is None:
            block = self.connection.transaction()
            await block.start()
            self.block = block

    async def fetch(self, sql: str, *args: Any) -> list[asyncpg.Record]:
        """All rows."""
        if self.noted or self.block is None:
            await self._before(sql)
        return await self.connection.fetch(sql, *args)

    async def row(self, sql: str, *args: Any) -> asyncpg.Record | None:
        """The first row, if any."""
        if self.noted or self.block is None:
            await self._before(sql)
        return await self.connection.fetchrow(sql, *args)

    async def value(self, sql: str, *args: Any) -> Any:
        """The first column of the first row, or None."""
        if self.noted or self.block is None:
            await self._before(sql)
        return await self.connection.fetchval(sql, *args)

    async def execute(self, sql: str, *args: Any) -> int:
        """Run a statement; the number of rows it touched."""
        if self.noted or self.block is None:
            await self._before(sql)
        status = await self.connection.execute(sql, *args)
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    async def many(self, sql: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Run a statement for each row, in one round trip."""
        await self._before(sql)
        await self.connection.executemany(sql, list(rows))

    def note(self, sql: str, *args: Any) -> None:
        """Run a statement whose outcome the story does not ask for, in its order but not at once.

        It runs before whatever is asked next and before the commit at the latest, together with the same statement's
        other runs, those for other events included: a round trip for many. Its error is raised there, not here.
        """
        if self.noted and self.noted[-1][0] == sql:
            self.noted[-1][1].append(args)
        else:
            self.noted.append((sql, [args]))

    async def catch_up(self) -> None:
        """Run what was noted; the door does this before it commits."""
        if len(self.noted) > 1 or self.said:
            await self.begin()
        noted, self.noted = self.noted, []
        for sql, rows in noted:
            await self.connection.executemany(sql, rows)

    async def finish(self, sql: str, *args: Any, lightly: bool = False) -> bool:
        """Write what was read without a lock, and tell what was said, by one statement; false, and neither, if late.

        `sql` is a `with` that holds to what was read (`where version = $3`) and whose last part, `written`, returns a
        row if it still was so. After a false one the use case reads again and says again, best with a lock this time.
        What may be lost if the database crashes within a moment is written `lightly`: nobody waits for the disk.
        """
        if self.ends:
            await self.end()
        if self.noted:
            await self._before(sql)
        said, self.said = self.said, []
        text, more = outbox.finishing(sql, len(args), said, self.now, lightly=lightly and self.block is None)
        written = bool(await self.connection.fetchval(text, *args, *more))
        self.told = self.told or (written and bool(said))
        self.finished = written and self.block is None
        return written

    async def _before(self, sql: str) -> None:
        if self.noted:
            await self.begin()
            await self.catch_up()
        elif self.block is None and not self.alone and not only_looks(sql):
            await self.begin()

    def new_id(self) -> UUID:
        """A new identifier (UUIDv7, RFC 9562: in the order of time, which keeps indexes small)."""
        return uuid7()

    def publish(self, *events: Event) -> None:
        """Tell the other services, if and when this transaction commits."""
        traceparent = current_traceparent()
        self.said.extend((event, traceparent) for event in events)

    def at_end(self, key: Hashable, story: S) -> S:
        """Tell a story once, right before the commit, however often it is asked for under this key meanwhile.

        For what follows from the state of a thing that several events of one chunk change. `cause` is then the first
        that asked. The story that will be told is returned, so that it may be told what else it is about.
        """
        return cast("S", self.ends.setdefault(key, (story, self.cause))[0])

    async def end(self) -> None:
        """Tell the stories that were put off; the door does this before it commits."""
        while self.ends:
            key = next(iter(self.ends))
            story, self.cause = self.ends.pop(key)
            await story(self)

    def wake(self, job: str) -> None:
        """Let the job of this name run at once after the commit instead of at its next turn."""
        self.woken.add(job)


Story = Callable[[Tx], Awaitable[None]]
Begin = Callable[[], AbstractAsyncContextManager[Tx]]
