"""A chunk of events is one transaction: inbox rows, effects and outbox rows commit together."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg
import structlog
from contracts.event import Event

from chassis.consuming.inbox import Heard, PayloadDiffers, admit
from chassis.consuming.parking import describe, park
from chassis.consuming.reactions import Reaction, Reactions
from chassis.db.database import Database, Tx
from chassis.db.failure import FailureClass, classify
from chassis.db.outbox import OwnConnection
from chassis.telemetry import metrics
from chassis.telemetry.tracing import span

log = structlog.get_logger(__name__)

REPEATS = 5


class Stopped(Exception):
    """The service is going down; what was not committed is heard again."""


@dataclass(slots=True)
class Chunks:
    """Handles chunks on a connection of its own.

    What cannot be handled is parked; while the whole service is in trouble nothing is, the chunk waits.
    `fault` is called at named points, so that tests can stop the world there.
    """

    database: Database
    service: str
    reactions: Reactions
    stopping: asyncio.Event
    effects_since: datetime | None = None
    fault: Callable[[str], Any] = lambda point: None
    beat: Callable[[], None] = lambda: None
    _table: dict[type[Event], Reaction] = field(default_factory=dict[type[Event], Reaction])
    _connection: OwnConnection | None = None

    def __post_init__(self) -> None:
        for reaction in self.reactions:
            if reaction.event in self._table:
                raise TypeError(f"{self.service} reacts twice to {reaction.event.__name__}")
            self._table[reaction.event] = reaction

    async def handle(self, chunk: Sequence[Heard]) -> None:
        """Let a chunk take effect, or park what cannot; returns when every event of it is accounted for."""
        if not await self._attempt(chunk):
            for heard in chunk:
                await self._alone(heard)

    async def close(self) -> None:
        """Let the connection go."""
        if self._connection is not None:
            with contextlib.suppress(Exception):
                await self._connection.close(timeout=2)

    async def _attempt(self, chunk: Sequence[Heard]) -> bool:
        """Handle a chunk in one transaction; False where one of its events stands in the way."""
        repeats = waits = 0
        while True:
            if self.stopping.is_set():
                raise Stopped
            try:
                await self._transact(chunk)
            except Exception as error:
                match classify(error):
                    case FailureClass.REPEAT if repeats < REPEATS:
                        repeats += 1
                        await asyncio.sleep(0.01 * 2**repeats)
                    case FailureClass.WHOLE_SERVICE:
                        waits += 1
                        await self._wait(error, min(0.2 * 2**waits, 5.0))
                    case _:
                        if len(chunk) == 1:
                            await self._park(chunk[0], error)
                            return True
                        return False
            else:
                return True

    async def _alone(self, heard: Heard) -> None:
        await self._attempt([heard])

    async def _wait(self, error: Exception, seconds: float) -> None:
        log.warning("the whole service is in trouble, events wait", reason=type(error).__name__)
        self.beat()
        if self._connection is not None and not isinstance(error, asyncpg.PostgresError):
            self._connection.terminate()
            self._connection = None
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), seconds)
        if self.stopping.is_set():
            raise Stopped

    async def _connected(self) -> OwnConnection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await self.database.connect()
        return self._connection

    async def _transact(self, chunk: Sequence[Heard]) -> None:
        self.beat()
        connection = await self._connected()
        self.fault("consumer:received")
        async with self.database.transaction(connection) as tx:
            admission = await admit(connection, chunk, tx.now)
            self.fault("consumer:admitted")
            open_ = set(admission.new)
            held = set(admission.held)
            for heard in chunk:
                self.beat()
                repeated = heard.identity is not None and heard.identity not in open_
                if repeated and not isinstance(heard.fault, PayloadDiffers):
                    metrics.handled(heard.topic, "repeated").inc()
                    continue
                open_.discard(heard.identity or ("", None))
                if heard.fault is not None:
                    await self._bury(tx, heard, heard.fault)
                elif (heard.topic, heard.key) in held:
                    await park(connection, heard, "waits behind a parked event", tx.now, attempts=0)
                else:
                    await self.react(tx, heard)
            self.fault("consumer:handled")
        self.fault("consumer:committed")

    async def react(self, tx: Tx, heard: Heard) -> None:
        """Run the use case for one event, in the trace of its cause."""
        event, attributes = heard.event, heard.attributes
        if event is None or attributes is None:
            return
        reaction = self._table.get(type(event))
        if reaction is None:
            return
        tx.cause = attributes
        tx.effects = self.effects_since is None or attributes.time is None or attributes.time >= self.effects_since
        with span(f"hear {heard.topic}", traceparent=attributes.traceparent, event_id=str(attributes.id)):
            await reaction.do(tx, event)
        metrics.handled(heard.topic, "done").inc()

    async def _park(self, heard: Heard, error: Exception) -> None:
        """Park one event with its inbox row; a permanent error makes it dead at once."""
        dead = classify(error) is FailureClass.PERMANENT
        log.error("an event is parked", topic=heard.topic, reason=describe(error), dead=dead)
        while True:
            self.beat()
            try:
                connection = await self._connected()
                async with self.database.transaction(connection) as tx:
                    admission = await admit(connection, [heard], tx.now)
                    if heard.identity not in {None, *admission.new} and not isinstance(heard.fault, PayloadDiffers):
                        # another replica has accounted for it, or we ourselves before the connection was lost
                        return
                    if dead:
                        await self._bury(tx, heard, error)
                    else:
                        await park(connection, heard, describe(error), tx.now, attempts=1)
                        metrics.handled(heard.topic, "parked").inc()
                    self.fault("consumer:parking")
                self.fault("consumer:parked")
            except Exception as trouble:
                await self._wait(trouble, 1.0)
            else:
                return

    async def _bury(self, tx: Tx, heard: Heard, error: Exception) -> None:
        log.error("an event is dead", topic=heard.topic, reason=describe(error))
        await park(tx.connection, heard, describe(error), tx.now, attempts=1, dead_topic=f"dead.{self.service}")
        tx.wake("relay")
        metrics.handled(heard.topic, "dead").inc()
        metrics.dead_events_total.inc()
