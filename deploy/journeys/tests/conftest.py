import asyncio
import secrets
from collections.abc import AsyncGenerator

import pytest
from chassis.testing.stack import Infrastructure
from journeys.customer import Customer
from journeys.demo.opening import open_shop
from journeys.seller import Shop
from journeys.shops import stock_shop
from journeys.suite import Suite, suite
from stack.services import SERVICES
from stack.stack import ROOT, Stack

from contracts import topics


@pytest.fixture(scope="session")
async def running(infrastructure: Infrastructure) -> AsyncGenerator[Suite]:
    """All services, on the run's own Kafka and PostgreSQL."""
    home = ROOT / ".local" / ("test" if infrastructure.state else "journeys")
    stack = Stack(home, durable=False, topics=lambda: [(topic.name, topic.retention_ms) for topic in topics()])
    await asyncio.to_thread(stack.up)
    async with suite(stack) as found:
        yield found
    if infrastructure.state:  # its Kafka and PostgreSQL are others' too, who end later
        await asyncio.gather(*(asyncio.to_thread(stack.stop, service.name) for service in SERVICES))
    else:
        await asyncio.to_thread(stack.down)


@pytest.fixture(scope="module")
async def shop(running: Suite) -> Shop:
    """A tenant of this module's own, ready to sell."""
    shop = await open_shop(running, f"t{secrets.token_hex(4)}")
    await stock_shop(shop)
    return shop


class People:
    """Makes customers with addresses of their own."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    async def arrive(
        self, name: str = "Erika Musterfrau", *, keep_data: bool = True, company: str | None = None
    ) -> Customer:
        email = f"{secrets.token_hex(6)}@example.org"
        person = Customer(self.shop.suite, self.shop.tenant, name, email, keep_data=keep_data, company=company)
        return await person.arrive()


@pytest.fixture
def people(shop: Shop) -> People:
    return People(shop)
