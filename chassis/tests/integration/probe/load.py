"""Clients that repeat their requests, whatever happens to the probe."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import aiohttp
from chassis_testing import Harness

AGAIN = {409, 503}


@dataclass(slots=True)
class Load:
    """Several clients, each writing one note after the other, and again under the same key where it got no answer."""

    home: Harness
    url: str
    clients: int = 4
    pause: float = 0.05
    written: dict[UUID, list[UUID]] = field(default_factory=dict[UUID, list[UUID]])
    statuses: list[int] = field(default_factory=list[int])
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def client(self, host: UUID) -> None:
        """Write notes about a host until told to stop; the last one is not given up."""
        notes = self.written[host]
        token = self.home.accounts.token(host, "customer")
        while not self.stopping.is_set():
            headers = self.home.bearer(token, **{"Idempotency-Key": uuid4().hex})
            note = None
            while note is None:
                note = await self._write(host, headers)
                await asyncio.sleep(self.pause)
            notes.append(note)

    async def _write(self, host: UUID, headers: dict[str, str]) -> UUID | None:
        body = {"host": str(host), "text": "a note"}
        try:
            async with self.home.http.post(f"{self.url}/notes", json=body, headers=headers) as answer:
                self.statuses.append(answer.status)
                if answer.status == 201:
                    return UUID((await answer.json())["id"])
                assert answer.status in AGAIN, await answer.text()
        except (aiohttp.ClientError, TimeoutError):
            self.statuses.append(0)
        return None


@asynccontextmanager
async def load(home: Harness, url: str, clients: int = 4) -> AsyncGenerator[Load]:
    """Let clients work; all they were promised is in `written` at the end."""
    crowd = Load(home, url, clients)
    hosts = [uuid4() for _ in range(clients)]
    crowd.written.update({host: [] for host in hosts})
    tasks = [asyncio.create_task(crowd.client(host)) for host in hosts]
    try:
        yield crowd
    finally:
        crowd.stopping.set()
        _, late = await asyncio.wait(tasks, timeout=30)
        for task in late:
            task.cancel()
        assert not late, "a client is still not answered"
        await asyncio.gather(*tasks)
