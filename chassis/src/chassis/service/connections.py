"""The connections to a service: how many there may be, how long one waits, and what is answered below the routes."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from http import HTTPStatus
from typing import Any, cast

import structlog
from aiohttp import StreamReader, hdrs, web
from aiohttp.http import RawRequestMessage
from aiohttp.http_exceptions import HttpProcessingError

from chassis.service.arrival import pieces, waits
from chassis.service.bounds import Bounds
from chassis.service.certificate import Certificate
from chassis.service.places import Places
from chassis.web.problems import Problem, below_routes

log = structlog.get_logger(__name__)

Answering = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
# What a client does and no code of ours: it sends what is not HTTP, or leaves.
THEIRS = (HttpProcessingError, web.RequestPayloadError, ConnectionError)
# what had arrived when a connection was to end is answered in this time, or with what is under way
LAST_SECONDS = 1.0


class Connection(web.RequestHandler):
    """One connection: it is refused where there are too many, and closed where no whole head arrives."""

    __slots__ = ("_address", "_body", "_connections", "_late")  # as its base has, for there are many

    def __init__(self, connections: "Connections", address: str | None = None, **options: Any) -> None:
        """Make one, which has been admitted already where its address is given."""
        super().__init__(connections, **options)
        self._connections = connections
        self._address = address
        self._late: asyncio.TimerHandle | None = None
        self._body: StreamReader | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Admit the connection or cut it."""
        if self._address is None:
            self._address = self._connections.places.take(transport)
        if self._address is None:
            return
        if not self._connections.encrypted:
            # What lies in the transport is waited for, too: who never reads it would keep it from being closed. TLS is
            # closed 30 seconds after it should be, whoever reads or does not.
            cast("asyncio.Transport", transport).set_write_buffer_limits(0)
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Take bytes, and give the head that they may begin its time.

        Nobody is upgraded to another protocol here (RFC 9110, 7.8): what asks for it is answered as what it is. aiohttp
        loses what arrives together with the end of such a request, so it is given no more than one head at once; the
        end of a body of known length it cannot be shown, and the client is told that the connection ends. Nor does it
        tell who reads a body that the rest is broken, so that they would wait for what never comes.
        """
        for piece in pieces(data):
            known = self._request_count
            super().data_received(piece)
            if self._request_count > known:
                self._look_at_newest()
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            if data:
                self._await_head()
        elif self._request_count:
            self._stop_waiting()

    @property
    def rests(self) -> bool:
        """Whether it waits for another request of which nothing has arrived, not even what nobody has read yet."""
        waiter, transport = self._waiter, self.transport
        resting = waiter is not None and not waiter.done() and self._late is None
        return resting and transport is not None and not waits(transport)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Make room for another one."""
        self._stop_waiting()
        if self._address is not None:
            self._connections.places.leave(self._address)
            self._address = None
        super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer with a problem what is no HTTP or fails below the routes; only the latter is worth an error line."""
        del message  # it repeats what was sent
        if isinstance(exc, THEIRS):
            problem = Problem(400, "malformed", "This is not a request that can be read as HTTP.")
        else:
            log.error("a request failed below its route", status=status, exc_info=exc)
            problem = Problem(500, "internal", "Something went wrong on our side; it is recorded.")
        response = problem.response()
        response.force_close()
        return response

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send the answer; a refusal of aiohttp's own becomes a problem."""
        if request.writer.output_size > 0 and not resp.prepared:
            raise ConnectionError("another answer has begun")
        if isinstance(resp, web.HTTPException) and resp.status >= HTTPStatus.BAD_REQUEST:
            resp = below_routes(resp).response()
        if self._connections.draining:
            resp.force_close()
        finished = await super().finish_response(request, resp, start_time)
        if self._paused:  # aiohttp does not wait where there is no body
            await self._drain_helper()
        return finished

    async def _drain_helper(self) -> None:
        """Wait until the client has read what was written, the whole or a piece of an answer, and cut off who does not.

        Raises ConnectionError.
        """
        try:
            async with asyncio.timeout(self._connections.bounds.answer_seconds):
                await super()._drain_helper()
        except TimeoutError:
            if self.transport is not None:
                self.transport.abort()
                self.force_close()
            raise ConnectionResetError("the client does not read") from None

    def log_exception(self, *args: Any, **options: Any) -> None:
        """Log what has failed, but for what the client did."""
        if not isinstance(options.get("exc_info"), THEIRS):
            super().log_exception(*args, **options)

    def _look_at_newest(self) -> None:
        message, body = cast("tuple[Any, StreamReader]", self._messages[-1])
        if not isinstance(message, RawRequestMessage):  # but what is not HTTP
            if self._body is not None and not self._body.is_eof():
                self._body.set_exception(web.RequestPayloadError("the body is not encoded as its head says"))
            return
        self._body = body
        if message.upgrade and hdrs.CONTENT_LENGTH in message.headers:
            self._messages[-1] = (message._replace(should_close=True), body)

    def _await_head(self) -> None:
        if self._late is None:
            self._late = self._loop.call_later(self._connections.bounds.head_seconds, self._give_up)

    def _stop_waiting(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _give_up(self) -> None:
        self._late = None
        if (waiter := self._waiter) is not None and not waiter.done():
            self.force_close()


class Handshake(asyncio.Protocol):
    """One connection until TLS is agreed on: it counts from its beginning, and has as long for it as for a head."""

    def __init__(self, connections: "Connections", tls: Certificate) -> None:
        self._connections, self._tls = connections, tls
        self._early, self._lost = bytearray(), False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Admit the connection or cut it."""
        if (address := self._connections.places.take(transport)) is not None:
            self._connections.keep(self._agree(cast("asyncio.Transport", transport), address))

    def data_received(self, data: bytes) -> None:
        """Keep what arrives together with the end of the handshake, before there is somebody to take it."""
        self._early += data

    def connection_lost(self, exc: BaseException | None) -> None:
        """Know that there is nobody to serve."""
        self._lost = True

    async def _agree(self, transport: asyncio.Transport, address: str) -> None:
        made: asyncio.Transport | None = None
        try:
            # the client is too slow, speaks no TLS, or leaves, which is a RuntimeError where uvloop has seen it already
            with contextlib.suppress(OSError, RuntimeError):
                made = await self._encrypted(transport)
        finally:
            if made is None or self._lost:
                transport.abort()
                self._connections.places.leave(address)
        if made is not None and not self._lost:
            connection = self._connections.make(address)
            made.set_protocol(connection)
            connection.connection_made(made)
            connection.data_received(bytes(self._early))

    async def _encrypted(self, transport: asyncio.Transport) -> asyncio.Transport | None:
        """Return the transport over TLS; what uvloop has read already, and cannot be kept from, belongs to TLS."""
        transport.pause_reading()
        read, self._early = self._early, bytearray()
        start = asyncio.get_running_loop().start_tls
        seconds = self._connections.bounds.head_seconds
        agree = start(transport, self, self._tls.context(), server_side=True, ssl_handshake_timeout=seconds)
        agreeing = asyncio.create_task(agree)
        try:
            await asyncio.sleep(0)  # it has begun then, and reads no earlier than in the next turn
            while read and not agreeing.done():
                taker = cast("asyncio.BufferedProtocol", transport.get_protocol())
                room = memoryview(taker.get_buffer(len(read)))
                count = min(len(room), len(read))
                room[:count] = read[:count]
                taker.buffer_updated(count)
                del read[:count]
            return await agreeing
        finally:
            agreeing.cancel()


class Connections(web.Server):
    """Makes connections within bounds, of TLS where there is a certificate."""

    def __init__(self, answer: Answering, bounds: Bounds, tls: Certificate | None, **options: Any) -> None:
        super().__init__(answer, **options)
        self.bounds = bounds
        self.encrypted = tls is not None
        self.draining = False
        self._tls = tls
        self._handshakes = set[asyncio.Task[None]]()
        self._options = {"keepalive_timeout": bounds.idle_seconds, "access_log": None}
        self.places = Places(bounds)

    def __call__(self) -> asyncio.Protocol:  # pyright: ignore[reportIncompatibleMethodOverride] -- aiohttp has HTTP alone
        """Return a connection that is about to be made."""
        return Handshake(self, self._tls) if self._tls else self.make()

    def make(self, address: str | None = None) -> Connection:
        """Return a connection of requests; it has been admitted already where its address is given."""
        return Connection(self, address, loop=self._loop, **self._options)

    def keep(self, handshake: Coroutine[Any, Any, None]) -> None:
        """Let a handshake go on until it, or the server, ends."""
        task = asyncio.create_task(handshake)
        self._handshakes.add(task)
        task.add_done_callback(self._handshakes.discard)

    def part(self) -> bool:
        """Close the connections that rest; return whether any is left."""
        for connection in self.connections:
            if cast("Connection", connection).rests:
                connection.force_close()
        return bool(self.connections)

    def pre_shutdown(self) -> None:
        """Close the connections that rest, and those that have agreed on nothing yet."""
        for handshake in self._handshakes:
            handshake.cancel()
        super().pre_shutdown()


class ConnectionRunner(web.AppRunner):
    """Serves an application by connections within bounds."""

    _tls: Certificate | None = None

    def __init__(self, app: web.Application, bounds: Bounds, *, shutdown_timeout: float) -> None:
        super().__init__(app, shutdown_timeout=shutdown_timeout)
        self._bounds = bounds

    async def listen(self, host: str, port: int, tls: Certificate | None = None) -> str:
        """Listen, at a free port for 0, until `cleanup`; return the base URL."""
        self._tls = tls
        await self.setup()
        await web.TCPSite(self, host, port, reuse_address=True).start()
        host, port = self.addresses[0][:2]
        return f"{'https' if tls else 'http'}://{host}:{port}"

    async def drain(self, seconds: float) -> None:
        """Serve on, but end each connection with its next answer; those that rest end after so many seconds.

        So a client who asks more often, or gives up connections that rest for so long, connects to somebody else, and
        is not cut off while it sends (RFC 9112 9.6).
        """
        if not isinstance(server := self.server, Connections):
            return
        server.draining = True
        for left, longest in ((lambda: bool(server.connections), seconds), (server.part, LAST_SECONDS)):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(longest):
                    while left():  # noqa: ASYNC110 -- aiohttp tells nobody that one has ended
                        await asyncio.sleep(0.02)

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        return Connections(made.request_handler, self._bounds, self._tls, request_factory=made.request_factory)
