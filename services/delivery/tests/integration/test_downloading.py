"""Real files over real sockets: cut, resumed, fetched in pieces, replaced meanwhile."""

import asyncio
import hashlib
import os
import random

import pytest
from contracts.delivery import DownloadCompleted, DownloadStarted

from services.delivery.tests.integration.conftest import Depot

MB = 2**20


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


async def test_a_download_cut_at_forty_per_cent_and_resumed_is_one_download(depot: Depot):  # DEL-5 DEL-6 E28
    data = os.urandom(8 * MB)
    sale, token, file = await depot.sold(data)
    address = await depot.press(token, file["file"])
    part = await depot.read_some(address, 0, len(data) * 4 // 10, file["sha256"])
    await depot.idle()
    assert len(await sale.published(DownloadStarted)) == 1
    assert (await depot.session(address))["completed_at"] is None
    status, rest, answer = await depot.fetch(
        address, Range=f"bytes={len(part)}-", **{"If-Range": f'"{file["sha256"]}"'}
    )
    assert status == 206
    assert answer.headers["Content-Range"] == f"bytes {len(part)}-{len(data) - 1}/{len(data)}"
    assert sha(part + rest) == file["sha256"]
    await depot.done()
    (completed,) = await sale.published(DownloadCompleted)
    assert completed.sha256 == file["sha256"]
    assert len(await sale.published(DownloadStarted)) == 1
    session = await depot.session(address)
    assert (session["requests"], session["aborts"], session["bytes_arrived"]) == (2, 1, len(data))


async def test_F_D11_twenty_random_cuts_give_the_same_hash_and_one_download(depot: Depot):  # DEL-6
    rng = random.Random(7)
    data = os.urandom(6 * MB)
    sale, token, file = await depot.sold(data)
    address = await depot.press(token, file["file"])
    got = b""
    for _ in range(20):
        piece = rng.randint(0, min(len(data) - len(got) - 1, len(data) // 18))
        got += await depot.read_some(address, len(got), piece, file["sha256"])
    status, rest, _ = await depot.fetch(address, Range=f"bytes={len(got)}-")
    assert status == 206
    assert sha(got + rest) == file["sha256"]
    await depot.done()
    assert len(await sale.published(DownloadCompleted)) == 1
    assert (await depot.session(address))["requests"] == 21


async def test_a_reader_who_takes_the_headers_and_never_reads_is_an_attempt(depot: Depot):  # E28
    # Small enough for the sender's kernel to take it all at once: handed over is not arrived.
    sale, token, file = await depot.sold(os.urandom(600_000))
    address = await depot.press(token, file["file"])
    async with depot.raw(address) as (reader, _):
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
        await asyncio.sleep(1.2)
    await depot.done()
    assert len(await sale.published(DownloadStarted)) == 1
    assert await sale.published(DownloadCompleted) == []
    status, attempts = await depot.get("/attempts", depot.staff("support"))
    session = await depot.session(address)
    (mine,) = [one for one in attempts["items"] if one["session"] == str(session["id"])]
    assert status == 200
    assert 0 <= mine["bytes_arrived"] < mine["size"]
    assert mine["aborts"] == 1
    _, downloads = await depot.get("/downloads?limit=500", depot.staff("sales"))
    assert str(session["id"]) not in [row["SessionId"] for row in downloads["items"]]


async def test_a_complete_download_may_be_fetched_once_more_and_counts_once(depot: Depot):
    data = os.urandom(MB)
    sale, token, file = await depot.sold(data)
    address = await depot.press(token, file["file"])
    for _ in range(2):
        assert (await depot.fetch(address))[:2] == (200, data)
        await depot.done()
    status, problem = await depot.get(address)
    assert (status, problem["type"]) == (410, "/problems/download-done")
    assert len(await sale.published(DownloadCompleted)) == 1


async def test_all_but_the_last_percent_is_not_a_download(depot: Depot):  # DEL-5
    data = os.urandom(12 * MB)
    sale, token, file = await depot.sold(data)
    address = await depot.press(token, file["file"])
    status, body, _ = await depot.fetch(address, Range=f"bytes=0-{len(data) * 99 // 100}")
    assert (status, len(body)) == (206, len(data) * 99 // 100 + 1)
    await depot.done()
    assert await sale.published(DownloadCompleted) == []
    assert (await depot.session(address))["bytes_arrived"] == len(body)


async def test_F_D13_a_hundred_and_fifty_ranges_over_parallel_connections_are_one_download(depot: Depot):  # DEL-5
    data = os.urandom(3 * MB)
    sale, token, file = await depot.sold(data)
    address = await depot.press(token, file["file"])
    step = len(data) // 150
    starts = [i * step for i in range(150)]
    random.Random(3).shuffle(starts)
    pieces: dict[int, bytes] = {}

    async def reader() -> None:
        while starts:
            first = starts.pop()
            last = len(data) - 1 if first == 149 * step else first + step - 1
            status, pieces[first], _ = await depot.fetch(address, Range=f"bytes={first}-{last}")
            assert status == 206

    await asyncio.gather(*(reader() for _ in range(4)))
    assert b"".join(pieces[first] for first in sorted(pieces)) == data
    await depot.done()
    assert len(await sale.published(DownloadCompleted)) == 1
    assert len(await sale.published(DownloadStarted)) == 1


@pytest.mark.parametrize("downloads", [1, 20])
async def test_F_D13_connections_of_a_link_are_limited_and_others_unhurt(depot: Depot, downloads: int):
    _, token, file = await depot.sold(os.urandom(24 * MB), changes={"download_limit": downloads})
    addresses = [await depot.begin(token, file["file"]) for _ in range(downloads)]
    _, other_token, other = await depot.sold(b"another")
    other_address = await depot.press(other_token, other["file"])

    all_answered = asyncio.Barrier(21)

    async def accelerator(address: str) -> bytes:
        async with depot.raw(address) as (reader, _):
            head = await reader.readuntil(b"\r\n\r\n")
            await all_answered.wait()
            return head[:12]

    async def somebody_else() -> int:
        await asyncio.sleep(0.7)
        status = (await depot.fetch(other_address))[0]
        await all_answered.wait()
        return status

    *heads, status = await asyncio.gather(
        *(accelerator(addresses[number % downloads]) for number in range(20)), somebody_else()
    )
    assert status == 200
    assert heads.count(b"HTTP/1.1 200") == 8
    assert heads.count(b"HTTP/1.1 429") == 12
    await depot.idle()


async def test_F_D15_head_answers_everything_and_counts_nothing(depot: Depot):
    sale, token, file = await depot.sold(b"contents")
    address = await depot.press(token, file["file"])
    async with depot.home.http.head(address) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Length"] == "8"
        assert answer.headers["ETag"] == f'"{file["sha256"]}"'
        assert answer.headers["Accept-Ranges"] == "bytes"
    await depot.done()
    assert await sale.published(DownloadStarted) == []
    assert (await depot.session(address))["requests"] == 0


async def test_F_D10_a_stale_tag_gets_the_whole_new_file_and_never_mixed_bytes(depot: Depot):  # E15
    old, new = os.urandom(2 * MB), os.urandom(MB)
    sale, token, file = await depot.sold(old)
    address = await depot.press(token, file["file"])
    await depot.read_some(address, 0, MB, file["sha256"])
    await depot.idle()
    replaced = (await depot.upload(sale.sku, new, version="2"))["items"][0]
    assert replaced["file"] == file["file"]
    stale = {"Range": f"bytes={MB}-", "If-Range": f'"{file["sha256"]}"'}
    status, body, answer = await depot.fetch(address, **stale)
    assert (status, body) == (200, new), body[:500]
    assert answer.headers["ETag"] == f'"{sha(new)}"'
    await depot.done()
    (completed,) = await sale.published(DownloadCompleted)
    assert (completed.sha256, completed.file_version) == (sha(new), "2")


async def test_F_D10_a_range_without_a_tag_is_not_trusted_after_the_file_was_replaced(depot: Depot):
    old, new = os.urandom(2 * MB), os.urandom(3 * MB)
    sale, token, file = await depot.sold(old)
    address = await depot.press(token, file["file"])
    await depot.read_some(address, 0, MB, file["sha256"])
    await depot.idle()
    await depot.upload(sale.sku, new, version="2")
    status, body, _ = await depot.fetch(address, Range=f"bytes={MB}-")
    assert (status, body) == (200, new)


async def test_who_resumes_a_whole_file_is_refused_and_uses_no_download(depot: Depot):  # DEL-4 DEL-6
    data = os.urandom(MB)
    sale, token, file = await depot.sold(data, changes={"download_limit": 2})
    address = await depot.press(token, file["file"])
    assert (await depot.fetch(address))[:2] == (200, data)
    await depot.done()
    for _ in range(4):
        assert (await depot.fetch(address, Range=f"bytes={MB}-"))[0] == 416
    await depot.done()
    assert len(await sale.published(DownloadStarted)) == len(await sale.published(DownloadCompleted)) == 1
    assert (await depot.fetch(await depot.press(token, file["file"])))[:2] == (200, data)
    assert (await depot.get(f"/d/{token}"))[0] == 410


async def test_ranges_beyond_the_file_are_refused_and_odd_ones_get_it_whole(depot: Depot):
    _, token, file = await depot.sold(b"0123456789")
    address = await depot.press(token, file["file"])
    status, _, answer = await depot.fetch(address, Range="bytes=10-")
    assert (status, answer.headers["Content-Range"]) == (416, "bytes */10")
    assert (await depot.fetch(address, Range="bytes=-3"))[:2] == (206, b"789")
    assert (await depot.fetch(address, Range="bytes=0-1,4-5"))[:2] == (200, b"0123456789")
