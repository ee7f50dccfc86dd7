"""Downloads from a service that speaks TLS itself are proven as those in clear are."""

import os
import ssl
from pathlib import Path

import aiohttp
from chassis_testing.fixtures import ServiceHome
from delivery.__main__ import service

from services.delivery.tests.integration.conftest import Depot
from services.delivery.tests.unit.test_tls_peers import certificate


async def test_a_download_over_own_tls_is_acknowledged_by_its_reader(  # DEL-5 DEL-8 E28
    service_home: ServiceHome, tmp_path: Path
):
    certificate(tmp_path)
    trusting = ssl.create_default_context(cafile=tmp_path / "both.pem")
    trusting.check_hostname = False
    settings = {"storage_url": f"file://{tmp_path}", "http_cert_file": tmp_path / "both.pem"}
    async with service_home(service, **settings) as home:
        connector = aiohttp.TCPConnector(ssl=trusting)
        async with aiohttp.ClientSession(home.base_url, connector=connector) as home.http:
            depot, data = Depot(home, tmp_path), os.urandom(3 * 2**20 + 1)
            sale, token, file = await depot.sold(data)
            address = await depot.press(token, file["file"])
            assert (await depot.fetch(address, Range="bytes=0-99"))[1] == data[:100]
            assert (await depot.fetch(address, Range="bytes=100-"))[1] == data[100:]
            await depot.idle()
            _, view = await depot.get(f"/orders/{sale.order}/downloads", depot.staff("support"))
    (download,) = view["downloads"]
    assert (download["bytes_arrived"], download["aborts"], download["proof"]) == (len(data), 0, "acknowledged")
    assert download["completed_at"] is not None
