"""Orders of 1, 4 and 16 lines, and look-ups among 10,000 and 1,000,000 orders."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from uuid import uuid4

import asyncpg
from chassis.web.paging import cursor
from chassis_testing.accounts import KeyServer

from benchmarks.growth.sizes import QUICK_ROWS, ROWS, burst
from benchmarks.home import Home, Program, ProgramFailed
from benchmarks.load import Door, Request
from benchmarks.order.comparison import CREATED, open_shop, post
from benchmarks.order.shop import MANY, orders
from benchmarks.rounds import Measure, Sample
from contracts import topics

LINES = {"order 1 line": 1, "order 4 lines": 4, "order 16 lines": 16}
LISTED, VIEWED = "order list", "order view"
HISTORIES = {size: f"{size} orders" for size in ROWS}
ASKED = 2_000
LONGEST = 60.0

# Ids that grow with time, as real ones do.
NTH = """
create function pg_temp.nth(bigint) returns uuid
language sql immutable
as $$ select (lpad(to_hex($1), 8, '0') || right(md5($1::text), 24))::uuid $$
"""
# Copies of the one order, five for each customer. Those that are not asked for have an empty payload, and
# of their lines only the names, which the list shows.
ADD_ORDERS = """
insert into orders
  (tenant, id, number, customer_id, customer_type, channel, market, seller, payment_method, currency, net, tax, gross,
   ordered_at, lapses_at, withdrawal_end, claim_window, state, placed)
select tenant, pg_temp.nth(n), 'G-' || n, pg_temp.nth(n / 5), customer_type, channel, market, seller, payment_method,
       currency, net, tax, gross, ordered_at - ($1 - n) * interval '10 seconds', lapses_at, withdrawal_end,
       claim_window, 'delivered', case when n % $2 = 0 then placed else '{}' end
from orders
cross join generate_series(1, $1::bigint) as n
"""

ADD_LINES = """
insert into lines (tenant, order_id, id, position, deliver_from, details)
select tenant, pg_temp.nth(n), id, position, deliver_from,
       case when n % $2 = 0 then details else jsonb_build_object('name', details -> 'name') end
from lines
cross join generate_series(1, $1::bigint) as n
"""

ADD_UNITS = """
insert into units
  (tenant, order_id, id, line_id, position, net, tax, gross, fulfilment, paid_at, delivered_at)
select tenant, pg_temp.nth(n), id, line_id, position, net, tax, gross, fulfilment, now(), now()
from units
cross join generate_series(1, $1::bigint) as n
"""

ASKED_FOR = """
select id, ordered_at
from orders
where state = 'delivered'
  and placed <> '{}'
"""


@asynccontextmanager
async def orders_grow(home: Home, quick: bool) -> AsyncGenerator[Measure]:
    """Start one service that takes orders, and one for each history, all on copies of one database."""
    async with open_shop(home) as (accounts, _, filled), AsyncExitStack() as stack:

        async def serve(name: str) -> tuple[str, Program]:
            database = await stack.enter_async_context(home.database(name, like=filled))
            # topics of its own: a database that has numbered less than its topics hold is taken for a restored one
            prefix = await stack.enter_async_context(home.topics(*(topic.name for topic in topics(["orders"]))))
            service = home.service(
                "orders",
                database,
                TOPIC_PREFIX=prefix,
                ACCOUNTS_URL=accounts.url,
                ORDERS_PER_MINUTE=MANY,
                UNPAID_ORDERS_PER_DAY=MANY,
            )
            return database, await stack.enter_async_context(service)

        database, taker = await serve("growth-lines")
        taken = {name: Door.of(home, name, taker, orders(accounts, lines), CREATED) for name, lines in LINES.items()}
        read: dict[str, Door] = {}
        for size, count in (QUICK_ROWS if quick else ROWS).items():
            history, reader = await serve(f"growth-{size}")
            await post(reader.url, orders(accounts, 1)[0], "the-one")
            lists, views = await _fill(home, history, accounts, count)
            for name, requests in ((f"{LISTED} {HISTORIES[size]}", lists), (f"{VIEWED} {HISTORIES[size]}", views)):
                read[name] = Door.of(home, name, reader, requests)

        async def measure() -> Sample:
            found: Sample = {}
            for name, door in taken.items():
                found |= await burst(home, door, name, quick)
                await _wait_for_relay(database)
            for name, door in read.items():
                found |= await burst(home, door, name, quick)
            return found

        yield measure


async def _fill(home: Home, database: str, accounts: KeyServer, count: int) -> tuple[list[Request], list[Request]]:
    """Fill a database with so many orders, and return requests for pages all over the list, and for orders."""
    connection = await asyncpg.connect(database)
    try:
        await connection.execute(NTH)
        each = max(1, count // ASKED)
        await connection.execute(ADD_ORDERS, count, each)
        await connection.execute(ADD_LINES, count, each)
        await connection.execute(ADD_UNITS, count)
        found = await connection.fetch(ASKED_FOR)
    finally:
        await connection.close()
    await home.tidy(database)
    token = accounts.token(uuid4(), "support", lifetime=timedelta(hours=6))
    head = (("Authorization", f"Bearer {token}"),)
    lists = [Request("GET", f"/orders?cursor={cursor(row['ordered_at'], row['id'])}", head) for row in found]
    return lists, [Request("GET", f"/orders/{row['id']}", head) for row in found]


async def _wait_for_relay(database: str) -> None:
    """Wait until the relay has sent everything, so that it is idle while others are measured."""
    connection = await asyncpg.connect(database)
    try:
        end = time.monotonic() + LONGEST
        while await connection.fetchval("select exists (select from chassis.outbox)"):
            if time.monotonic() > end:
                raise ProgramFailed("the relay has not emptied the outbox")
            await asyncio.sleep(0.1)
    finally:
        await connection.close()
