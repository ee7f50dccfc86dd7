"""The door for HTTP: from a request through its route to an answer."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import structlog
from aiohttp import web
from opentelemetry.trace import SpanKind
from pydantic import BaseModel

from chassis.config.provision import Provision
from chassis.db.connections import DatabaseBusy
from chassis.db.database import Database
from chassis.db.failure import REPEATABLE, SERVICE_WIDE
from chassis.db.once import Once
from chassis.db.retrying import retry_transaction
from chassis.db.transaction import Tx
from chassis.identity.acting import acting
from chassis.identity.keys import KeysUnavailable
from chassis.identity.tokens import Caller, IdentityUnavailable, Unauthenticated
from chassis.telemetry import metrics
from chassis.telemetry.traces import span
from chassis.web import idempotency
from chassis.web.admission import Admission, act_of, record
from chassis.web.caching import kept
from chassis.web.limits import Rate
from chassis.web.problems import Problem, from_error, unavailable
from chassis.web.reading import body_model, broken, parameters
from chassis.web.routes import Answer, Created, Route, Routes
from chassis.web.shares import Shares
from chassis.web.tracing import answered

log = structlog.get_logger(__name__)

REPEATS = 4
T = TypeVar("T")
# a handler that opens its transactions itself is not repeated by the door: one that lost is asked to come again
AWAY = (DatabaseBusy, KeysUnavailable, IdentityUnavailable, *SERVICE_WIDE, *REPEATABLE)


@dataclass(frozen=True, slots=True)
class Creation:
    """What a creating handler returned, or what it had returned to an earlier request under the same key."""

    result: Any
    replayed: bool = False


@dataclass(slots=True)
class Door:
    """Serves a service's routes.

    A handler gets what its signature names: a `Tx`, which is committed after it, a `Read`, a `Once`, or a `Begin`.
    """

    routes: Routes
    database: Database
    admission: Admission
    hmac_keys: Sequence[bytes]
    provision: Provision
    shares: Shares
    fault: Callable[[str], Any] = lambda point: None
    endings: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])
    provided: dict[int, dict[str, Any]] = field(default_factory=dict[int, dict[str, Any]])

    def mount(self, app: web.Application) -> None:
        """Put every route on an application; raises NotProvided, TypeError where a route lacks something."""
        for route in self.routes.all:
            self.routes.view_of(route)
            self.provided[id(route)] = {
                name: self.provision.of(kind, route.name) for name, kind in route.provided.items()
            }
            app.router.add_route(route.method, route.pattern, self._handler(route))
            if route.method == "GET":
                app.router.add_route("HEAD", route.pattern, self._handler(route))
            for rate, limit in ((route.rate, self.admission.limit), (route.caller_rate, self.admission.limit_callers)):
                if rate is not None:
                    limit(route, rate if isinstance(rate, Rate) else self.provision.of(rate, route.name))

    def _handler(self, route: Route) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.StreamResponse:
            began = time.perf_counter()
            # its own trace: else anybody could have all his requests recorded, or put them into a trace of ours
            sent = request.headers.get("traceparent")
            with span(f"{route.method} {route.path}", SpanKind.SERVER, traceparent="", linked=sent) as opened:
                response = await self._guarded(route, request)
                answered(opened, request, route.path, response.status)
            metrics.answered(route.path, route.method, response.status).observe(time.perf_counter() - began)
            return response

        return handle

    async def _guarded(self, route: Route, request: web.Request) -> web.StreamResponse:
        try:
            return await self._answer(route, request)
        except web.HTTPException:
            raise
        except Exception as error:
            problem = self._problem(route, request, error)
        record(route, request, problem)
        return problem.response()

    def _problem(self, route: Route, request: web.Request, error: Exception) -> Problem:
        if isinstance(error, Problem):
            return error
        if isinstance(error, Unauthenticated):
            title = "Sign in first: the access token is missing, expired or not ours."
            return Problem(401, "unauthenticated", title, {"WWW-Authenticate": "Bearer"}, **error.facts)
        if isinstance(error, AWAY):
            log.warning("cannot answer at the moment", route=route.name, reason=type(error).__name__)
            return unavailable()
        for kind in type(error).__mro__:
            if kind in self.routes.errors:
                return from_error(error, self.routes.errors[kind])
        if isinstance(error, web.RequestPayloadError) or (isinstance(error, ConnectionError) and not request.transport):
            return broken()  # the client has left, or sends what it did not announce
        log.exception("a request failed", route=route.name)
        return Problem(500, "internal", "Something went wrong on our side; it is recorded.")

    async def _answer(self, route: Route, request: web.Request) -> web.StreamResponse:
        caller = await self.admission.admit(route, request)
        if caller is None or not caller.is_staff:
            return await self._admitted(route, request, caller)
        with acting(act_of(route, request, caller)):
            return await self._admitted(route, request, caller)

    async def _admitted(self, route: Route, request: web.Request, caller: Caller | None) -> web.StreamResponse:
        arguments = parameters(route, request)
        body = b""
        if route.body is not None:
            body, arguments[route.body[0]] = await body_model(route, request)
        arguments |= self._given(route, request, caller)
        view = self.routes.view_of(route)
        async with self.shares.of(caller) if route.tx and caller else nullcontext():
            if view is not None:
                return await self._create(route, view, request, caller, arguments, body)
            response = self._render(route, await self._call(route, arguments), route.status)
        if route.kept_seconds and isinstance(response, web.Response):
            return kept(request, response, route.kept_seconds)
        return response

    def _given(self, route: Route, request: web.Request, caller: Caller | None) -> dict[str, Any]:
        given = dict(self.provided[id(route)])
        for name, kind in route.given.items():
            match kind:
                case "read":
                    given[name] = self.database.read()
                case "once":
                    given[name] = self.database.once()
                case "begin":
                    given[name] = self.database.begin
                case "caller":
                    given[name] = caller
                case "request":
                    given[name] = request
        return given

    async def _call(self, route: Route, arguments: dict[str, Any]) -> Any:
        name = route.tx
        if name is None:
            return await route.handler(**arguments)
        return await self._transact(route, lambda tx: route.handler(**arguments, **{name: tx}))

    async def _transact(self, route: Route, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Do the work in one transaction; one that lost against another is repeated."""
        repeats = 0
        while True:
            try:
                async with self.database.begin() as tx:
                    result = await work(tx)
                    self.fault(f"web:{route.name}:handled")
            except REPEATABLE as error:
                repeats += 1
                if repeats > REPEATS:
                    log.warning("a request kept losing", route=route.name, reason=type(error).__name__)
                    raise unavailable() from None
                await asyncio.sleep(0.01 * 2**repeats)
            else:
                self.fault(f"web:{route.name}:committed")
                return result

    async def _create(
        self,
        route: Route,
        view: Route,
        request: web.Request,
        caller: Caller | None,
        arguments: dict[str, Any],
        body: bytes,
    ) -> web.StreamResponse:
        def subject(key: bytes) -> str:
            return caller.subject if caller else idempotency.anonymous(self.admission.address(request), key)

        attempt = idempotency.attempt(
            request.headers.getall("Idempotency-Key", []),
            caller.tenant if caller else "",
            subject,
            (route.method, request.path),
            body,
            self.hmac_keys,
        )
        made = await self._once(route, attempt, arguments)
        if isinstance(made.result, Exception):
            return self._render(route, made.result, route.status)
        ids = _ids(view, made.result)
        headers = {"Location": view.location(ids)} | ({"Idempotent-Replayed": "true"} if made.replayed else {})
        if isinstance(made.result, Created):
            return self._render(view, made.result.view, route.status, headers)
        named = {name: adapter.validate_strings(ids[name]) for name, adapter in view.path_parameters.items()}
        answer = await self._call(view, named | self._given(view, request, caller))
        return self._render(view, answer, route.status, headers)

    async def _once(self, route: Route, attempt: idempotency.Attempt, arguments: dict[str, Any]) -> Creation:
        name = route.tx
        if name is None:
            return await self._claimed(route, attempt, arguments)

        async def work(tx: Tx) -> Creation:
            ids = await attempt.claim(tx, tx)
            if ids is not None:
                return Creation(ids, replayed=True)
            result = await route.handler(**arguments, **{name: tx})
            await self._keep(tx, route, attempt, result)
            return Creation(result)

        return await self._transact(route, work)

    async def _keep(self, write: Tx | Once, route: Route, attempt: idempotency.Attempt, result: Any) -> None:
        view = self.routes.view_of(route)
        if isinstance(result, Exception) or view is None:
            await attempt.free(write)
        else:
            await attempt.settle(write, route.status, _ids(view, result))

    async def _claimed(self, route: Route, attempt: idempotency.Attempt, arguments: dict[str, Any]) -> Creation:
        """Call a handler that acts outside: claim the key, act without a transaction, settle."""
        if (ids := await attempt.claim(self.database.once(), self.database.read())) is not None:
            return Creation(ids, replayed=True)
        try:
            result = await route.handler(**arguments)
        except BaseException:
            await self._end_claim(route, attempt.free)
            raise
        self.fault(f"web:{route.name}:acted")
        await self._end_claim(route, lambda write: self._keep(write, route, attempt, result))
        return Creation(result)

    async def _end_claim(self, route: Route, end: Callable[[Tx | Once], Awaitable[None]]) -> None:
        """End the claim by one statement; where the database is away or busy, as soon as possible, beside the answer.

        The client is not kept waiting, nor answered "in flight" until the lease ends.
        """
        try:
            self.fault(f"web:{route.name}:handled")
            await end(self.database.once())
            self.fault(f"web:{route.name}:committed")
        except AWAY as error:
            log.warning("a claim cannot be ended yet", route=route.name, reason=type(error).__name__)
            with acting(None):
                ending = asyncio.create_task(retry_transaction(self.database, end, idempotency.LEASE_SECONDS / 2))
            self.endings.add(ending)
            ending.add_done_callback(self._ended)

    def _ended(self, ending: asyncio.Task[None]) -> None:
        self.endings.discard(ending)
        if not ending.cancelled() and (error := ending.exception()):
            log.warning("a claim stands until its lease ends", reason=type(error).__name__)

    def _render(
        self, route: Route, result: Any, status: int, headers: dict[str, str] | None = None
    ) -> web.StreamResponse:
        if isinstance(result, web.StreamResponse):
            return result
        if isinstance(result, Exception):
            raise result
        if isinstance(result, Answer):
            status, headers, result = result.status, {**(headers or {}), **result.headers}, result.view
        plain = {"Cache-Control": "no-store", **(headers or {})}
        if result is None:
            return web.Response(status=204 if status == 200 else status, headers=plain)
        if not isinstance(result, BaseModel):
            raise TypeError(f"{route.name} answers with {type(result).__name__}, not with a view")
        return web.Response(
            status=status,
            body=result.__pydantic_serializer__.to_json(result),
            content_type="application/json",
            headers=plain,
        )


def _ids(view: Route, made: Any) -> dict[str, str]:
    """Return the ids of the view's path: a handler returns them all, or the only one."""
    named: Any = made.id if isinstance(made, Created) else made
    ids = cast("dict[str, Any]", named) if isinstance(named, dict) else dict.fromkeys(view.path_parameters, named)
    return {name: str(ids[name]) for name in view.path_parameters}
