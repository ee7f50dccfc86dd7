"""A service's program against a broker with rights, and what others publish there."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
from aiokafka import AIOKafkaProducer
from contracts.event import Event
from contracts.wire import encode, headers
from uuid_utils.compat import uuid7


@dataclass(slots=True)
class Served:
    """A service's program, with the environment by which it connects to the broker."""

    environment: dict[str, str]
    log: Path
    package: str = "licensing"

    async def output(self, *words: str) -> list[str]:
        """Run a command; return the lines that it prints."""
        process = await self._start(*words, piped=True)
        out, _ = await process.communicate()
        assert process.returncode == 0, self.log.read_text()
        return out.decode().splitlines()

    @asynccontextmanager
    async def serving(self) -> AsyncGenerator[None]:
        """Run the service until the block ends."""
        process = await self._start("serve")
        try:
            yield
            assert process.returncode is None, self.log.read_text()
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()

    async def state(self) -> str:
        """Return what `/readyz` answers: 'ready', or why not."""
        try:
            async with aiohttp.request("GET", f"http://127.0.0.1:{self.environment['ADMIN_PORT']}/readyz") as answer:
                return "ready" if answer.status == 200 else await answer.text()
        except aiohttp.ClientError:
            return "not there"

    async def tenants(self) -> list[str]:
        """Return which tenants the service knows."""
        connection = await asyncpg.connect(self.environment["DATABASE_URL"])
        try:
            return [row["id"] for row in await connection.fetch("select id from chassis.tenants")]
        finally:
            await connection.close()

    async def ready(self) -> bool:
        """Return whether it is ready."""
        return await self.state() == "ready"

    async def _start(self, *words: str, piped: bool = False) -> asyncio.subprocess.Process:
        program = (sys.executable, "-m", self.package, *words)
        with self.log.open("ab") as log:
            out = asyncio.subprocess.PIPE if piped else log
            return await asyncio.create_subprocess_exec(*program, env=self.environment, stdout=out, stderr=log)


@asynccontextmanager
async def connected(brokers: Any) -> AsyncGenerator[Any]:
    """Connect a producer until the block ends."""
    producer: Any = AIOKafkaProducer(**brokers.options, enable_idempotence=True)
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def publish(producer: Any, event: Event) -> None:
    """Publish an event as its service does."""
    declared, now = event.DECLARED, datetime.now(UTC)
    named = headers(event, id=uuid7(), source=declared.published_by, time=now)
    await producer.send_and_wait(declared.topic, key=event.record_key.encode(), value=encode(event), headers=named)
