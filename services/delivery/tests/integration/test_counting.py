"""The count of downloads holds however a file is fetched."""

import asyncio
import os
from contextlib import AsyncExitStack

from services.delivery.tests.integration.conftest import Depot

MB = 2**20


async def fetch_but_one(depot: Depot, address: str, size: int) -> int:
    """Fetch all but the last byte, and return the answer's status."""
    status, _, _ = await depot.fetch(address, Range=f"bytes=0-{size - 2}")
    await depot.idle()
    return status


async def test_an_address_gives_no_more_than_the_file_twice_though_its_last_byte_is_never_taken(depot: Depot):  # DEL-4
    _, token, file = await depot.sold(os.urandom(MB))
    address = await depot.press(token, file["file"])
    assert [await fetch_but_one(depot, address, MB) for _ in range(4)] == [206, 206, 206, 410]


async def test_F_D17_readers_who_share_an_address_are_cut_when_they_got_the_file_twice(depot: Depot):
    size = 8 * MB
    _, token, file = await depot.sold(os.urandom(size))
    address = await depot.press(token, file["file"])
    async with AsyncExitStack() as stack:

        async def reader() -> None:
            reading, _ = await stack.enter_async_context(depot.raw(address, f"Range: bytes=0-{size - 2}"))
            assert (await reading.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 206")
            await reading.readexactly(size * 3 // 4)

        await asyncio.gather(*(reader() for _ in range(3)))
        await depot.idle()  # though none of them has left
    assert (await depot.get(address))[0] == 410


# The test below moves the clock, and stands at the end.


async def test_F_D15_who_never_takes_the_last_byte_has_no_more_downloads_than_others(depot: Depot):  # DEL-4
    _, token, file = await depot.sold(os.urandom(MB), changes={"download_limit": 1})
    for _ in range(2):
        assert (await depot.get(f"/d/{token}"))[0] == 200
        assert await fetch_but_one(depot, await depot.press(token, file["file"]), MB) == 206
        depot.home.shift_clock(24 * 3600)
        await asyncio.sleep(0.1)
    status, page = await depot.get(f"/d/{token}")
    assert (status, 'data-reason="used_up"' in page) == (410, True)
