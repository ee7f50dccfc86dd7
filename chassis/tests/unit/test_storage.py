"""A shelf in a directory, and in a bucket of S3."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from chassis.storage import NothingThere, Shelf, StorageAway
from moto.server import ThreadedMotoServer

SOON = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture(scope="module")
async def bucket() -> AsyncGenerator[str]:
    """The address of an S3 store with a bucket `things`, served by moto."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    async with aiohttp.ClientSession(f"http://{host}:{port}", raise_for_status=True) as session:
        await session.put("/things")
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["directory", "bucket"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path, bucket: str, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    if request.param == "directory":
        return Shelf(f"file://{tmp_path}/store", "things")
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_REGION": "eu-central-1",
        "AWS_ENDPOINT": bucket,
        "AWS_ALLOW_HTTP": "true",
    }.items():
        monkeypatch.setenv(name, value)
    return Shelf("s3://things/kontor", "things", "secret")


async def test_what_is_put_is_got_listed_and_removed(shelf: Shelf):
    await shelf.answer()
    await shelf.put("ab", "one", lambda: b"content")
    await shelf.put("ab", "one", lambda: b"content")
    await shelf.put("cd", "two", lambda: bytearray(b"more"))
    assert await shelf.get("ab", "one", bytes) == b"content"
    assert await shelf.stored("ab", SOON) == ["one"]
    assert await shelf.stored("ab", SOON - timedelta(days=2)) == []
    await shelf.remove("ab", "one")
    await shelf.remove("ab", "one")
    with pytest.raises(NothingThere):
        await shelf.get("ab", "one", bytes)


@pytest.mark.parametrize("name", ["", "../../../etc/passwd", "a/b", ".hidden", "a\0b", ".."])
async def test_a_name_leads_nowhere_else(shelf: Shelf, name: str):
    for act in (shelf.get("ab", name, bytes), shelf.put("ab", name, lambda: b"x"), shelf.remove("ab", name)):
        with pytest.raises(NothingThere):
            await act
    with pytest.raises(NothingThere):
        await shelf.get("..", "one", bytes)


async def test_a_directory_that_is_gone_is_away_and_half_a_content_is_none(tmp_path: Path):
    shelf = Shelf(f"file://{tmp_path}/store", "things")

    def fail() -> bytes:
        raise OSError(28, "No space left on device")

    with pytest.raises(StorageAway):
        await shelf.put("ab", "one", fail)
    assert list((tmp_path / "store" / "things" / "ab").iterdir()) == []
    (tmp_path / "store" / "things").rename(tmp_path / "elsewhere")
    with pytest.raises(StorageAway):
        await shelf.answer()
