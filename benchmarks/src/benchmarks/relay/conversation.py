"""A reviewer opens a conversation of 10,000 messages, and one that is as long as what is shown of it at once."""

import statistics
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from uuid import UUID, uuid4

import aiohttp
import asyncpg
from chassis_testing.accounts import KeyServer, key_server
from doubles.nameserver import NameServer
from stack.ports import pick

from benchmarks.bench import Bench
from benchmarks.home import Home, Program
from benchmarks.relay.comparison import environment, sending
from benchmarks.relay.stock import TENANT, converse
from benchmarks.rounds import Better, Metric, Sample, Sides
from contracts import topics

SHOWN, LONG = 50, 10_000
OPENINGS, QUICK_OPENINGS = 40, 10

# The last message once more and again: what is not shown at once needs no content.
LENGTHEN = """
with longest as (select * from messages where conversation_id = $1 order by number desc limit 1)
insert into messages
select (jsonb_populate_record(null::messages, to_jsonb(longest) || differences)).*
from longest,
     generate_series(longest.number + 1, $2) as more,
     jsonb_build_object('id', gen_random_uuid(), 'number', more) as differences
"""
CONVERSATIONS = "select distinct conversation_id from messages"


@asynccontextmanager
async def compare(home: Home, quick: bool) -> AsyncGenerator[Sides]:
    """Start the relay with two conversations, and lengthen one of them."""
    clock, directory = home.path / "clock", home.path / "conversation"
    clock.write_text("0")
    ports = pick(("door", "sink"), {})
    names = [topic.name for topic in topics(["mail-relay", "accounts", "orders"])]
    async with (
        home.topics(*names) as prefix,
        key_server(clock) as accounts,
        home.database("relay") as database,
        NameServer(ttl=300) as server,
    ):
        server.text("buyer.example", "v=spf1 ip4:127.0.0.1 -all")
        server.text("_dmarc.buyer.example", "v=DMARC1; p=reject")
        given = environment(directory, ports["sink"]) | {"DNS_PORT": str(server.port), "TOPIC_PREFIX": prefix}
        given |= {"ACCOUNTS_URL": accounts.url, "DOOR_PORT": str(ports["door"])}
        async with home.service("mail_relay", database, seconds=60, **given) as relay:
            pairs = await converse(home.state.kafka, prefix, database, accounts, 2)
            await sending(home, [ports["door"]], ports["sink"], pairs, 2 * SHOWN)
            connection = await asyncpg.connect(database)
            try:
                long, short = [row["conversation_id"] for row in await connection.fetch(CONVERSATIONS)]
                await connection.execute(LENGTHEN, long, LONG)
            finally:
                await connection.close()
            await home.tidy(database)
            openings = QUICK_OPENINGS if quick else OPENINGS
            yield Sides(*(partial(_open, relay, accounts, one, openings) for one in (long, short)))


async def _open(relay: Program, accounts: KeyServer, conversation: UUID, openings: int) -> Sample:
    """Open a conversation as a reviewer does, one time after the other."""
    took: list[float] = []
    headers = {"Authorization": f"Bearer {accounts.token(uuid4(), 'reviewer', tenant=TENANT)}"}
    async with aiohttp.ClientSession(relay.url, headers=headers) as http:
        for _ in range(openings):
            began = time.perf_counter()
            async with http.get(f"/conversations/{conversation}/case", params={"purpose": "dispute"}) as answer:
                case = await answer.json()
            took.append(time.perf_counter() - began)
            if [one["unread"] for one in case["messages"]["items"]] != [None] * SHOWN:
                raise RuntimeError(f"not what the conversation has: {str(case)[:500]}")
    return {"opened": statistics.median(took) * 1e3}


CONVERSATION = Bench(
    "conversation",
    "What does it cost a reviewer that a conversation has 10,000 messages, and not the 50 that are shown at once?",
    (Metric("opened", "ms", Better.LESS, ratio=2.0),),
    compare,
)
