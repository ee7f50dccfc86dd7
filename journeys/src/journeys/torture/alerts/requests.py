"""Requests that fail: a database that refuses, a table that refuses."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from journeys.suite import expect
from journeys.torture.alerts.provocation import Provocation
from journeys.torture.alerts.scene import Scene

RATE: Final = 20.0
ONE_IN: Final = 100
END_CONNECTIONS: Final = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'orders'"


@asynccontextmanager
async def no_database(scene: Scene) -> AsyncGenerator[None]:
    """All requests fail, for the database lets nobody in."""
    seller = scene.market.shop.seller
    async with scene.asking(RATE, lambda number: seller.ask("orders", "GET", "/orders")):
        try:
            await scene.sql("orders", "alter role orders nologin", END_CONNECTIONS)
            yield
            seen = await scene.run("orders", "doctor")
            expect("database" in seen, f"the doctor of orders to name the database: {seen}")
        finally:
            await scene.sql("orders", "alter role orders login")


@asynccontextmanager
async def one_route(scene: Scene) -> AsyncGenerator[None]:
    """One request in a hundred fails, those of one route, for its table may not be read."""
    seller = scene.market.shop.seller

    async def ask(number: int) -> None:
        await seller.ask("orders", "GET", "/orders" if number % ONE_IN else "/withdrawals")

    async with scene.asking(RATE, ask):
        try:
            await scene.sql("orders", "revoke select on withdrawals from orders")
            yield
        finally:
            await scene.sql("orders", "grant select on withdrawals to orders")


PROVOCATIONS: Final = (
    Provocation(("KontorRequestsFailFast",), "the database of orders refuses every sign-in", no_database, "orders"),
    Provocation(
        ("KontorRequestsFailSlowly",), "one request in 100 asks for a table without a right to it", one_route, "orders"
    ),
)
