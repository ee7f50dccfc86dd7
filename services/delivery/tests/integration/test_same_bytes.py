"""Uploads of the same bytes at the same time, and repairs beside downloads: what is sound stays deliverable."""

import asyncio
import hashlib
import os
import time
from pathlib import Path
from typing import Any

import pytest
from chassis.db import Database
from delivery.clients.objects import Objects
from delivery.commands import verify_all
from delivery.domain.files import Content, FileDamaged

from services.delivery.tests.integration.conftest import Depot, received

UPLOADS = 12


def path_of(directory: Path, data: bytes) -> Path:
    sha = hashlib.sha256(data).hexdigest()
    return directory / "objects" / "kontor" / sha[:2] / sha


async def damaged(depot: Depot, sha256: str) -> bool:
    rows = await depot.home.sql("select damaged_at from contents where sha256 = $1", sha256)
    return rows[0]["damaged_at"] is not None


async def test_the_first_of_two_uploads_may_be_the_last_to_record_it(depot: Depot, monkeypatch: pytest.MonkeyPatch):
    data, keep = os.urandom(5000), Objects.keep
    kept, go = asyncio.Event(), asyncio.Event()

    async def slow_keep(self: Objects, *of: Any) -> Content:
        content = await keep(self, *of)
        if not kept.is_set():
            kept.set()
            await go.wait()
        return content

    monkeypatch.setattr(Objects, "keep", slow_keep)
    first = asyncio.create_task(depot.upload("SLOW", data))
    await kept.wait()
    _, token, file = await depot.sold(data)
    go.set()
    await first
    address = await depot.press(token, file["file"])
    assert (await depot.fetch(address))[:2] == (200, data)
    assert not await damaged(depot, file["sha256"])


@pytest.mark.parametrize("before", [None, b"torn", b"x" * 5000], ids=["nothing", "torn", "changed"])
async def test_many_uploads_at_once_know_one_tag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: bytes | None):
    data, rename = os.urandom(5000), os.rename

    def slow_rename(source: Path, target: Path) -> None:
        time.sleep(0.05)  # for the others to look there meanwhile
        rename(source, target)

    monkeypatch.setattr(os, "rename", slow_rename)
    processes = [Objects(f"file://{tmp_path}") for _ in range(2)]
    path = path_of(tmp_path, data)
    if before is not None:
        path.parent.mkdir(parents=True)
        path.write_bytes(before)
    uploads = [await received(processes[0], data) for _ in range(UPLOADS)]
    kept = await asyncio.gather(*(processes[at % 2].keep("kontor", one) for at, one in enumerate(uploads)))
    assert len(set(kept)) == 1
    assert path.read_bytes() == data
    assert await processes[1].sound("kontor", kept[0])
    assert list((tmp_path / "incoming").iterdir()) == []


async def test_what_a_dead_process_left_whole_stays_and_what_cannot_be_read_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    objects, data = Objects(f"file://{tmp_path}"), os.urandom(5000)
    left = await objects.keep("kontor", await received(objects, data))
    assert await objects.keep("kontor", await received(objects, data)) == left

    async def unreadable(self: Objects, tenant: str, content: Content) -> Content | None:
        raise OSError(5, "the disk is worn")

    monkeypatch.setattr(Objects, "verified", unreadable)
    fresh = await objects.keep("kontor", await received(objects, data))
    assert fresh != left
    assert await objects.sound("kontor", fresh)


async def test_F_D19_a_download_that_saw_the_damage_leaves_the_repair_alone(
    depot: Depot, monkeypatch: pytest.MonkeyPatch
):
    data, opened = os.urandom(5000), Objects.open
    _, token, file = await depot.sold(data)
    address = await depot.press(token, file["file"])
    path_of(depot.directory, data).write_bytes(b"y" * 5000)

    async def overtaken(self: Objects, *of: Any) -> Any:
        try:
            return await opened(self, *of)
        except FileDamaged:
            await depot.upload("REPAIR", data)
            raise

    monkeypatch.setattr(Objects, "open", overtaken)
    assert (await depot.get(address))[0] == 503
    assert not await damaged(depot, file["sha256"])
    assert (await depot.fetch(address))[:2] == (200, data)


async def test_a_verify_that_read_the_damage_leaves_the_repair_alone(depot: Depot, monkeypatch: pytest.MonkeyPatch):
    data, verified = os.urandom(5000), Objects.verified
    _, token, file = await depot.sold(data)
    path_of(depot.directory, data).write_bytes(b"z" * 5000)
    verifying = Objects(f"file://{depot.directory}")

    async def overtaken(self: Objects, tenant: str, content: Content) -> Content | None:
        found = await verified(self, tenant, content)
        if self is verifying and found is None:
            await depot.upload("REPAIR", data)
        return found

    monkeypatch.setattr(Objects, "verified", overtaken)
    database = Database(depot.home.database_url, "delivery", depot.home.clock)
    await database.open()
    try:
        assert (await verify_all(database.begin, verifying))[1] == 1
    finally:
        await database.close()
    address = await depot.press(token, file["file"])
    assert (await depot.fetch(address))[:2] == (200, data)
