"""Connections are bounded in number and time, and what is no request is answered without an echo."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from http.client import responses
from socket import socket

import orjson
import pytest
from aiohttp import web
from chassis.service.bounds import Bounds
from chassis.service.connections import ConnectionRunner, Connections
from chassis.service.places import Places
from chassis_testing.harness import until
from structlog.testing import capture_logs

MARK = "4111111111111111"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
GET = b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n"


async def greet(_: web.Request) -> web.Response:
    return web.Response(text="here")


async def large(_: web.Request) -> web.Response:
    return web.Response(body=bytes(32 * 2**20))


async def just_too_much(request: web.Request) -> web.StreamResponse:
    """Answer with a little more than the kernel takes of an answer that is not read."""
    response = web.StreamResponse()
    await response.prepare(request)
    while request.transport is not None and not request.transport.get_write_buffer_size():
        await response.write(bytes(1000))
    return response


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(bytes(2**20))


async def begin_and_fail(request: web.Request) -> web.Response:
    """Answer as the door does where a handler fails in the middle of its answer."""
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"half")
    return web.Response(status=500, text="a problem")


async def fail(_: web.Request) -> web.Response:
    raise RuntimeError(MARK)


@asynccontextmanager
async def serving(bounds: Bounds) -> AsyncGenerator[Callable[[], asyncio.Task[Streams]]]:
    app = web.Application(client_max_size=100)
    app.router.add_get("/x", greet)
    app.router.add_get("/large", large)
    app.router.add_get("/just-too-much", just_too_much)
    app.router.add_get("/endless", endless)
    app.router.add_get("/fails", fail)
    app.router.add_get("/begins", begin_and_fail)
    runner = ConnectionRunner(app, bounds, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    made: list[asyncio.StreamWriter] = []

    async def connect() -> Streams:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        made.append(writer)
        return reader, writer

    yield lambda: asyncio.create_task(connect())
    for writer in made:
        writer.close()
    await runner.cleanup()


async def answer(streams: Streams, sent: bytes) -> bytes:
    """Send bytes and return what comes back until the connection rests or ends."""
    reader, writer = streams
    writer.write(sent)
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    length = int(head.lower().partition(b"content-length: ")[2].split()[0])
    return head + await reader.readexactly(length)


async def closed(streams: Streams) -> bool:
    """Wait until the other side ends the connection."""
    try:
        return await asyncio.wait_for(streams[0].read(), 5) == b""
    except ConnectionError:
        return True


@pytest.mark.parametrize("of_one_address", [2, None])
async def test_there_are_no_more_connections_than_may_be(of_one_address: int | None):
    async with serving(Bounds(2 if of_one_address is None else 9, of_one_address)) as connect:
        with capture_logs() as logs:
            one, other = await connect(), await connect()
            assert b"here" in await answer(one, GET)
            assert b"here" in await answer(other, GET)
            assert await closed(await connect())
            assert await closed(await connect())
            assert [line["event"] for line in logs] == ["connections are refused"]
        one[1].close()
        await until(partial(admitted, connect), timeout=5, what="room for another one")


async def admitted(connect: Callable[[], asyncio.Task[Streams]]) -> bool:
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        return b"here" in await answer(await connect(), GET)
    return False


@pytest.mark.parametrize("path", ["large", "just-too-much", "endless"])
async def test_an_answer_that_is_not_read_is_not_waited_for(path: str):
    async with serving(Bounds(1, None, idle_seconds=0.3, answer_seconds=0.3)) as connect:
        (await connect())[1].write(f"GET /{path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        await until(partial(admitted, connect), timeout=5, what="room for another one")


class Peer(asyncio.Transport):
    def abort(self) -> None:
        """It is one too many."""


async def test_the_addresses_of_one_network_have_no_more_than_one():
    places = Places(Bounds(9, 2))
    peers = [Peer({"peername": (f"2001:db8::{n}", 443, 0, 0)}) for n in range(1, 4)]
    assert [places.take(peer) for peer in peers] == ["2001:db8::/64", "2001:db8::/64", None]
    assert places.take(Peer({"peername": ("2001:db8:0:1::1", 443, 0, 0)})) == "2001:db8:0:1::/64"


@pytest.mark.parametrize(
    "sent", [b"", b"GET /x HTTP/1.1\r\n", GET + b"GET /x HT"], ids=["nothing", "half", "half more"]
)
async def test_a_head_that_does_not_come_is_not_waited_for(sent: bytes):
    async with serving(Bounds(9, None, head_seconds=0.2, idle_seconds=30)) as connect:
        streams = await connect()
        if sent.startswith(GET):
            assert b"here" in await answer(streams, GET)
            sent = sent.removeprefix(GET)
        streams[1].write(sent)
        assert await closed(streams)


async def test_a_connection_that_rests_is_kept_longer_than_a_head_is_waited_for_and_then_closed():
    async with serving(Bounds(9, None, head_seconds=0.05, idle_seconds=0.5)) as connect:
        streams = await connect()
        began = asyncio.get_running_loop().time()
        assert b"here" in await answer(streams, GET)
        assert await closed(streams)
        assert asyncio.get_running_loop().time() - began > 0.4


FOREIGN: dict[str, tuple[bytes, int]] = {
    "no HTTP": (MARK.encode() + b" \x16\x03\x01\x02\r\n\r\n", 400),
    "a bad request line": (b"GET /" + MARK.encode() + b" and more HTTP/1.1\r\n\r\n", 400),
    "a bad version": (b"GET / HTTP/" + MARK.encode() + b"\r\n\r\n", 400),
    "a bad header": (b"GET /x HTTP/1.1\r\nHost: x\r\n" + MARK.encode() + b"\r\n\r\n", 400),
    "a header too long": (b"GET /x HTTP/1.1\r\nHost: x\r\nA: " + MARK.encode() * 999 + b"\r\n\r\n", 400),
    "two lengths": (b"POST /x HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: " + MARK.encode() + b"\r\n\r\n", 400),
    "an unknown expectation": (b"GET /x HTTP/1.1\r\nHost: x\r\nExpect: " + MARK.encode() + b"\r\n\r\n", 417),
    "another address": (b"GET /" + MARK.encode() + b" HTTP/1.1\r\nHost: x\r\n\r\n", 404),
    "another method": (b"DELETE /x?a=" + MARK.encode() + b" HTTP/1.1\r\nHost: x\r\n\r\n", 405),
}


@pytest.mark.parametrize("what", FOREIGN)
async def test_what_is_no_request_of_ours_is_a_problem_without_an_echo_and_no_error_line(
    what: str, caplog: pytest.LogCaptureFixture
):
    sent, status = FOREIGN[what]
    async with serving(Bounds(9, None)) as connect:
        with capture_logs() as logs, caplog.at_level(logging.DEBUG):
            whole = await answer(await connect(), sent)
    head, _, body = whole.partition(b"\r\n\r\n")
    assert head.splitlines()[0].endswith(f" {status} {responses[status]}".encode()), whole
    for header in (b"content-type: application/problem+json", b"cache-control: no-store", b"nosniff"):
        assert header in head.lower(), head
    assert orjson.loads(body)["status"] == status
    assert MARK.encode() not in whole
    assert [*logs, *(line for line in caplog.records if line.name.startswith("aiohttp"))] == []


UPGRADE = (
    b"Host: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n"
)
BODIES = {"none": b"\r\n", "chunked": b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"}


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("together", [False, True])
async def test_who_asks_for_another_protocol_is_answered_in_this_one_and_the_connection_serves_on(
    body: str, *, together: bool
):
    upgrade = b"GET /x HTTP/1.1\r\n" + UPGRADE + BODIES[body]
    async with serving(Bounds(9, None)) as connect:
        streams = await connect()
        for _ in range(2):
            if together:
                streams[1].write(upgrade + GET)
                assert b"here" in await answer(streams, b"")
                assert b"here" in await answer(streams, b"")
            else:
                assert b"here" in await answer(streams, upgrade)
                assert b"here" in await answer(streams, GET)


async def test_who_asks_for_another_protocol_with_a_body_of_known_length_is_told_that_the_connection_ends():
    upgrade = b"GET /x HTTP/1.1\r\n" + UPGRADE + b"Content-Length: 3\r\n\r\nabc"
    async with serving(Bounds(9, None)) as connect:
        streams = await connect()
        assert b"connection: close" in (await answer(streams, upgrade + GET)).lower()
        assert await closed(streams)


async def test_what_fails_below_the_routes_is_a_problem_and_an_error_line():
    async with serving(Bounds(9, None)) as connect:
        with capture_logs() as logs:
            whole = await answer(await connect(), b"GET /fails HTTP/1.1\r\nHost: x\r\n\r\n")
    assert whole.startswith(b"HTTP/1.1 500 ")
    assert b"application/problem+json" in whole
    assert MARK.encode() not in whole
    assert [line["log_level"] for line in logs] == ["error"]


@pytest.mark.parametrize(
    "head",
    [b"Content-Length: 4\r\nTransfer-Encoding: chunked", b"Content-Length: 4\r\nContent-Length: 5",
     b"Transfer-Encoding: chunked, identity", b"Content-Length: +4", b"Transfer-Encoding: xchunked"],
)  # fmt: skip
async def test_a_request_whose_end_is_in_doubt_is_refused(head: bytes):
    async with serving(Bounds(10, None)) as connect:
        sent = b"POST /x HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n\r\n0\r\n\r\n"
        assert (await answer(await connect(), sent)).split()[1] == b"400"


async def test_F_E18_who_asks_while_the_service_stops_is_served_and_told_to_connect_elsewhere():
    app = web.Application()
    app.router.add_get("/x", greet)
    runner = ConnectionRunner(app, Bounds(9, None), shutdown_timeout=1)
    url = await runner.listen("127.0.0.1", 0)
    port = int(url.rpartition(":")[2])
    try:
        resting, known = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        assert b"close" not in (await answer(known, GET)).lower()
        draining = asyncio.create_task(runner.drain(60))
        await asyncio.sleep(0)
        for asking in (known, await asyncio.open_connection("127.0.0.1", port)):
            asking[1].write(GET)
            answered = (await asking[0].read()).lower()
            assert b"200 ok" in answered
            assert b"connection: close" in answered
        assert not draining.done()
        resting[1].close()
        await draining
    finally:
        await runner.cleanup()


async def test_F_E18_what_has_arrived_when_a_connection_is_to_end_is_answered():
    app = web.Application()
    app.router.add_get("/x", greet)
    runner, loop = ConnectionRunner(app, Bounds(9, None), shutdown_timeout=1), asyncio.get_running_loop()
    port = int((await runner.listen("127.0.0.1", 0)).rpartition(":")[2])
    with socket() as resting, socket() as asking:
        for one in (resting, asking):
            one.setblocking(False)
            await loop.sock_connect(one, ("127.0.0.1", port))
            await loop.sock_sendall(one, GET)
            assert b"200 OK" in await loop.sock_recv(one, 500)
        assert isinstance(runner.server, Connections)
        asking.send(GET)  # nobody can have read it
        assert runner.server.part()
        assert b"200 OK" in await loop.sock_recv(asking, 500)
        assert await loop.sock_recv(resting, 500) == b""
    await runner.cleanup()


async def test_an_answer_that_has_begun_holds_no_other_one():
    async with serving(Bounds(9, None)) as connect:
        reader, writer = await connect()
        writer.write(b"GET /begins HTTP/1.1\r\nHost: x\r\n\r\n")
        got = await asyncio.wait_for(reader.read(), 5)
        assert got.endswith(b"4\r\nhalf\r\n")  # without the end that it would have were it whole
        assert got.count(b"HTTP/1.1") == 1
