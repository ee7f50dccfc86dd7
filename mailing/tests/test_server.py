"""What is handed to the next server is one message with the ends of lines that SMTP has, whatever stands in it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from mailing.server import End, MailServer

END = b"\r\n.\r\n"


@asynccontextmanager
async def next_server(heard: bytearray, *greeting: bytes) -> AsyncGenerator[MailServer]:
    """A server that hears every byte and takes everything."""
    greeting = greeting or (b"250 OK\r\n",)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 x\r\n")
        while line := await reader.readline():
            heard.extend(line)
            said = {b"DATA\r\n": b"354 go on\r\n", b"EHLO here.example\r\n": b"".join(greeting)}
            writer.write(said.get(line, b"250 OK\r\n"))
            if line == b"DATA\r\n":
                heard.extend(await reader.readuntil(END))
                writer.write(b"250 OK\r\n")
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, limit=2**20)
    try:
        port = server.sockets[0].getsockname()[1]
        async with server, MailServer("127.0.0.1", port, "none", "", local_hostname="here.example") as mail:
            yield mail
    finally:
        server.close()


@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\r.\r\n", b"\n.\r", END])
async def test_F_M02_no_end_of_data_goes_out_within_a_message(end: bytes):
    heard = bytearray()
    inner = b"MAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\nSubject: smuggled\r\n"
    async with next_server(heard) as mail:
        content = b".Subject: x\r\n\r\n.." + end + inner + b".\r\n"
        answer = await mail.hand_over("s@x.example", "r@x.example", content)
    assert answer.end is End.ACCEPTED
    _, _, data = bytes(heard).partition(b"DATA\r\n")
    message, end_, rest = data.partition(END)
    # one message, in which neither CR nor LF stands alone, and each dot at the beginning of a line is doubled
    assert (end_, rest) == (END, b"")
    assert message.count(b"\n") == message.count(b"\r") == message.count(b"\r\n")
    lines = message.split(b"\r\n")
    assert [line for line in lines if line.startswith(b".") and not line.startswith(b"..")] == []
    read = b"\r\n".join(line.removeprefix(b".") for line in lines)
    assert read + b"\r\n" == content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")


@pytest.mark.parametrize(
    "address", ["a@x.example>\r\nRCPT TO:<c@x.example", "a@x.example\nDATA", "a\0@x.example", "a@x.example> NOTIFY=<x"]
)
async def test_F_M05_an_address_brings_no_command_with_it(address: str):
    heard = bytearray()
    async with next_server(heard) as mail:
        answer = await mail.hand_over("s@x.example", address, b"Subject: x\r\n\r\nx\r\n")
        assert (answer.end, address in answer.text) == (End.BOUNCED, False)
        answer = await mail.hand_over(address, "r@x.example", b"Subject: x\r\n\r\nx\r\n")
        assert answer.end is not End.ACCEPTED
    assert b"c@x.example" not in heard
    assert b"DATA" not in heard
    assert b"NOTIFY" not in heard


@pytest.mark.parametrize("offered", [True, False])
async def test_K10_a_server_is_asked_to_report_that_a_letter_arrived_where_it_offers_that(offered: bool):
    heard, extensions = bytearray(), (b"250-x\r\n", b"250 DSN\r\n") if offered else (b"250 x\r\n",)
    async with next_server(heard, *extensions) as mail:
        await mail.hand_over("s@x.example", "r@x.example", b"Subject: x\r\n\r\n", report_as="id-1")
        await mail.hand_over("s@x.example", "r@x.example", b"Subject: x\r\n\r\n")
    commands = [line for line in bytes(heard).split(b"\r\n") if line.startswith((b"MAIL", b"RCPT"))]
    plain = [b"MAIL FROM:<s@x.example>", b"RCPT TO:<r@x.example>"]
    asked = [plain[0] + b" RET=HDRS ENVID=id-1", plain[1] + b" NOTIFY=SUCCESS,FAILURE"]
    assert commands == (asked if offered else plain) + plain
