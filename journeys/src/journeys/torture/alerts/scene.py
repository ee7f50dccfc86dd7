"""What every provocation works on: the suite, a market that trades, and an operator's hands."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import aiohttp
import asyncpg
from stack.errors import StackError

from journeys.load.load import Load
from journeys.load.market import Market, meeting
from journeys.suite import Suite, Unexpected
from journeys.torture.alerts.prometheus import Prometheus

Report = Callable[[str], None]


@dataclass(slots=True)
class Scene:
    """A stack that runs, a shop that sells, and Prometheus, which looks on.

    `mended` is when the mending of the present fault began; a stage sets it that mends before its alerts fire.
    """

    suite: Suite
    market: Market
    prometheus: Prometheus
    report: Report
    seed: int = 1
    mended: float | None = None

    async def sql(self, service: str, *statements: str) -> None:
        """Run statements in a service's database, as somebody who may do everything there."""
        connection = await self.connect(service)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    async def value(self, service: str, query: str) -> Any:
        """Return what a query finds in a service's database, asked as the same."""
        connection = await self.connect(service)
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()

    async def connect(self, service: str) -> Any:
        """Return a connection to a service's database, which the caller closes."""
        database = urlsplit(self.suite.state.databases[service]).path
        return await asyncpg.connect(urlsplit(self.suite.state.postgres)._replace(path=database).geturl())

    async def run(self, service: str, *words: str) -> str:
        """Run a command of a service; return what it prints, its exit code whatever it be."""
        try:
            return await self.suite.stack_run(service, *words)
        except StackError as error:
            return str(error)

    @asynccontextmanager
    async def trade(self, rate: float) -> AsyncGenerator[None]:
        """Let customers order, pay and return at this rate while the block runs."""
        self.seed += 1
        load = Load(self.market, rate, random.Random(self.seed), lambda line: None, meetings=0)
        async with load.running(self.suite, seconds_to_end=60):
            yield

    @asynccontextmanager
    async def asking(self, rate: float, ask: Callable[[int], Awaitable[Any]]) -> AsyncGenerator[None]:
        """Ask so many times a second while the block runs; each question has a number, and its answer is not looked at.

        Who asks is signed in again for it.
        """
        await self.market.shop.seller.sign_in()

        async def one(number: int) -> None:
            with suppress(Unexpected, aiohttp.ClientError, TimeoutError):
                await ask(number)

        async def run() -> None:
            async with asyncio.TaskGroup() as group:
                number = 0
                while True:
                    group.create_task(one(number))
                    number += 1
                    await asyncio.sleep(1 / rate)

        task = asyncio.create_task(run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def hold_meeting(self) -> None:
        """Report a meeting that was held."""
        seller, host = self.market.shop.seller, self.market.people[0]
        self.seed += 1
        await seller.sign_in()
        body = {"meeting": str(uuid4()), **meeting(host.id, self.seed)}
        await seller.ask("rewards", "POST", "/meetings", json=body)

    async def order(self) -> str:
        """Place an order that is not paid; return its id."""
        person = self.market.people[0]
        await person.sign_in()
        sku = next(iter(self.market.prices))
        body = self.market.order(person, {sku: 1}, "card")
        return (await self.suite.call("orders", "POST", "/orders", json=body, token=person.token))["order"]

    async def kill(self, program: str) -> None:
        """Kill a program, and wait until it is ready again."""
        stack = self.suite.stack
        await asyncio.to_thread(stack.kill, program)
        await asyncio.to_thread(stack.wait_ready, program, 120)
