"""Sessions of strangers at the door, without anything behind it: floods, slow ones, lines within lines, STARTTLS."""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import uvloop
from chassis.config import Clock
from mail_relay.clients.contents import Contents
from mail_relay.clients.judging import OwnDomains
from mail_relay.clients.operator import Operator
from mail_relay.clients.senders import Senders
from mail_relay.domain.alias import Domains
from mail_relay.domain.policy.limits import Limits
from mail_relay.smtp import Door, listen
from mailing.envelope import Envelopes, Kind
from stack.certificates import issue
from uuid_utils.compat import uuid7

from .people import DOMAIN

PLAIN = Door("127.0.0.1", 0, None, largest=10_000, connections=9, of_one_address=3)
EDGE = replace(PLAIN, edges=(ip_network("127.0.0.0/8"),), lmtp_port=0)
ENVELOPES = Envelopes(DOMAIN, [b"a secret"])
# a place of the door that takes mail and needs nothing behind it: what comes back
NOWHERE: Any = None


@asynccontextmanager
async def opened(door: Door, store: Path) -> AsyncGenerator[Door]:
    door = replace(door, ports=[], lmtp_ports=[])
    contents, senders, clock = (
        Contents(f"file://{store}"),
        Senders("127.0.0.1", 9, OwnDomains(frozenset())),
        Clock(None),
    )
    domains, limits = Domains(DOMAIN), Limits(10, 60)
    nobody = Operator("", domains, NOWHERE)
    async with listen(NOWHERE, NOWHERE, door, NOWHERE, domains, contents, senders, ENVELOPES, clock, limits, nobody):
        yield door


def taken() -> str:
    """An address that the door takes."""
    return ENVELOPES.bounce_address("t", uuid7(), Kind.NOTICE, Clock(None).now())


async def say(port: int, *words: str | bytes) -> list[str]:
    """What is answered until the door closes, with all that was said read or not."""
    said = bytearray()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for word in words:
        writer.write((word.encode() if isinstance(word, str) else word) + b"\r\n")
    with suppress(ConnectionError):
        async with asyncio.timeout(20):
            while more := await reader.read(65_536):
                said += more
    writer.close()
    return said.decode().splitlines()


@pytest.mark.parametrize(
    "line",
    [
        b"MAIL FROM:<a@buyer.example\rRCPT TO:<b@x.example>>",
        b"MAIL FROM:<a@buyer.example>\rRCPT TO:<b@x.example>",
        b"MAIL FROM:<a\0@buyer.example>",
        b"MAIL FROM:<a@buyer.example> BODY=8BITMIME\rX=1",
        b"MAIL FROM:<a@buyer.example> AUTH=<>",
        b"MAIL FROM:<a@buyer.example> SMTPUTF8",
        b"MAIL FROM:<a@buyer.example> SIZE=1e3",
        "MAIL FROM:<jürgen@buyer.example>".encode(),
        b"MAIL FROM:a@buyer.example X",
        b"RCPT TO:<%s> NOTIFY=NEVER ORCPT=rfc822;x",
        b"RCPT TO:<%s\rDATA>",
        b"RCPT TO:<%s>\x0bDATA",
        b"RCPT TO:<%s>\x1fX",
    ],
)
async def test_F_M05_a_line_within_a_line_is_refused(tmp_path: Path, line: bytes):
    before = b"MAIL FROM:<>" if line.startswith(b"RCPT") else b"NOOP"
    async with opened(PLAIN, tmp_path) as door:
        to = taken().encode()
        said = await say(door.ports[0], "EHLO x.example", before, line.replace(b"%s", to), "DATA", "QUIT")
    codes = [one[:3] for one in said if one[3:4] == " "]
    assert (codes[:3], codes[3][0], codes[4:]) == (["220", "250", "250"], "5", ["503", "221"])


async def test_the_dialogue_leaves_nothing_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    caplog.set_level("DEBUG")
    async with opened(PLAIN, tmp_path) as door:
        words = ["EHLO x.example", "MAIL FROM:<erika@buyer.example>", "RCPT TO:<hans@elsewhere.example>"]
        await say(door.ports[0], *words, "erika@buyer.example", "VRFY erika@buyer.example", "NOOP " * 3, "QUIT")
    assert [one for one in ("erika", "hans", "127.0.0.1") if one in caplog.text] == []


async def test_F_M27_a_flood_of_recipients_ends_the_session(tmp_path: Path):
    async with opened(PLAIN, tmp_path) as door:
        flood = [f"RCPT TO:<{number}@elsewhere.example>" for number in range(10_000)]
        said = await say(door.ports[0], "EHLO x.example", "MAIL FROM:<>", *flood)
    # what is said at the end may be lost, for nobody reads the rest of the flood
    assert (len(said) < 20, {one[:3] for one in said[-5:]} <= {"550", "421"}) == (True, True)


async def test_F_M27_a_flood_of_commands_ends_the_session_and_harms_no_other(tmp_path: Path):
    async with opened(PLAIN, tmp_path) as door:
        flood = asyncio.create_task(say(door.ports[0], "EHLO x.example", *["NOOP"] * 10_000))
        assert (await say(door.ports[0], "NOOP", "QUIT"))[-1].startswith("221")
        said = await flood
    assert len(said) < 220


async def test_F_M27_sessions_of_one_address_are_bounded(tmp_path: Path):
    async with opened(PLAIN, tmp_path) as door, asyncio.timeout(10):
        held = [await asyncio.open_connection("127.0.0.1", door.ports[0]) for _ in range(3)]
        assert [(await reader.readline())[:3] for reader, _ in held] == [b"220"] * 3
        assert [one[:3] for one in await say(door.ports[0])] == ["421"]
        held.pop()[1].close()
        while (await say(door.ports[0], "QUIT"))[0][:3] != "220":
            pass
        for _, writer in held:
            writer.close()


async def test_F_M27_a_slow_message_arrives_and_a_silent_client_is_cut_off(tmp_path: Path):
    hasty = replace(PLAIN, idle_seconds=0.4, session_seconds=3)
    async with opened(hasty, tmp_path) as door, asyncio.timeout(10):
        assert [one[:3] for one in await say(door.ports[0])] == ["220"]
        reader, writer = await asyncio.open_connection("127.0.0.1", door.ports[0])
        writer.write(f"EHLO x.example\r\nMAIL FROM:<>\r\nRCPT TO:<{taken()}>\r\nDATA\r\n".encode())
        await reader.readuntil(b"354 ")
        for line in [b"Subject: slow\r\n", b"\r\n", *[b"drop\r\n"] * 8, b".\r\n"]:
            writer.write(line)
            await asyncio.sleep(0.1)
        assert b"250 2.0.0 Noticed" in await reader.readuntil(b"Noticed")
        # and one that never ends, at whatever pace
        with pytest.raises(ConnectionError):
            await drip(writer)


async def drip(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"NOOP\r\n")
        await writer.drain()
        await asyncio.sleep(0.1)


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_F_M31_what_is_sent_in_clear_behind_STARTTLS_is_thrown_away(tmp_path: Path, loop: Any):
    with asyncio.Runner(loop_factory=loop) as runner:
        said = runner.run(injected(tmp_path))
    # the greeting is to be given again, and nothing of what came before counts
    assert [one[:3] for one in said[:2]] == ["503", "503"]
    assert said[2].startswith("250-")
    assert not [one for one in said if "STARTTLS" in one or "AUTH" in one]


async def injected(directory: Path) -> list[str]:
    """What is answered over TLS to a client that went on in clear behind STARTTLS."""
    certificate, key = issue(directory, DOMAIN)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    trusting = ssl.create_default_context(cafile=certificate)
    async with opened(replace(EDGE, tls=context), directory) as door, asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", door.ports[0])
        writer.write(b"EHLO x.example\r\n")
        assert b"STARTTLS" in await reader.readuntil(b"250 ENHANCEDSTATUSCODES\r\n")
        to = taken().encode()
        writer.write(b"XFORWARD ADDR=192.0.2.1\r\nMAIL FROM:<>\r\nSTARTTLS\r\nRCPT TO:<%s>\r\nNOOP\r\n" % to)
        await reader.readuntil(b"220 Ready to start TLS\r\n")
        await writer.start_tls(trusting, server_hostname=DOMAIN)
        writer.write(b"RCPT TO:<%s>\r\nMAIL FROM:<>\r\nEHLO x.example\r\nQUIT\r\n" % to)
        said = (await reader.read()).decode().splitlines()
        writer.close()
    return said


async def test_who_the_client_is_is_believed_of_edges_alone(tmp_path: Path):
    async with opened(PLAIN, tmp_path) as door:
        said = await say(door.ports[0], "EHLO x.example", "XFORWARD ADDR=192.0.2.1", "QUIT")
        assert (said[-2][:3], [one for one in said if "XFORWARD" in one[:20]]) == ("550", [])
    async with opened(EDGE, tmp_path) as door:
        tries = ["ADDR=192.0.2.1 HELO=mx.x.example", "ADDR=IPV6:2001:db8::1", "ADDR=[UNAVAILABLE]"]
        wrong = ["ADDR=somewhere", "ADDR=", "HELO=a+0D+0Ab", "X=1", "", "ADDR 192.0.2.1"]
        words = [f"XFORWARD {one}" for one in [*tries, *wrong]]
        said = await say(door.ports[0], "EHLO x.example", *words, "MAIL FROM:<>", f"XFORWARD {tries[0]}", "QUIT")
        assert "250-XFORWARD ADDR HELO" in said
        assert [one[:3] for one in said[-12:-1]] == ["250"] * 3 + ["501"] * 6 + ["250", "503"]


async def test_LMTP_is_spoken_with_edges_alone(tmp_path: Path):
    async with opened(replace(PLAIN, lmtp_port=0), tmp_path) as door:
        assert [one[:3] for one in await say(door.lmtp_ports[0])] == ["554"]
    message = [f"RCPT TO:<{taken()}>", "DATA", "Subject: x", "", ".."]
    async with opened(EDGE, tmp_path) as door:
        words = ["EHLO x", "LHLO x", "MAIL FROM:<>", *message, ".", "MAIL FROM:<>", *message, "y" * 11_000, ".", "QUIT"]
        said = await say(door.lmtp_ports[0], *words)
    codes = [one[:3] for one in said if one[3:4] == " "]
    assert codes == ["220", "500", "250", "250", "250", "354", "250", "250", "250", "354", "552", "221"]
