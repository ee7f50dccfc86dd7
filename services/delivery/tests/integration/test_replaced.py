"""What was downloaded of a file stays as it was when the file is replaced (DEL-8 DEL-10 E15)."""

import os
from typing import Any

from contracts.delivery import DownloadCompleted, DownloadStarted

from services.delivery.tests.integration.conftest import Depot, Sale

MB = 2**20


async def proof(depot: Depot, sale: Sale) -> list[dict[str, Any]]:
    status, answer = await depot.get(f"/orders/{sale.order}/downloads", depot.staff("support"))
    assert status == 200
    return answer["downloads"]


async def completed(sale: Sale) -> list[tuple[str, str]]:
    return [(one.file_version, one.sha256) for one in await sale.published(DownloadCompleted)]


async def test_a_complete_download_stays_what_it_was_and_the_new_file_is_another(depot: Depot):
    sale, token, file = await depot.sold(b"old")
    address = await depot.press(token, file["file"])
    assert (await depot.fetch(address))[1] == b"old"
    await depot.done()
    before = await proof(depot, sale)
    new = (await depot.upload(sale.sku, b"new contents", version="2"))["items"][0]
    assert (await depot.get(address))[1]["type"] == "/problems/download-done"
    assert await proof(depot, sale) == before
    assert (await depot.fetch(await depot.press(token, file["file"])))[1] == b"new contents"
    await depot.done()
    assert await completed(sale) == [("1", file["sha256"]), ("2", new["sha256"])]
    assert (await proof(depot, sale))[0] == before[0]


async def test_the_same_contents_under_a_new_version_change_nothing_that_was_downloaded(depot: Depot):
    sale, token, file = await depot.sold(b"contents")
    address = await depot.press(token, file["file"])
    await depot.fetch(address)
    await depot.done()
    await depot.upload(sale.sku, b"contents", version="2")
    assert (await depot.fetch(address))[0] == 200
    await depot.done()
    assert [entry["file_version"] for entry in await proof(depot, sale)] == ["1"]


async def test_an_attempt_stays_what_it_was_and_its_address_goes_on_with_the_new_file(depot: Depot):
    sale, token, file = await depot.sold(os.urandom(2 * MB))
    address = await depot.press(token, file["file"])
    await depot.fetch(address, Range="bytes=0-99")
    await depot.idle()
    new = (await depot.upload(sale.sku, b"new", version="2"))["items"][0]
    assert (await depot.fetch(address))[:2] == (200, b"new")
    await depot.done()
    facts = [(one["file_version"], one["bytes_arrived"], one["size"]) for one in await proof(depot, sale)]
    assert facts == [("1", 100, 2 * MB), ("2", 3, 3)]
    assert await completed(sale) == [("2", new["sha256"])]
    assert len({one.session for one in await sale.published(DownloadStarted)}) == 2


async def test_a_connection_that_began_before_the_file_was_replaced_completes_what_it_began(depot: Depot):
    size = 8 * MB
    sale, token, file = await depot.sold(os.urandom(size))
    address = await depot.press(token, file["file"])
    async with depot.raw(address) as (reader, _):
        await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(MB)
        new = (await depot.upload(sale.sku, b"new", version="2"))["items"][0]
        assert (await depot.fetch(address))[:2] == (200, b"new")
        await reader.readexactly(size - MB)
    await depot.done()
    assert sorted(await completed(sale)) == [("1", file["sha256"]), ("2", new["sha256"])]
