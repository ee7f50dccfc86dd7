"""Many readers who hardly read cost little and hurt nobody."""

import asyncio
import os
import socket
import time
from pathlib import Path
from uuid import UUID

import psutil
from chassis_testing.fixtures import ServiceHome
from delivery.__main__ import service

from services.delivery.tests.integration.conftest import Depot

READERS, WARM = 200, 80
KILOBYTES_EACH = 20


async def test_F_D14_many_slow_readers_cost_little_and_hurt_nobody(service_home: ServiceHome, tmp_path: Path):
    settings = {"storage_url": f"file://{tmp_path}", "connections_per_grant": READERS + 10}
    async with service_home(service, **settings) as harness:
        depot = Depot(harness, tmp_path)
        _, token, file = await depot.sold(os.urandom(16 * 2**20))
        address = await depot.press(token, file["file"])
        _, other_token, other = await depot.sold(b"another", changes={"download_limit": 50})
        host, _, port = harness.base_url.removeprefix("http://").partition(":")
        request = f"GET {address} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        loop = asyncio.get_running_loop()
        readers: list[socket.socket] = []

        async def slow_reader() -> None:
            plug = socket.socket()
            plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**14)
            plug.setblocking(False)
            readers.append(plug)
            await loop.sock_connect(plug, (host, int(port)))
            await loop.sock_sendall(plug, request)
            assert (await loop.sock_recv(plug, 12)) == b"HTTP/1.1 200"

        for _ in range(WARM):
            await slow_reader()
        before = psutil.Process().memory_info().rss
        for _ in range(READERS - WARM):
            await slow_reader()
        grown = (psutil.Process().memory_info().rss - before) / (READERS - WARM)
        probes: list[float] = []
        for _ in range(50):
            began = time.perf_counter()
            assert (await depot.fetch(await depot.press(other_token, other["file"])))[:2] == (200, b"another")
            probes.append(time.perf_counter() - began)
        (reading,) = await harness.sql(
            "select count(*) from transfers join sessions on sessions.id = transfers.session_id where file_id = $1",
            UUID(file["file"]),
        )
        assert reading["count"] == READERS
        for plug in readers:
            plug.close()
        await depot.idle()
        assert grown < KILOBYTES_EACH * 1024
        assert sorted(probes)[25] < 0.1
