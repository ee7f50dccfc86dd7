"""The same orders placed at orders, and at a handler written by hand."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import aiohttp
import asyncpg
from chassis_testing.accounts import KeyServer, key_server

from benchmarks.bench import Bench
from benchmarks.home import Home, Program, ProgramFailed
from benchmarks.load import Door, Request, door_metrics, measure_door
from benchmarks.order.shop import ARTICLES, MANY, comparable, opened, orders
from benchmarks.publishing import publish
from benchmarks.reference import reference
from benchmarks.rounds import Sample, Sides
from contracts import topics

LONGEST = 30.0
CREATED = 201


@asynccontextmanager
async def compare(home: Home, quick: bool) -> AsyncGenerator[Sides]:
    """Start both on copies of a database that knows a shop."""
    async with (
        open_shop(home) as (accounts, prefix, filled),
        home.database("order-ours", like=filled) as ours,
        home.database("order-bare", like=filled) as theirs,
        home.service(
            "orders",
            ours,
            TOPIC_PREFIX=prefix,
            ACCOUNTS_URL=accounts.url,
            ORDERS_PER_MINUTE=MANY,
            UNPAID_ORDERS_PER_DAY=MANY,
        ) as service,
        reference(home, "benchmarks.order.bare", theirs, JWKS=f"{accounts.url}/.well-known/jwks.json") as bare,
    ):
        requests = orders(accounts)
        await compare_answers(service.url, bare.url, requests[:4])

        async def measure(program: Program) -> Sample:
            return await measure_door(home, Door.of(home, "order", program, requests, CREATED), quick)

        yield Sides(partial(measure, service), partial(measure, bare))


@asynccontextmanager
async def open_shop(home: Home) -> AsyncGenerator[tuple[KeyServer, str, str]]:
    """Give a server of tokens, a prefix of topics, and a database of orders that knows a shop and is to be copied."""
    clock = home.path / "clock"
    clock.write_text("0")
    names = [topic.name for topic in topics(["orders"])]
    async with home.topics(*names) as prefix, key_server(clock) as accounts, home.database("order") as filled:
        await _fill(home, accounts, prefix, filled)
        yield accounts, prefix, filled


async def _fill(home: Home, accounts: KeyServer, prefix: str, database: str) -> None:
    """Run the service until it has consumed the events of the shop."""
    async with home.service(
        "orders",
        database,
        TOPIC_PREFIX=prefix,
        ACCOUNTS_URL=accounts.url,
        ORDERS_PER_MINUTE=MANY,
        UNPAID_ORDERS_PER_DAY=MANY,
    ):
        await publish(home.state.kafka, prefix, *opened(accounts))
        connection = await asyncpg.connect(database)
        try:
            end = time.monotonic() + LONGEST
            while (await connection.fetchval("select count(*) from offers")) < ARTICLES:
                if time.monotonic() > end:
                    raise ProgramFailed("orders has not consumed all articles")
                await asyncio.sleep(0.1)
        finally:
            await connection.close()
    await home.tidy(database)


async def compare_answers(ours: str, theirs: str, requests: list[Request]) -> None:
    """Compare the answers, apart from what is new in every order. Raises ProgramFailed."""
    for number, request in enumerate(requests):
        mine, other = [await post(url, request, f"compared-{number}") for url in (ours, theirs)]
        if comparable(mine) != comparable(other):
            raise ProgramFailed(f"the reference answers otherwise:\n{comparable(mine)}\n{comparable(other)}")


async def post(url: str, request: Request, key: str) -> Any:
    """Place an order, and return the answer. Raises ProgramFailed."""
    headers = {**dict(request.headers), "Content-Type": "application/json", "Idempotency-Key": key}
    async with (
        aiohttp.ClientSession() as http,
        http.post(url + request.path, data=request.body, headers=headers) as answer,
    ):
        if answer.status != CREATED:
            raise ProgramFailed(f"{url} answered {answer.status}: {await answer.text()}")
        return await answer.json()


ORDER = Bench(
    "order",
    "What does the chassis cost a placed order of two lines?",
    door_metrics(0.5),
    compare,
)
