"""A wire between a service and a server, which a test can stall, slow down and cut."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(slots=True)
class Wire:
    """A TCP port that passes everything on to a server, until it is told otherwise.

    `delay` is what each piece takes, in seconds; `left` is how many bytes of answers still come before all is cut.
    """

    upstream: Callable[[], Any]
    port: int = 0
    delay: float = 0.0
    left: int | None = None
    stalled: asyncio.Event = field(default_factory=asyncio.Event)
    answering: asyncio.Event = field(default_factory=asyncio.Event)
    writers: list[asyncio.StreamWriter] = field(default_factory=list[asyncio.StreamWriter])
    server: asyncio.Server | None = None

    async def listen(self) -> None:
        self.stalled.set()
        self.answering.set()
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    def stall(self) -> None:
        """Let nothing through, yet keep every connection."""
        self.stalled.clear()

    def lose_answers(self) -> None:
        """Let requests through, and keep the answers back."""
        self.answering.clear()

    def go_on(self) -> None:
        self.stalled.set()
        self.answering.set()

    def hang_up(self) -> None:
        """Cut all connections and take no more."""
        if self.server is not None:
            self.server.close()
        for writer in self.writers:
            writer.transport.abort()
        self.writers.clear()
        self.go_on()

    def cut(self) -> None:
        """Break every connection, and take new ones."""
        writers, self.writers = self.writers, []
        for writer in writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await self.upstream()
        self.writers += [writer, back]
        await asyncio.gather(self._pass(reader, back), self._pass(there, writer, answers=True))

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, answers: bool = False) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65_536):
                await self.stalled.wait()
                if answers:
                    await self.answering.wait()
                if self.delay:
                    await asyncio.sleep(self.delay)
                if answers and self.left is not None:
                    data = data[: self.left]
                    self.left -= len(data)
                target.write(data)
                await target.drain()
                if self.left == 0:
                    self.left = None
                    self.cut()
        target.close()


def wire_to(address: str) -> Wire:
    """Return a wire to a server that listens on host:port."""
    host, _, port = address.partition(",")[0].rpartition(":")

    async def connect() -> Any:
        return await asyncio.open_connection(host, int(port))

    return Wire(connect)


def wire_to_postgres(url: str) -> tuple[Wire, Callable[[], str]]:
    """Return a wire to the server of a database URL, and the URL through the wire."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    host = query.get("host", [parts.hostname or ""])[0]
    port = int(query.get("port", [str(parts.port or 5432)])[0])

    async def connect() -> Any:
        if host.startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(host, port)

    wire = Wire(connect)
    return wire, lambda: f"postgresql://{parts.username}:{parts.password}@127.0.0.1:{wire.port}{parts.path}"


@asynccontextmanager
async def renamed(kafka: str, name: bytes) -> AsyncGenerator[str]:
    """Give the address of a Kafka whose broker calls itself by this name, of 9 letters as 127.0.0.1 and localhost."""
    host, _, port = kafka.rpartition(":")

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while part := await reader.read(1 << 16):
            writer.write(part.replace(b"127.0.0.1", name).replace(b"localhost", name))
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(host, int(port))
        await asyncio.gather(pass_on(reader, back), pass_on(there, writer), return_exceptions=True)

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
