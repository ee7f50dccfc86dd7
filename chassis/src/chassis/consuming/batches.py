"""A batch of messages is one transaction: inbox rows, effects and outbox rows commit together."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import structlog
from contracts.event import Event

from chassis.consuming.inbox import PayloadDiffers, admit
from chassis.consuming.message import Message
from chassis.consuming.parking import describe, park
from chassis.consuming.reactions import Reactions, mark_refused
from chassis.db.connections import OwnConnection
from chassis.db.database import Database
from chassis.db.failure import FailureClass, classify
from chassis.db.transaction import Tx
from chassis.telemetry import metrics

log = structlog.get_logger(__name__)

REPEATS = 5
# What is done with arrays of ids would else be planned anew each time, for longer than it takes. And what a batch
# changes is found by its keys: the planner cannot know how few they are, and would read small tables whole.
PLANNING = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}
Batch = Sequence[Message[Event]]


class Stopped(Exception):
    """The service is going down; what was not committed is consumed again."""


@dataclass(slots=True)
class BatchHandler:
    """Handles batches on a connection of its own.

    What cannot be handled is parked; while no event can be handled at all, nothing is parked and the batch waits.
    `fault` is called at named points, so that tests can stop the world there.
    """

    database: Database
    service: str
    reactions: Reactions
    stopping: asyncio.Event
    effects_since: datetime | None = None
    fault: Callable[[str], Any] = lambda point: None
    beat: Callable[[], None] = lambda: None
    _connection: OwnConnection | None = None

    @property
    def dead_letters(self) -> str:
        """The topic of this service's dead letters."""
        return f"dead.{self.service}"

    async def handle(self, batch: Batch) -> None:
        """Let a batch take effect, or park what cannot; returns when every message of it is accounted for."""
        if not await self._attempt(batch):
            for message in batch:
                await self._attempt([message])

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            with contextlib.suppress(Exception):
                await self._connection.close(timeout=2)

    async def apply(self, tx: Tx, messages: Batch) -> None:
        """Let each reaction handle its messages, those before `effects_since` apart: they build state only."""
        before = [message for message in messages if self._is_history(message)]
        since = [message for message in messages if not self._is_history(message)]
        for effects, part in ((False, before), (True, since)):
            tx.effects = effects
            for reaction, share in self.reactions.of(part):
                tx.cause = None
                await reaction.apply(tx, share, self.beat)
            for message in part:
                metrics.handled(message.topic, "done").inc()
        for message in since:
            if (at := message.attributes.time) is not None:
                metrics.current().event_age_seconds.observe(max(0.0, (tx.now - at).total_seconds()))

    def _is_history(self, message: Message[Event]) -> bool:
        return (
            self.effects_since is not None and (at := message.attributes.time) is not None and at < self.effects_since
        )

    async def _attempt(self, batch: Batch) -> bool:
        """Handle a batch in one transaction; false where one of its messages stands in the way."""
        repeats = waits = 0
        while True:
            if self.stopping.is_set():
                raise Stopped
            try:
                await self._transact(batch)
            except Exception as error:
                match classify(error):
                    case FailureClass.REPEATABLE if repeats < REPEATS:
                        repeats += 1
                        await asyncio.sleep(0.01 * 2**repeats)
                    case FailureClass.SERVICE_WIDE:
                        waits += 1
                        await self._wait(error, min(0.2 * 2**waits, 5.0))
                    case _:
                        if len(batch) == 1:
                            await self._park(batch[0], error)
                            return True
                        return False
            else:
                return True

    async def _wait(self, error: Exception, seconds: float) -> None:
        log.warning("no event can be handled now, events wait", reason=type(error).__name__)
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
            self._connection = await self.database.connect(**PLANNING)
        return self._connection

    async def _transact(self, batch: Batch) -> None:
        self.beat()
        connection = await self._connected()
        self.fault("consumer:received")
        admitted: list[Message[Event]] = []
        async with self.database.transaction(connection) as tx:
            admission = await admit(connection, batch, tx.now)
            self.fault("consumer:admitted")
            to_admit = set(admission.new)
            for message in batch:
                repeated = message.identity is not None and message.identity not in to_admit
                if repeated and not isinstance(message.fault, PayloadDiffers):
                    metrics.handled(message.topic, "repeated").inc()
                    continue
                if message.identity is not None:
                    to_admit.discard(message.identity)
                if message.fault is not None:
                    mark_refused(message)
                    await self._dead_letter(tx, message, message.fault)
                elif (message.topic, message.key) in admission.held:
                    await park(tx, message, "waits behind a parked event", attempts=0)
                else:
                    admitted.append(message)
            await self.apply(tx, admitted)
            self.fault("consumer:handled")
        self.fault("consumer:committed")

    async def _park(self, message: Message[Event], error: Exception) -> None:
        """Park one message with its inbox row; a permanent failure makes it a dead letter at once."""
        dead = classify(error) is FailureClass.PERMANENT
        log.error("an event is parked", topic=message.topic, reason=describe(error), dead=dead)
        while True:
            self.beat()
            try:
                connection = await self._connected()
                async with self.database.transaction(connection) as tx:
                    admission = await admit(connection, [message], tx.now)
                    known = message.identity is not None and message.identity not in admission.new
                    if known and not isinstance(message.fault, PayloadDiffers):
                        # another replica has accounted for it, or we ourselves before the connection was lost
                        return
                    if dead:
                        await self._dead_letter(tx, message, error)
                    else:
                        await park(tx, message, describe(error), attempts=1)
                        metrics.handled(message.topic, "parked").inc()
                    self.fault("consumer:parking")
                self.fault("consumer:parked")
            except Exception as failure:
                await self._wait(failure, 1.0)
            else:
                return

    async def _dead_letter(self, tx: Tx, message: Message[Event], error: Exception) -> None:
        log.error("an event is dead", topic=message.topic, reason=describe(error))
        await park(tx, message, describe(error), attempts=1, dead_letters=self.dead_letters)
        metrics.handled(message.topic, "dead").inc()
        metrics.current().dead_events.inc()
