"""A message after DATA: where it ends, however its bytes come, and how much memory it takes."""

import asyncio
import base64
import tracemalloc
from collections.abc import Generator
from contextlib import contextmanager

import pytest
from mail_relay.domain.admission import malformed
from mail_relay.domain.attached import files_of
from mail_relay.domain.rewriting import rewrite
from mail_relay.domain.rewriting.entities import read_entity
from mail_relay.domain.words import own_words
from mail_relay.smtp.content import read_content
from mailing.signing import Signer, new_key, read_key

from .building import ME, WAY


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


@contextmanager
def in_memory(most: float) -> Generator[None]:
    """See that a block takes no more octets at once."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()


async def test_a_message_takes_little_more_than_twice_its_size_while_it_comes():
    line, lines = b"x" * 76 + b"\r\n", 40_000
    reader = asyncio.StreamReader(limit=1001)
    reading = asyncio.create_task(read_content(reader, 2**23))
    with in_memory(2.3 * len(line) * lines):
        for _ in range(lines // 400):
            reader.feed_data(line * 400)
            await asyncio.sleep(0)
        reader.feed_data(b".\r\n")
        assert len(await reading or b"") == len(line) * lines


HEAD = f"From: {ME}\r\nMIME-Version: 1.0\r\nContent-Type: "
SHORT_LINES = f"{HEAD}text/plain\r\n\r\n".encode() + b"Hallo.\r\n" * 400_000
FILE = f"{HEAD}image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode() + base64.encodebytes(
    bytes(2_300_000)
).replace(b"\n", b"\r\n")


@pytest.mark.parametrize("raw", [SHORT_LINES, FILE], ids=["short lines", "file"])
def test_a_message_is_judged_and_written_in_twice_its_size_beside_itself(raw: bytes):
    # the message as the other side reads it, its files, and its first and last words
    with in_memory(2 * len(raw) + 2_000_000):
        assert not malformed(raw)
        written = read_entity(rewrite(raw, WAY).raw)
        assert sum(len(content) for _, content in files_of(written)) == (2_300_000 if raw is FILE else 0)
        assert len(own_words(written)) < 250_000
    signer = Signer("relay.example", "s1", read_key(new_key("ed25519")))
    with in_memory(len(raw) / 2):
        signer.signature(raw)
