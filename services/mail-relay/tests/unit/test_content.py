"""A message after DATA: where it ends, however its bytes come, and how much memory it takes."""

import asyncio
import tracemalloc

import pytest
from mail_relay.smtp.content import read_content


@pytest.mark.parametrize(
    ("sent", "taken"),
    [
        (b".\r\n", b""),
        (b"\r\n.\r\n", b"\r\n"),
        (b"..\r\n.x\r\n...\r\n.\r\n", b".\r\nx\r\n..\r\n"),
        (b"a\n.\nb\r.\rc\n.\r\nd\r\n.\nRSET\r\n.\r\n", b"a\n.\nb\r.\rc\n.\r\nd\r\n\nRSET\r\n"),
        (b"0123456789\r\n.\r\n", None),
        (b"01234567\r\n.\r\n", b"01234567\r\n"),
    ],
)
async def test_F_M01_a_message_ends_where_its_last_line_does_and_nowhere_else(sent: bytes, taken: bytes | None):
    largest = 10 if sent.startswith(b"0") else 100
    for length in range(1, len(sent) + 1):
        reader = asyncio.StreamReader(limit=1001)
        reading = asyncio.create_task(read_content(reader, largest))
        for at in range(0, len(sent), length):
            # what comes behind it is the next command
            reader.feed_data(sent[at : at + length] + (b"QUIT\r\n" if at + length >= len(sent) else b""))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        assert await reading == taken
        assert await reader.readuntil() == b"QUIT\r\n"


async def test_a_message_takes_little_more_than_twice_its_size_while_it_comes():
    line, lines = b"x" * 76 + b"\r\n", 40_000
    reader = asyncio.StreamReader(limit=1001)
    reading = asyncio.create_task(read_content(reader, 2**23))
    tracemalloc.start()
    try:
        for _ in range(lines // 400):
            reader.feed_data(line * 400)
            await asyncio.sleep(0)
        reader.feed_data(b".\r\n")
        assert len(await reading or b"") == len(line) * lines
        assert tracemalloc.get_traced_memory()[1] < 2.3 * len(line) * lines
    finally:
        tracemalloc.stop()
