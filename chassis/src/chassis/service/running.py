"""A service as it runs: HTTP owns the process; relay, consumer and jobs start once the database is ready."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence, Set
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

import aiohttp
import structlog
from aiohttp import web

from chassis.audit.chain import publish_head
from chassis.config.clock import Clock
from chassis.config.provision import Provision
from chassis.config.settings import ServiceSettings
from chassis.consuming.batches import BatchHandler
from chassis.consuming.consumer import Consumer
from chassis.consuming.erasure import ServiceName
from chassis.consuming.inbox import remove_expired
from chassis.consuming.reactions import Reactions
from chassis.consuming.retry import ParkedRetry
from chassis.db import Begin, Read, migration
from chassis.db.database import Database
from chassis.db.refusal import refusal
from chassis.db.skew import ClockWatch, compare, wrong
from chassis.exporting.requests import remove_old as remove_old_exports
from chassis.identity.accounts import ServiceIdentity, fetch_jwks, remote_fetch
from chassis.identity.keyrings import KeyRings
from chassis.identity.tokens import Verifier
from chassis.jobs.job import Fault, Turns, minute
from chassis.jobs.runner import Runner
from chassis.jobs.sweep import sweep
from chassis.publishing.producer import Producer
from chassis.publishing.published import Knowledge
from chassis.publishing.relay import Relay
from chassis.service.bounds import OF_OPERATORS, certificate, of_clients
from chassis.service.connections import ConnectionRunner
from chassis.service.parts import DRAIN_SECONDS, Part, end, lasting
from chassis.service.probes import probes, problem_types
from chassis.service.pulse import Pulse
from chassis.service.service import Service
from chassis.telemetry.current import current_service
from chassis.web import openapi
from chassis.web.admission import Admission
from chassis.web.door import Door
from chassis.web.headers import guard
from chassis.web.idempotency import hmac_key, remove_old_keys
from chassis.web.origins import admit
from chassis.web.shares import Shares
from chassis.web.shown import show_problems
from chassis.web.tracing import asking

log = structlog.get_logger(__name__)

UNPREPARED = "the database is not at this program's migrations"

SWEEPS = (
    sweep("remove inbox ids", every=10 * minute, do=remove_expired),
    sweep("remove idempotency keys", every=10 * minute, do=remove_old_keys),
    sweep("remove old exports", every=10 * minute, do=remove_old_exports),
    sweep("publish the audit log's head", every=minute, do=publish_head),
)


@dataclass(slots=True)
class Running:
    """The parts of a running service and their state."""

    service: Service[Any]
    settings: ServiceSettings
    database: Database
    verifier: Verifier
    provision: Provision
    reactions: Reactions
    jobs: Sequence[Turns]
    fault: Fault
    pulse: Pulse = field(default_factory=Pulse)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    draining: bool = False
    prepared: bool = False
    unprepared: str = UNPREPARED
    joined: asyncio.Event = field(default_factory=asyncio.Event)
    rested: asyncio.Event = field(default_factory=asyncio.Event)
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    knowledge: Knowledge | None = None
    consumer: Consumer | None = None
    admin_url: str = ""
    looking: asyncio.Task[bool] | None = None

    async def backbone(self) -> None:
        """Wait for the database to be ready and to know what was published, then run relay, consumer, retries and jobs.

        Consumer and jobs end first, at `stopping`; the relay last, at `closing`, when nobody can publish any more.
        """
        await self._database_ready()
        self.prepared = True
        settings = self.settings
        self.knowledge = Knowledge(self.database, settings.brokers, self.service.name, settings.topic_prefix)
        await self.knowledge.wait(self.stopping)
        if self.stopping.is_set():
            self.rested.set()
            return
        relay, runner = self._relay(), Runner(self.database, self.jobs, self.fault)
        self.database.committed = _committed(relay, runner)
        clock = ClockWatch(self.database.pool, self.database.clock)
        work = self._consuming() | {"jobs": runner.run, "clock": clock.run}
        working = [self._task(name, part, self.stopping) for name, part in work.items()]
        sending = [
            self._task("relay", relay.run, self.closing),
            self._task("relay notifications", relay.notify, self.closing),
            self._task("relay measurements", relay.measure, self.closing),
        ]
        watch = asyncio.create_task(self.stopping.wait(), name=f"{self.service.name} stop watch")
        try:
            await asyncio.wait([*working, *sending, watch], return_when=asyncio.FIRST_COMPLETED)
            if not self.stopping.is_set():
                self._record_end([*working, *sending])
                await self.stopping.wait()
            await end(working)
            self.rested.set()
            await self.closing.wait()
            await end(sending)
        finally:
            for task in (*working, *sending, watch):
                task.cancel()

    def _task(self, name: str, part: Part, stopping: asyncio.Event) -> asyncio.Task[None]:
        return asyncio.create_task(lasting(name, part, stopping), name=f"{self.service.name} {name}")

    def _relay(self) -> Relay:
        producer = Producer(self.settings.brokers, self.service.name, self.settings.topic_prefix)
        return Relay(self.database, producer, self.fault, beat=partial(self.pulse.beat, "relay"))

    def _consuming(self) -> dict[str, Part]:
        settings, beat = self.settings, partial(self.pulse.beat, "consumer")
        since, name = settings.effects_since, self.service.name
        handler = BatchHandler(self.database, name, self.reactions, self.stopping, since, self.fault, beat)
        consumer = self.consumer = Consumer(
            settings.brokers,
            name,
            settings.topic_prefix,
            self.reactions.topics,
            handler,
            self.fault,
            beat,
            settings.session_seconds,
            joined=self.joined,
        )
        parts: dict[str, Part] = {"consumer": consumer.run}
        if self.reactions:
            parts["retry"] = ParkedRetry(self.database, handler, partial(self.pulse.beat, "retry")).run
        return parts

    async def _database_ready(self) -> None:
        while not self.stopping.is_set():
            self.pulse.beat("start")
            try:
                connection = await self.database.connect()
                try:
                    await compare(connection, self.database.clock)
                    waiting = await migration.pending(connection, self.service.series)
                finally:
                    await connection.close()
                if not waiting:
                    del self.pulse.beats["start"]
                    return
                self.unprepared = UNPREPARED
                log.warning("run the migrations first", pending=waiting)
            except Exception as error:
                self.unprepared, _ = refusal(error, self.database.dsn)
                log.warning("the database cannot be used yet", reason=type(error).__name__, failure=self.unprepared)
            await asyncio.sleep(0.3)

    def _record_end(self, tasks: list[asyncio.Task[Any]]) -> None:
        for task in tasks:
            if task.done():
                error = None if task.cancelled() else task.exception()
                reason = "cancelled" if task.cancelled() else type(error).__name__ if error else "returned"
                self.pulse.ended = f"a part of the backbone has ended: {task.get_name()}, {reason}"
                log.error("a part of the backbone has ended", part=task.get_name(), reason=reason, exc_info=error)

    def apps(self) -> tuple[web.Application, web.Application]:
        """Return what clients see, the service's routes, and what operators see: probes, metrics, the description."""
        service = self.service
        app, admin = web.Application(client_max_size=2**20), web.Application()
        names = service.name, service.description, service.routes, self.settings.public_url
        document = openapi.describe(*names, shows_problems=service.doors.problem_page is not None)
        for path, handler in probes(document, lambda: self.pulse.missing, self.unready).items():
            admin.router.add_get(path, handler)
        for each in (app, admin):
            guard(each, self.settings.public_url)
            each.router.add_get("/problems/{kind}", problem_types(document))
        admit(app, self.settings.origins)
        if (page := service.doors.problem_page) is not None:
            here = self.provision.beside({Begin: self.database.begin, Read: self.database.read()})
            show_problems(app, here.bind(page, given=2))
        admission = Admission(self.verifier, self.settings.trusted_proxies, self._is_behind)
        keys = [hmac_key(secret) for secret in self.settings.service_secrets]
        shares = Shares(max(1, self.settings.database_connections // 2))
        Door(service.routes, self.database, admission, keys, self.provision, shares, self.fault).mount(app)
        return app, admin

    async def unready(self) -> str:
        """Return why the service is not ready, nothing where it is."""
        if self.draining:
            return "draining"
        if not self.prepared:
            return self.unprepared
        if reason := wrong(self.database.clock):
            return reason
        if self.knowledge is not None and self.knowledge.failure:
            return self.knowledge.failure
        if not self.joined.is_set():
            return (self.consumer and self.consumer.failure) or "Kafka cannot be reached"
        if not await self._database_answers():
            return "the database does not answer"
        return self.consumer.gaps if self.consumer else ""

    def _is_behind(self) -> bool:
        return self.knowledge is not None and self.knowledge.behind

    async def _database_answers(self) -> bool:
        """Return whether the database answers; however many ask at once, they take one connection."""
        if self.looking is None or self.looking.done():
            self.looking = asyncio.create_task(self._look())
        return await asyncio.shield(self.looking)

    async def _look(self) -> bool:
        try:
            await self.database.read().value("select 1")
        except Exception:
            return False
        return True


@asynccontextmanager
async def running(
    service: Service[Any], settings: ServiceSettings, fault: Fault = lambda point: None
) -> AsyncGenerator[tuple[Running, str]]:
    """Run the service on its two ports (0 picks a free one), give it with its base URL, stop it gracefully at the end.

    The operators' port is open before the first request of a client and after the last. Raises NotProvided.
    """
    async with AsyncExitStack() as stack:
        name, clock = service.name, Clock(settings.clock_file)
        current_service.set(name)
        connections, seconds = settings.database_connections, settings.database_wait_seconds
        database = Database(settings.dsn, name, clock, connections, wait_seconds=seconds, fault=fault)
        await database.open()
        stack.push_async_callback(database.close)
        connector = aiohttp.TCPConnector(ssl=settings.trust)
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=connector, trace_configs=[asking()]))
        identity = ServiceIdentity(settings.accounts_url, name, settings.service_secrets, session, clock=clock)
        verifier = Verifier(partial(fetch_jwks, session, settings.accounts_url), clock, name)
        keys = KeyRings(partial(remote_fetch, session, settings.accounts_url, identity), clock)
        provided = list(service.doors.provide(settings, keys))
        for thing in provided:
            if isinstance(thing, AbstractAsyncContextManager):
                await stack.enter_async_context(cast("AbstractAsyncContextManager[Any]", thing))
        provision = Provision([*provided, keys, clock, ServiceName(name)])
        reactions = service.reactions.bound(provision)
        jobs = [job.bound(provision) for job in (*service.doors.jobs, *SWEEPS)]
        house = Running(service, settings, database, verifier, provision, reactions, jobs, fault)
        app, admin = house.apps()
        operators = ConnectionRunner(admin, OF_OPERATORS, shutdown_timeout=1)
        stack.push_async_callback(operators.cleanup)
        house.admin_url = await operators.listen(settings.admin_host, settings.admin_port)
        runner = ConnectionRunner(app, of_clients(settings), shutdown_timeout=DRAIN_SECONDS)
        stack.push_async_callback(runner.cleanup)  # where the start fails before there is a backbone
        url = await runner.listen(settings.http_host, settings.http_port, certificate(settings))
        listening = await stack.enter_async_context(AsyncExitStack())
        for listen in service.doors.listeners:
            await listening.enter_async_context(provision.bind(listen, given=2)(database.begin, database.read()))
        backbone = asyncio.create_task(house.backbone(), name=f"{name} backbone")
        try:
            yield house, url
        finally:
            house.draining = True
            await listening.aclose()
            house.stopping.set()
            parting = asyncio.create_task(runner.drain(settings.parting_seconds))
            rested = asyncio.create_task(house.rested.wait())
            await asyncio.wait([rested, backbone], timeout=2 * DRAIN_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            rested.cancel()
            await parting
            await runner.cleanup()
            house.closing.set()
            await end([backbone], 2 * DRAIN_SECONDS)


def _committed(relay: Relay, runner: Runner) -> Callable[[bool, Set[object]], None]:
    def committed(published: bool, woken: Set[object]) -> None:
        if published:
            relay.wake()
        if woken:
            runner.wake(woken)

    return committed
