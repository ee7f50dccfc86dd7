"""Answering exports: the request is kept, the share is taken in one transaction, opened, and published in another.

A service that is stopped in between takes the share anew; it is published in the transaction that notes the answer, so
that an export has one share of a service however often it was asked for. What is published is sealed to the key of the
export, and nobody but accounts can open it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from contracts.exports import DataExportRequested
from opentelemetry.trace import SpanKind
from uuid_utils.compat import uuid7

from chassis.config.provision import Provision
from chassis.consuming.erasure import ServiceName
from chassis.consuming.reactions import on
from chassis.db.database import Database
from chassis.db.failure import is_end
from chassis.db.transaction import Tx
from chassis.exporting import requests
from chassis.exporting.share import Share, readable, sealed_share
from chassis.identity.keyrings import KeyRings
from chassis.jobs.job import Fault, Trigger, Turns, second
from chassis.telemetry.traces import span

log = structlog.get_logger(__name__)

PURPOSE: Final = "export"
ANSWERING: Final = Trigger("answer exports")


async def note_export(tx: Tx, requested: DataExportRequested, name: ServiceName) -> None:
    """Keep a request for this service's share, unless it is history that nobody waits for any more."""
    wanted = tx.effects and name in requested.expected and requested.expires_at > tx.now
    if wanted and await requests.add(tx, requested):
        tx.wake(ANSWERING)


EXPORTS: Final = on(DataExportRequested, note_export)


@dataclass(frozen=True, slots=True)
class Answering:
    """The job that answers exports with what `take` returns, made readable by the key rings of some purposes."""

    take: Callable[..., Awaitable[Share]]
    purposes: Sequence[str]
    complete: Callable[..., Awaitable[None]] | None

    def bound(self, provision: Provision) -> Turns:
        """Return its turns, with what its functions ask for by type."""
        answers = _Answers(
            provision.of(ServiceName, ANSWERING.name),
            provision.of(KeyRings, ANSWERING.name),
            provision.bind(self.take, given=2),
            self.purposes,
            provision.bind(self.complete, given=1) if self.complete else None,
        )
        return Turns(ANSWERING, 10 * second, answers.turn)  # a request wakes it; one that failed rests for a minute


@dataclass(frozen=True, slots=True)
class _Answers:
    name: ServiceName
    rings: KeyRings
    take: Callable[..., Awaitable[Share]]
    purposes: Sequence[str]
    complete: Callable[..., Awaitable[None]] | None

    async def turn(self, database: Database, fault: Fault, _: asyncio.TaskGroup) -> bool:
        """Answer one request; true where there may be another."""
        async with database.begin() as tx:
            owed = await requests.lease(tx)
        if owed is None:
            return False
        try:
            with span(ANSWERING.name, SpanKind.INTERNAL, traceparent=owed.traceparent):
                await self._answer(database, owed.request, fault)
        except (Exception, asyncio.CancelledError) as error:
            if is_end(error):
                raise
            log.error("a share could not be exported and is tried again", exc_info=error)
        return True

    async def _answer(self, database: Database, request: DataExportRequested, fault: Fault) -> None:
        async with database.begin() as tx:
            share, taken_at = await self.take(tx, request), tx.now
        fault("exports:taken")
        content = await readable(share, self.rings, self.purposes)
        if self.complete is not None:
            await self.complete(content)
        boxes = await asyncio.to_thread(sealed_share, self.name, taken_at, content, request.sealed_to)
        fault("exports:sealed")
        async with database.begin() as tx:
            if await requests.settle(tx, request):
                id_, count = uuid7(), len(boxes)
                for number, box in enumerate(boxes, 1):
                    tx.publish(request.answered_by(self.name, id_, number, count, box))
        fault("exports:published")


def answer_exports(
    take: Callable[..., Awaitable[Share]],
    *,
    purposes: Sequence[str] = (PURPOSE,),
    complete: Callable[..., Awaitable[Any]] | None = None,
) -> Answering:
    """Answer exports, in the table of jobs of a service whose reactions have `EXPORTS`.

    `async def take(tx: Tx, requested: DataExportRequested, ...) -> Share` reads all that the service holds of a person
    of a tenant, and of nobody else. `purposes` are those for which accounts gives it keys to open the boxes among it.
    `async def complete(content: dict, ...) -> None` adds what lies outside of the database; it runs without a
    transaction, after the boxes were opened.
    """
    return Answering(take, purposes, complete)
