"""Messages of people: rewritten, signed, kept and handed on by the relay, and handed on as they are by Postfix."""

import json
import os
from base64 import urlsafe_b64encode
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from chassis_testing.accounts import key_server
from doubles.nameserver import NameServer
from mailing.keys import KeyDirectory
from stack.ports import pick

from benchmarks.bench import Bench
from benchmarks.home import Home, Program
from benchmarks.relay.postfix import postfix
from benchmarks.relay.stock import DOMAIN, converse
from benchmarks.rounds import Better, Metric, Sample, Sides
from contracts import topics

MESSAGES, CONVERSATIONS, SIZE = 1_000, 40, 4_000
LARGE = 10 * 10**6
SLOW = 100
MANY = 1_000_000
Pairs = list[tuple[str, str]]


@asynccontextmanager
async def compare(home: Home, quick: bool) -> AsyncGenerator[Sides]:
    """Start the relay with some conversations, and Postfix; both hand on to the client that sends.

    Postfix uses every processor by its many processes. So does the relay by its replicas, one for each.
    """
    clock, directory = home.path / "clock", home.path / "relay"
    clock.write_text("0")
    doors = list(pick([f"door{number}" for number in range(len(os.sched_getaffinity(0)))], {}).values())
    sink = pick(("sink",), {})["sink"]
    names = [topic.name for topic in topics(["mail-relay", "accounts", "orders"])]
    async with (
        home.topics(*names) as prefix,
        key_server(clock) as accounts,
        home.database("relay") as database,
        NameServer(ttl=300) as server,
        postfix(sink) as reference,
    ):
        server.text("buyer.example", "v=spf1 ip4:127.0.0.1 -all")
        server.text("_dmarc.buyer.example", "v=DMARC1; p=reject")
        settings = environment(directory, sink) | {"DNS_PORT": str(server.port)}
        settings |= {"TOPIC_PREFIX": prefix, "ACCOUNTS_URL": accounts.url}
        async with AsyncExitStack() as stack:
            relays = [
                await stack.enter_async_context(
                    home.service("mail_relay", database, seconds=60, **settings, DOOR_PORT=str(door))
                )
                for door in doors
            ]
            pairs = await converse(home.state.kafka, prefix, database, accounts, CONVERSATIONS)
            await home.tidy(database)
            ours = partial(_ours, home, relays[0], doors, sink, pairs, quick)
            theirs = None if reference is None else partial(_fast, home, [reference], sink, pairs, quick)
            yield Sides(ours, theirs)


def environment(directory: Path, sink: int) -> dict[str, str]:
    """Return what a relay needs beside a database, with its keys made in a directory."""
    directory.mkdir(parents=True, exist_ok=True)
    keys = KeyDirectory(directory / "dkim", DOMAIN)
    keys.add("rsa", datetime.now(UTC).date())
    keys.rotate()
    (directory / "bounce").write_text("a secret of the benchmark")
    (directory / "archive").write_text(urlsafe_b64encode(bytes(range(32))).decode())
    return {
        "ALIAS_DOMAIN": DOMAIN,
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(sink),
        "SMTP_TLS": "none",
        "DOOR_EDGES": "127.0.0.1",
        "DNS_SERVERS": "127.0.0.1",
        "STORAGE_URL": f"file://{directory}/contents",
        "BOUNCE_KEY_FILE": str(directory / "bounce"),
        "ARCHIVE_KEY_FILE": str(directory / "archive"),
        "DKIM_DIRECTORY": str(keys.path),
        "ALIAS_MESSAGES_PER_MINUTE": str(MANY),
        "CONVERSATION_MESSAGES_PER_HOUR": str(MANY),
        "LARGEST_MESSAGE_BYTES": str(2 * LARGE),
    }


async def _ours(home: Home, relay: Program, doors: list[int], sink: int, pairs: Pairs, quick: bool) -> Sample:
    fast = await _fast(home, doors, sink, pairs, quick)
    alone = await sending(home, doors[:1], sink, pairs, 20)
    beside = await sending(home, doors[:1], sink, pairs, 20, slow=SLOW)
    _forget_peak(relay)
    before = _peak(relay)
    await sending(home, doors[:1], sink, pairs, 1, size=LARGE)
    return fast | {
        "slow senders": max(beside["p50_ms"] - alone["p50_ms"], 0.1),
        "10 MB": max((_peak(relay) - before) / LARGE, 0.1),
    }


async def _fast(home: Home, ports: list[int], sink: int, pairs: Pairs, quick: bool) -> Sample:
    await home.settle()
    found = await sending(home, ports, sink, pairs, MESSAGES // 5 if quick else MESSAGES)
    return {"messages": found["messages"], "taken p50": found["p50_ms"]}


async def sending(
    home: Home, ports: list[int], sink: int, pairs: Pairs, messages: int, size: int = SIZE, slow: int = 0
) -> dict[str, float]:
    """Send messages by the client, wait for their arrival, and return its figures."""
    plan: dict[str, Any] = {
        "ports": ports,
        "sink": sink,
        "pairs": pairs,
        "messages": messages,
        "size": size,
        "slow": slow,
    }
    file = home.path / "relay.plan"
    file.write_text(json.dumps(plan))
    return await home.ask("benchmarks.relay.client", str(file))


def _peak(relay: Program) -> float:
    """The most memory that a program has had, in bytes."""
    status = Path(f"/proc/{relay.process.pid}/status").read_text()
    return float(status.partition("VmHWM:")[2].split()[0]) * 1024


def _forget_peak(relay: Program) -> None:
    """Let the most memory be what a program has now: an earlier round has sent as large a message."""
    Path(f"/proc/{relay.process.pid}/clear_refs").write_text("5")


RELAY = Bench(
    "relay",
    "What do rewriting, signing and keeping cost a message between people?",
    (
        Metric("messages", "messages/s", Better.MORE, ratio=0.4),
        Metric("taken p50", "ms", Better.LESS),
        Metric("slow senders", "ms more beside 100 of them", Better.LESS, judged=False),
        Metric("10 MB", "times its size in memory", Better.LESS, judged=False),
    ),
    compare,
)
