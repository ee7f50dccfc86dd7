"""The program is killed while mail comes in and goes out: what was answered with 250 arrives (F-M25)."""

import asyncio
import os
import signal
import sys
from collections import Counter
from contextlib import suppress

import aiosmtplib
import pytest
from chassis_testing.harness import until
from stack.ports import pick

from .conftest import Relay
from .people import SIGNERS, Conversation

# the program, which kills itself at the n-th passing of a point
PROGRAM = """
import os, signal, sys
from chassis.service import CommandLine
from mail_relay.__main__ import service

def fault(point, passed=[0]):
    passed[0] += point == sys.argv[1]
    if point == sys.argv[1] and passed[0] == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

service.fault = fault
CommandLine(service).serve()
"""
MESSAGES = 8


class Program:
    """The relay as a process of its own, beside the one of the tests, on the same database."""

    def __init__(self, relay: Relay, door: int) -> None:
        self.relay, self.door = relay, door
        self.process: asyncio.subprocess.Process | None = None

    async def start(self, point: str = "", passing: int = 1) -> asyncio.subprocess.Process:
        settings = self.relay.house.settings.model_dump(mode="json", exclude_none=True)
        settings |= {"door_port": self.door, "lmtp_port": pick(["lmtp"], {})["lmtp"], "log_level": "ERROR"}
        settings |= {"alias_messages_per_minute": 1_000, "conversation_messages_per_hour": 1_000}
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", PROGRAM, point, str(passing)),
            env=os.environ | {name.upper(): str(value) for name, value in settings.items()},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )

        async def takes_mail() -> bool:
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", self.door)
                writer.close()
                return True
            return False

        await until(takes_mail, timeout=20, what="the door")
        return self.process

    async def stop(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
            await self.process.wait()


async def send(talk: Conversation, door: int, mark: str, taken: asyncio.Event) -> None:
    """Send a message as a server does: again, until somebody takes it, which the event says at once."""
    raw = SIGNERS["buyer.example"].sign(talk.message(talk.buyer, talk.buyer_writes_to, f"Frage {mark}.").as_bytes())
    while True:
        with suppress(aiosmtplib.SMTPException, OSError):
            async with aiosmtplib.SMTP(hostname="127.0.0.1", port=door, start_tls=False, timeout=10) as client:
                await client.sendmail(talk.buyer, [talk.buyer_writes_to], raw)
                taken.set()
                return
        await asyncio.sleep(0.1)


@pytest.mark.torture
@pytest.mark.parametrize(
    ("point", "passing"),
    [
        ("transaction:committed", 6),
        ("transaction:committed", 3),
        ("outbound:relay messages:claimed", 1),
        ("outbound:relay messages:acted", 1),
        ("outbound:relay messages:settled", 1),
        ("", 1),
        # as soon as a sender has heard of it
        ("250", 1),
    ],
)
async def test_F_M25_a_program_that_is_killed_loses_nothing(relay: Relay, point: str, passing: int):
    talk = await relay.converse()
    program = Program(relay, pick(["door"], {})["door"])
    try:
        first = await program.start(point, passing)
        marks = [f"x{number}y" for number in range(MESSAGES)]
        taken = asyncio.Event()
        sending = asyncio.gather(*(send(talk, program.door, mark, taken) for mark in marks))
        if point == "250":
            await taken.wait()
            first.kill()
        if not point:
            await asyncio.sleep(0.3)  # wherever it is then
            first.kill()
        await asyncio.wait_for(first.wait(), 20)
        assert first.returncode == -signal.SIGKILL
        await program.start()
        await asyncio.wait_for(sending, 40)
        await until(lambda: relayed(relay, talk), timeout=30, what="all messages")
    finally:
        await program.stop()
    arrived = Counter(mark for mark in marks for raw in relay.next_server.to(talk.seller) if mark.encode() in raw)
    kept = await relay.house.sql("select count(*) from messages where conversation_id = $1", talk.id)
    assert sorted(arrived) == marks
    # twice is what we did not hear to have been taken; what its sender did not hear is known when it comes again
    assert max(arrived.values()) <= 2
    assert kept[0]["count"] == MESSAGES


async def relayed(relay: Relay, talk: Conversation) -> bool:
    # the leases of the dead end in a while
    await relay.house.sql(
        "update messages set leased_until = null where conversation_id = $1 and leased_until < now() + interval '9 s'"
        " returning 1",
        talk.id,
    )
    rows = await relay.house.sql("select state from messages where conversation_id = $1", talk.id)
    return {row["state"] for row in rows} == {"relayed"}
