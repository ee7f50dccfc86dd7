"""Sends messages to a server and takes what it hands on: `python -m benchmarks.relay.client PLAN` prints figures.

The plan names the ports of the server, whose connections are spread over them, where the next server is that it hands
on to (which is played here), and the messages to send.
"""

import asyncio
import json
import resource
import statistics
import sys
import time
from asyncio import StreamReader, StreamWriter
from itertools import cycle
from pathlib import Path
from typing import Any

CLIENTS = 10
PATIENCE = 120.0


class Sink:
    """The next server: counts what it takes."""

    def __init__(self) -> None:
        self.count = 0
        self.arrived = asyncio.Event()

    async def talk(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Take messages until the client leaves."""
        writer.write(b"220 sink\r\n")
        while line := await reader.readline():
            if line.upper().startswith(b"DATA"):
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
                self.count += 1
                self.arrived.set()
            writer.write(b"250 OK\r\n")
        writer.close()

    async def reached(self, count: int) -> None:
        """Wait until so many messages have come."""
        async with asyncio.timeout(PATIENCE):
            while self.count < count:
                self.arrived.clear()
                await self.arrived.wait()


class Client:
    """One connection to the server."""

    def __init__(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def connect(cls, port: int) -> "Client":
        """Connect and greet."""
        client = cls(*await asyncio.open_connection("127.0.0.1", port))
        await client.answer(b"220")
        await client.command(b"EHLO client.example\r\n")
        return client

    async def answer(self, code: bytes = b"250") -> None:
        """Wait for an answer. Raises RuntimeError if it is another."""
        while (line := await self.reader.readline())[3:4] == b"-":
            pass
        if not line.startswith(code):
            raise RuntimeError(line.decode())

    async def command(self, words: bytes, code: bytes = b"250") -> None:
        """Say something and wait for the answer."""
        self.writer.write(words)
        await self.answer(code)

    async def send(self, sender: str, to: str, content: bytes) -> float:
        """Send a message; return how many seconds it took to be taken."""
        started = time.perf_counter()
        await self.command(b"MAIL FROM:<%s>\r\n" % sender.encode())
        await self.command(b"RCPT TO:<%s>\r\n" % to.encode())
        await self.command(b"DATA\r\n", b"354")
        await self.command(content + b"\r\n.\r\n")
        return time.perf_counter() - started


def message(sender: str, to: str, number: int, size: int) -> bytes:
    """A message as people write it."""
    id_ = f"<{number}.{time.time_ns()}@buyer.example>"
    head = f"From: {sender}\r\nTo: {to}\r\nSubject: Frage {number}\r\nMessage-ID: {id_}\r\n"
    head += "Date: Sun, 29 Nov 2026 09:00:00 +0100\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
    lines = "Das Programm startet, aber es druckt nicht, was ich sehe.\r\n" * (size // 60)
    return f"{head}\r\nGuten Tag,\r\n{lines}\r\nErika".encode()


async def run(plan: dict[str, Any]) -> dict[str, float]:
    """Do what a plan names."""
    sink = Sink()
    server = await asyncio.start_server(sink.talk, "127.0.0.1", plan["sink"], limit=2**25)
    ports = cycle(plan["ports"])
    slow = [await Client.connect(next(ports)) for _ in range(plan.get("slow", 0))]
    dripping = [asyncio.create_task(_drip(one, plan)) for one in slow]
    took: list[float] = []
    pairs: list[tuple[str, str]] = [tuple(pair) for pair in plan["pairs"]]
    started = time.perf_counter()

    async def send(start: int) -> None:
        client = await Client.connect(next(ports))
        for number in range(start, plan["messages"], CLIENTS):
            sender, to = pairs[number % len(pairs)]
            took.append(await client.send(sender, to, message(sender, to, number, plan["size"])))
        client.writer.close()

    await asyncio.gather(*(send(start) for start in range(min(CLIENTS, plan["messages"]))))
    await sink.reached(plan["messages"])
    seconds = time.perf_counter() - started
    for task in dripping:
        task.cancel()
    server.close()
    cpu = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    return {"messages": plan["messages"] / seconds, "p50_ms": statistics.median(took) * 1e3, "cpu": cpu}


async def _drip(client: Client, plan: dict[str, Any]) -> None:
    sender, to = plan["pairs"][0]
    await client.command(b"MAIL FROM:<%s>\r\n" % sender.encode())
    await client.command(b"RCPT TO:<%s>\r\n" % to.encode())
    await client.command(b"DATA\r\n", b"354")
    while True:
        client.writer.write(b"x\r\n")
        await asyncio.sleep(0.1)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(json.loads(Path(sys.argv[1]).read_text())))))
