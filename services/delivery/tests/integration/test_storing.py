"""What staff uploads: streamed, hashed, whole or not at all; on a disk and in a bucket."""

import asyncio
import base64
import hashlib
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from chassis.db import Database
from chassis_testing.fixtures import ServiceHome
from contracts.delivery import DownloadCompleted, FileReleased
from delivery.__main__ import service
from delivery.clients.objects import Objects
from delivery.commands import verify_all
from obstore.store import from_url

from services.delivery.tests.integration.conftest import Depot, Sale, received

MB = 2**20


def stored(depot: Depot) -> list[Path]:
    return [path for path in depot.directory.rglob("*") if path.is_file()]


async def put(depot: Depot, path: str, data: Any, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    sent = {**depot.staff("files"), "Content-Type": "application/zip", **(headers or {})}
    async with depot.home.http.put(path, data=data, headers=sent) as answer:
        return answer.status, await answer.json()


async def test_the_announced_hash_is_checked_and_a_wrong_one_keeps_nothing(depot: Depot):  # DEL-9
    before = stored(depot)
    sha = hashlib.sha256(b"right").hexdigest()
    status, problem = await put(depot, f"/skus/HASH/files/a.zip?sha256={sha}", b"wrong")
    assert (status, problem["type"]) == (422, "/problems/hash-differs")
    digest = base64.b64encode(bytes.fromhex(sha)).decode()
    status, _ = await put(depot, "/skus/HASH/files/a.zip", b"wrong", {"Content-Digest": f"sha-256=:{digest}:"})
    assert status == 422
    assert stored(depot) == before
    assert (await depot.get("/skus/HASH/files", depot.staff("files")))[1]["items"] == []
    status, view = await put(depot, f"/skus/HASH/files/a.zip?sha256={sha.upper()}", b"right")
    assert (status, view["items"][0]["sha256"]) == (200, sha)
    status, _ = await put(depot, "/skus/HASH/files/b.zip", b"right", {"Content-Digest": f"sha-256=:{digest}:"})
    assert status == 200


async def test_a_torn_upload_leaves_nothing(depot: Depot):
    before = stored(depot)
    host, _, port = depot.home.base_url.removeprefix("http://").partition(":")
    _, writer = await asyncio.open_connection(host, int(port))
    bearer = depot.staff("files")["Authorization"]
    head = (
        f"PUT /skus/TORN/files/a.zip HTTP/1.1\r\nHost: x\r\nAuthorization: {bearer}\r\nContent-Length: 20000000\r\n\r\n"
    )
    writer.write(head.encode() + os.urandom(9 * MB))
    await writer.drain()
    await asyncio.sleep(0.3)
    assert len(stored(depot)) > len(before)
    writer.transport.abort()
    for _ in range(100):
        if stored(depot) == before:
            break
        await asyncio.sleep(0.05)
    assert stored(depot) == before
    assert (await depot.get("/skus/TORN/files", depot.staff("files")))[1]["items"] == []


async def test_what_a_killed_process_left_is_swept(depot: Depot):
    objects = Objects(f"file://{depot.directory}")
    left, fresh = depot.directory / "incoming" / "old#1", depot.directory / "incoming" / "new#1"
    left.write_bytes(b"half")
    fresh.write_bytes(b"half")
    long_ago = time.time() - 7 * 3600
    os.utime(left, (long_ago, long_ago))
    assert await objects.sweep() == 1
    assert (left.exists(), fresh.exists()) == (False, True)
    fresh.unlink()


@pytest.mark.parametrize(
    "name",
    [
        "..%2fetc%2fpasswd",
        "a%2fb",
        "a%5cb",
        "%00",
        "a%0d%0ab",
        ".hidden",
        "trailing.",
        "%20",
        "a%E2%80%AEexe.zip",
        "4242424242424242.zip",
        "x" * 201,
    ],
)
async def test_F_D05_names_that_could_mean_a_path_or_hide_something_are_refused(depot: Depot, name: str):
    before = stored(depot)
    host, _, port = depot.home.base_url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    bearer = depot.staff("files")["Authorization"]
    writer.write(
        f"PUT /skus/BAD/files/{name} HTTP/1.1\r\nHost: x\r\nAuthorization: {bearer}\r\n"
        "Content-Length: 1\r\nConnection: close\r\n\r\nx".encode()
    )
    answer = await reader.read()
    writer.close()
    assert answer.split(b" ")[1] in (b"422", b"404"), answer
    assert stored(depot) == before
    assert (await depot.get("/skus/BAD/files", depot.staff("files")))[1]["items"] == []


async def test_bad_uploads_are_refused_and_keep_nothing(depot: Depot):
    before = stored(depot)
    assert (await put(depot, "/skus/BAD/files/a.zip", b""))[0] == 422
    assert (await put(depot, "/skus/BAD/files/a.zip", b"x", {"Content-Type": "nonsense"}))[0] == 415
    assert (await put(depot, "/skus/BAD/files/a.zip?version=../1", b"x"))[0] == 422
    assert (await put(depot, "/skus/BAD/files/a.zip?sha256=abc", b"x"))[0] == 422
    assert (await put(depot, "/skus/BAD/files/a.zip?other=1", b"x"))[0] == 400
    assert (await put(depot, "/skus/-bad/files/a.zip", b"x"))[0] == 404
    assert (await put(depot, "/skus/BAD/files/a.zip", b"x", {"Content-Digest": "md5=:AAAA:"}))[0] == 422
    for headers, status in (({}, 401), (depot.staff("support"), 403), (depot.staff("sales"), 403)):
        async with depot.home.http.put("/skus/BAD/files/a.zip", data=b"x", headers=headers) as answer:
            assert answer.status == status
    assert stored(depot) == before


async def test_the_size_limit_holds_whether_or_not_it_was_announced(service_home: ServiceHome, tmp_path: Path):
    async with service_home(service, storage_url=f"file://{tmp_path}", upload_limit_bytes=3 * MB) as harness:
        depot = Depot(harness, tmp_path)

        async def endless() -> AsyncIterator[bytes]:
            for _ in range(100):
                yield bytes(MB)

        assert (await put(depot, "/skus/BIG/files/a.zip", endless()))[0] == 413
        host, _, port = harness.base_url.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        bearer = depot.staff("files")["Authorization"]
        head = f"PUT /skus/BIG/files/a.zip HTTP/1.1\r\nHost: x\r\nAuthorization: {bearer}\r\n"
        writer.write(f"{head}Content-Length: 3145729\r\n\r\n".encode())
        assert (await reader.readline()).startswith(b"HTTP/1.1 413")
        writer.close()
        assert stored(depot) == []
        assert (await put(depot, "/skus/BIG/files/a.zip", bytes(3 * MB)))[0] == 200


async def test_verify_finds_what_was_changed_and_lets_what_is_right_be_served(depot: Depot):  # DEL-9
    data = os.urandom(1000)
    _, token, file = await depot.sold(data)
    address = await depot.press(token, file["file"])
    stored_file = depot.directory / "objects" / "kontor" / file["sha256"][:2] / file["sha256"]
    stored_file.write_bytes(data[::-1])
    objects = Objects(f"file://{depot.directory}")

    async def verified() -> tuple[int, int]:
        database = Database(depot.home.database_url, "delivery", depot.home.clock)
        await database.open()
        try:
            return await verify_all(database.begin, objects)
        finally:
            await database.close()

    sound, damaged = await verified()
    assert (sound > 0, damaged) == (True, 1)
    assert (await depot.get(address))[0] == 503
    stored_file.write_bytes(data)
    assert (await depot.get(address))[0] == 503
    assert (await verified())[1] == 0
    assert (await depot.fetch(address))[:2] == (200, data)


async def test_a_large_file_flows_through_with_flat_memory(depot: Depot):  # E5 DEL-11
    size, block = 300 * MB, os.urandom(MB)
    digest = hashlib.sha256()
    resident = psutil.Process().memory_info

    async def blocks() -> AsyncIterator[bytes]:
        for _ in range(size // MB):
            digest.update(block)
            yield block

    async def peak(stop: asyncio.Event) -> int:
        highest = 0
        while not stop.is_set():
            highest = max(highest, resident().rss)
            await asyncio.sleep(0.02)
        return highest

    before, stop = resident().rss, asyncio.Event()
    watching = asyncio.create_task(peak(stop))
    async with depot.home.http.put(
        "/skus/LARGE/files/large.iso", data=blocks(), headers=depot.staff("files")
    ) as answer:
        assert answer.status == 200
        file = (await answer.json())["items"][0]
    assert (file["size"], file["sha256"]) == (size, digest.hexdigest())
    sale = Sale(depot.home, "LARGE")
    await depot.home.publish(sale.paid())
    address = await depot.press(sale.token(await sale.granted()), file["file"])
    read, got = 0, hashlib.sha256()
    async with depot.home.http.get(address) as answer:
        async for part in answer.content.iter_chunked(2**16):
            read += len(part)
            got.update(part)
    stop.set()
    assert (read, got.hexdigest()) == (size, file["sha256"])
    assert await watching - before < 90 * MB
    await depot.done()
    assert len(await sale.published(DownloadCompleted)) == 1


async def test_files_live_in_a_bucket_as_well(bucket: Depot):  # DEL-1 E12
    data = os.urandom(9 * MB + 17)
    sale, token, file = await bucket.sold(data)
    assert file["sha256"] == hashlib.sha256(data).hexdigest()
    address = await bucket.press(token, file["file"])
    got = await bucket.read_some(address, 0, 3 * MB, file["sha256"])
    await bucket.idle()
    status, rest, _ = await bucket.fetch(address, Range=f"bytes={len(got)}-")
    assert (status, got + rest == data) == (206, True)
    await bucket.done()
    assert len(await sale.published(DownloadCompleted)) == 1
    await bucket.upload(sale.sku, data)
    await bucket.home.settled()
    assert len(await bucket.home.published(FileReleased)) == 1
    status, _ = await put(bucket, "/skus/HASH/files/a.zip?sha256=" + "0" * 64, os.urandom(12 * MB))
    assert status == 422
    listed = from_url("s3://goods/kontor", secret_access_key="another").list()  # pyright: ignore[reportUnknownMemberType] -- the stub names pyarrow
    paths = [one["path"] async for batch in listed for one in batch]
    assert paths == [f"objects/kontor/{file['sha256'][:2]}/{file['sha256']}"]


async def test_uploads_of_the_same_bytes_to_a_bucket_know_one_tag(bucket: Depot):
    objects, data = Objects("s3://goods/kontor", "a secret of the store"), os.urandom(9 * MB)
    first, second = await received(objects, data), await received(objects, data)
    kept = [await objects.keep("kontor", first), await objects.keep("kontor", second)]
    assert kept[0] == kept[1]
    many = [await received(objects, data[:MB]) for _ in range(4)]
    kept = await asyncio.gather(*(objects.keep("kontor", one) for one in many))
    assert len(set(kept)) == 1
    assert await objects.sound("kontor", kept[0])
    listed = from_url("s3://goods/kontor", secret_access_key="another").list("incoming")  # pyright: ignore[reportUnknownMemberType] -- the stub names pyarrow
    assert [one["path"] async for batch in listed for one in batch] == []
