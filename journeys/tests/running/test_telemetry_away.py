"""Telemetry is a guest: where it cannot be delivered, nobody waits for it."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import aiohttp
from journeys.seller import Shop
from journeys.suite import until
from stack import programs
from stack.ports import pick
from stack.services import SERVICES

EXPORT_SECONDS = 3  # how long an export may take before it is given up
REQUESTS = 40


@asynccontextmanager
async def collector_that_hangs() -> AsyncGenerator[tuple[str, list[bytes]]]:
    """A collector that takes connections and what is sent over them, and never answers."""
    taken: list[bytes] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        del writer
        while data := await reader.read(65_536):
            taken.append(data)

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    try:
        yield f"http://{host}:{port}", taken
    finally:
        server.close()


@asynccontextmanager
async def replica(shop: Shop, collector: str) -> AsyncGenerator[str]:
    """A second replica of catalog that is to send its spans to the collector; its address."""
    state = shop.suite.state
    ports = pick(("HTTP_PORT", "ADMIN_PORT"), {})
    service = next(service for service in SERVICES if service.name == "catalog")
    environment = programs.service_environment(service, state) | {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector,
        **{name: str(port) for name, port in ports.items()},
    }
    del environment["SPANS_FILE"]
    command = [*programs.PDEATHSIG, sys.executable, "-m", service.package, "serve"]
    quiet = subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, env=os.environ | environment, stdout=quiet, stderr=quiet)

    async def ready() -> bool:
        async with shop.suite.http.get(f"http://127.0.0.1:{ports['ADMIN_PORT']}/readyz") as answer:
            return answer.status == 200

    try:
        await until(ready, "the replica to be ready", 60)
        yield f"http://127.0.0.1:{ports['HTTP_PORT']}"
    finally:
        process.terminate()
        await process.wait()


async def test_F_A08_with_a_collector_that_hangs_no_request_waits_for_it(shop: Shop):
    timeout = aiohttp.ClientTimeout(total=EXPORT_SECONDS * 5)
    async with collector_that_hangs() as (collector, taken), replica(shop, collector) as url:
        began = time.monotonic()
        for _ in range(REQUESTS):
            path = f"{url}/products?channel=direct&tenant={shop.tenant}"
            async with shop.suite.http.get(path, timeout=timeout) as answer:
                assert answer.status == 200
        took = time.monotonic() - began

        async def tried() -> bool:
            return bool(taken)

        await until(tried, "spans on their way", 30)
    # were each to wait until its export is given up, it would be this much and more
    assert took < REQUESTS * EXPORT_SECONDS / 2
