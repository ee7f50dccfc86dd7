"""A service as it runs: HTTP owns the process; relay, consumer and jobs start once the database is ready."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import aiohttp
import structlog
from aiohttp import web

from chassis.config.clock import Clock
from chassis.config.settings import ServiceSettings
from chassis.consuming.batches import Chunks
from chassis.consuming.consumer import Consumer
from chassis.consuming.inbox import SWEEP
from chassis.consuming.retry import Drain
from chassis.db import migration
from chassis.db.database import Database, Tx
from chassis.identity.tokens import ISSUER, ServiceIdentity, Verifier, fetch_jwks
from chassis.jobs.runner import Runner, minute, sweep
from chassis.publishing.producer import Producer
from chassis.publishing.relay import Relay
from chassis.service.doors import Doors, KeyRings
from chassis.telemetry import metrics
from chassis.web import openapi
from chassis.web.door import Door
from chassis.web.idempotency import forget_old
from chassis.web.problems import explain

log = structlog.get_logger(__name__)

QUIET_SECONDS = 30.0
DRAIN_SECONDS = 10.0
Furnish = Callable[[Any, KeyRings], Doors]
Fault = Callable[[str], Any]


@dataclass(slots=True)
class Pulse:
    """When each part of the backbone last showed that it lives."""

    beats: dict[str, float] = field(default_factory=dict[str, float])
    ended: str = ""

    def beat(self, part: str) -> None:
        """This part lives."""
        self.beats[part] = time.monotonic()

    @property
    def missing(self) -> list[str]:
        """The parts that are silent for too long or have ended."""
        silent = [part for part, at in self.beats.items() if time.monotonic() - at > QUIET_SECONDS]
        return silent + ([self.ended] if self.ended else [])


@dataclass(slots=True)
class Running:
    """The parts of a running service and their state."""

    name: str
    description: str
    settings: ServiceSettings
    series: migration.Series
    clock: Clock
    database: Database
    doors: Doors
    verifier: Verifier
    fault: Fault
    pulse: Pulse = field(default_factory=Pulse)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    draining: bool = False
    prepared: bool = False
    joined: asyncio.Event = field(default_factory=asyncio.Event)
    rested: asyncio.Event = field(default_factory=asyncio.Event)
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    consumer: Consumer | None = None

    async def backbone(self) -> None:
        """Wait for the database, then run relay, consumer, drain and jobs until told to stop.

        Consumer and jobs end first, at `stopping`; the relay last, at `closing`, when nobody can say anything more.
        """
        await self._database_ready()
        if self.stopping.is_set():
            self.rested.set()
            return
        settings, beat = self.settings, self.pulse.beat
        writer = Producer(settings.brokers, self.name, settings.topic_prefix)
        relay = Relay(self.database, writer, self.fault, beat=partial(beat, "relay"))
        runner = Runner(self.database, [*self.doors.jobs, *house_jobs()], self.fault)
        self.database.committed = _told(relay, runner)
        reactions = list(self.doors.reactions)
        beating, since = partial(beat, "consumer"), settings.effects_since
        chunks = Chunks(self.database, self.name, reactions, self.stopping, since, self.fault, beating)
        topics = [reaction.event.DECLARED.topic for reaction in reactions]
        consumer = Consumer(settings.brokers, self.name, settings.topic_prefix, topics, chunks, self.fault, beating)
        consumer.session_seconds = settings.session_seconds
        consumer.joined = self.joined
        self.consumer = consumer
        parts: list[Coroutine[Any, Any, None]] = [consumer.run(self.stopping), runner.run(self.stopping)]
        if reactions:
            parts.append(Drain(self.database, chunks, partial(beat, "drain")).run(self.stopping))
        working = [asyncio.create_task(part) for part in parts]
        relaying = (relay.run, relay.notify, relay.measure)
        sending = [asyncio.create_task(part(self.closing)) for part in relaying]
        self.prepared = True
        watch = asyncio.create_task(self.stopping.wait())
        try:
            await asyncio.wait([*working, *sending, watch], return_when=asyncio.FIRST_COMPLETED)
            if not self.stopping.is_set():
                self.pulse.ended = "a part of the backbone has ended"
                self._tell_the_end([*working, *sending])
                await self.stopping.wait()
            await _end(working)
            self.rested.set()
            await self.closing.wait()
            await _end(sending)
        finally:
            for task in (*working, *sending, watch):
                task.cancel()

    async def _database_ready(self) -> None:
        while not self.stopping.is_set():
            self.pulse.beat("start")
            try:
                connection = await self.database.connect()
                try:
                    waiting = await migration.pending(connection, self.series)
                finally:
                    await connection.close()
                if not waiting:
                    del self.pulse.beats["start"]
                    return
                log.warning("run the migrations first", pending=waiting)
            except Exception as error:
                log.warning("the database cannot be reached yet", reason=type(error).__name__)
            await asyncio.sleep(0.3)

    def _tell_the_end(self, tasks: list[asyncio.Task[None]]) -> None:
        for task in tasks:
            if task.done() and not task.cancelled() and (error := task.exception()):
                log.error("a part of the backbone has ended", exc_info=error)

    def app(self) -> web.Application:
        """The application: the service's routes beside probes, metrics and the description."""
        app = web.Application(client_max_size=2**20, middlewares=[explain])
        document = openapi.describe(self.name, self.description, self.doors.routes)
        page = openapi.page(document)

        async def livez(_: web.Request) -> web.Response:
            missing = self.pulse.missing
            return web.json_response({"missing": missing}, status=503 if missing else 200)

        async def readyz(_: web.Request) -> web.Response:
            reason = await self._unready()
            return web.json_response({"ready": not reason, "reason": reason}, status=503 if reason else 200)

        async def openapi_json(_: web.Request) -> web.Response:
            return web.json_response(document)

        async def docs(_: web.Request) -> web.Response:
            return web.Response(text=page, content_type="text/html")

        async def prometheus(_: web.Request) -> web.Response:
            return web.Response(body=metrics.render(), content_type="text/plain", charset="utf-8")

        for path, handler in {
            "/livez": livez,
            "/readyz": readyz,
            "/openapi.json": openapi_json,
            "/docs": docs,
            "/metrics": prometheus,
        }.items():
            app.router.add_get(path, handler)
        secret = self.settings.service_secret.encode()
        door = Door(self.doors.routes, self.database, self.verifier, secret, self.settings.trusted_proxies, self.fault)
        door.mount(app)
        return app

    async def _unready(self) -> str:
        if self.draining:
            return "draining"
        if not self.prepared:
            return "the database is not at this program's migrations"
        if not self.joined.is_set():
            return (self.consumer and self.consumer.trouble) or "the log cannot be reached"
        try:
            async with self.database.begin() as tx:
                await tx.value("select 1")
        except Exception:
            return "the database does not answer"
        return ""


@asynccontextmanager
async def running(
    name: str,
    description: str,
    settings: ServiceSettings,
    furnish: Furnish,
    series: migration.Series,
    fault: Fault = lambda point: None,
) -> AsyncGenerator[tuple[Running, str]]:
    """The service, serving HTTP on its port (0 picks a free one), with its base URL; stopped gracefully at the end."""
    async with AsyncExitStack() as stack:
        clock = Clock(settings.clock_file)
        database = Database(settings.database_url, name, clock, settings.database_connections, fault=fault)
        await database.open()
        stack.push_async_callback(database.close)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        identity = ServiceIdentity(settings.accounts_url, name, settings.service_secret, session, clock=clock)
        verifier = Verifier(partial(fetch_jwks, session, settings.accounts_url), clock, ISSUER)
        doors = furnish(settings, KeyRings(session, settings.accounts_url, identity, clock))
        for resource in doors.resources:
            await stack.enter_async_context(resource)
        house = Running(name, description, settings, series, clock, database, doors, verifier, fault)
        runner = web.AppRunner(house.app(), shutdown_timeout=DRAIN_SECONDS, access_log=None)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)  # where the start fails before there is a backbone
        site = web.TCPSite(runner, settings.http_host, settings.http_port, reuse_address=True)
        await site.start()
        backbone = asyncio.create_task(house.backbone())
        try:
            host, port = runner.addresses[0][:2]
            yield house, f"http://{host}:{port}"
        finally:
            house.draining = True
            house.stopping.set()
            rested = asyncio.create_task(house.rested.wait())
            await asyncio.wait([rested, backbone], timeout=2 * DRAIN_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            rested.cancel()
            await runner.cleanup()
            house.closing.set()
            await _end([backbone], 2 * DRAIN_SECONDS)


async def forget_inbox(tx: Tx) -> bool:
    """Forget ids whose topic no longer holds their event."""
    return await tx.execute(SWEEP, tx.now) > 0


def house_jobs() -> list[Any]:
    """What every service sweeps."""
    return [
        sweep("forget inbox ids", every=10 * minute, do=forget_inbox),
        sweep("forget idempotency keys", every=10 * minute, do=forget_old),
    ]


def _told(relay: Relay, runner: Runner) -> Callable[[bool, set[str]], None]:
    def committed(said: bool, woken: set[str]) -> None:
        if said or "relay" in woken:
            relay.wake()
        if woken:
            runner.wake(woken)

    return committed


async def _end(tasks: list[asyncio.Task[None]], seconds: float = DRAIN_SECONDS) -> None:
    _, late = await asyncio.wait(tasks, timeout=seconds)
    for task in late:
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks, return_exceptions=True)
