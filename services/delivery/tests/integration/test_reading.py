"""A disk that is slow and a bucket that fails hurt nobody but the reader, who goes on later."""

import os
import socket
import threading
from pathlib import Path

import obstore
import pytest
from contracts.delivery import DownloadCompleted
from delivery.clients.peers import LocalSource, in_memory
from obstore.store import from_url

from services.delivery.tests.integration.conftest import Depot

MB = 2**20


async def test_F_D14_a_file_that_is_not_in_memory_is_read_beside_the_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    data, sendfile, pread = os.urandom(MB), os.sendfile, os.pread
    with (tmp_path / "file").open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    source = LocalSource(os.open(tmp_path / "file", os.O_RDONLY))
    os.posix_fadvise(source.file, 0, 0, os.POSIX_FADV_RANDOM)
    for _ in range(100):
        os.posix_fadvise(source.file, 0, 0, os.POSIX_FADV_DONTNEED)
        if not in_memory(source.file, 0, MB):
            break
    else:
        pytest.skip("this file system keeps every file in memory")
    found: list[bool] = []
    threads: list[threading.Thread] = []

    def watched(plug: int, file: int, at: int, count: int) -> int:
        found.append(in_memory(file, at, at + count))
        return sendfile(plug, file, at, count)

    def read(file: int, count: int, at: int) -> bytes:
        threads.append(threading.current_thread())
        return pread(file, count, at)

    monkeypatch.setattr(os, "sendfile", watched)
    monkeypatch.setattr(os, "pread", read)
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    got = b""
    while len(got) < MB:
        given = await source.give(ours.fileno(), len(got), MB)
        assert given
        got += theirs.recv(given, socket.MSG_WAITALL)
    source.close()
    ours.close()
    theirs.close()
    assert got == data
    assert found
    assert all(found)
    assert threads
    assert threading.current_thread() not in threads


async def failures(depot: Depot) -> list[str]:
    """How many downloads have ended as an error of ours, as the metrics count them."""
    _, text = await depot.get(f"{depot.home.admin_url}/metrics")
    counted = 'kontor_http_request_duration_seconds_count{method="GET",route="/t/{secret}",status="500"}'
    return [line for line in text.splitlines() if line.startswith(counted)]


async def test_a_bucket_that_fails_cuts_a_transfer_which_goes_on_when_it_is_back(bucket: Depot):  # DEL-6
    data = os.urandom(16 * MB)
    sale, token, file = await bucket.sold(data)
    address, before = await bucket.press(token, file["file"]), await failures(bucket)
    store = from_url("s3://goods/kontor", secret_access_key="another")
    path = f"objects/kontor/{file['sha256'][:2]}/{file['sha256']}"
    async with bucket.raw(address) as (reader, _):
        await reader.readuntil(b"\r\n\r\n")
        got = await reader.readexactly(MB)
        await obstore.put_async(store, path, b"short")  # so that each further piece is answered by an error
        try:
            while piece := await reader.read(2**16):
                got += piece
        except ConnectionResetError:
            pass
    assert len(got) < len(data)
    await bucket.idle()
    assert await failures(bucket) == before
    assert (await bucket.get(address))[0] == 503
    await bucket.upload("REPAIR", data)
    status, rest, _ = await bucket.fetch(address, Range=f"bytes={len(got)}-")
    assert (status, got + rest == data) == (206, True)
    await bucket.done()
    assert len(await sale.published(DownloadCompleted)) == 1
