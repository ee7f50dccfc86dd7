import asyncio
import secrets
from collections.abc import AsyncGenerator

import pytest
from chassis_testing.stack import Infrastructure
from journeys.demo.opening import open_shop
from journeys.seller import Shop
from journeys.shops import stock_shop
from journeys.suite import Suite, suite
from journeys.trial.people import People
from stack.services import SERVICES
from stack.stack import ROOT, Stack

from contracts import topics


@pytest.fixture(scope="session")
async def running(infrastructure: Infrastructure) -> AsyncGenerator[Suite]:
    """All services, on the run's own Kafka and PostgreSQL."""
    home = ROOT / ".local" / ("test" if infrastructure.state else "journeys")
    declared = [(topic.name, topic.retention_ms) for topic in topics()]
    # what is the run's own ends with the last process of the run
    stack = Stack(home, durable=False, topics=lambda: declared, with_runner=not infrastructure.state)
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


@pytest.fixture(scope="module")
async def other_shop(running: Suite) -> Shop:
    """Another tenant, which sells the same articles."""
    shop = await open_shop(running, f"t{secrets.token_hex(4)}")
    await stock_shop(shop)
    return shop


@pytest.fixture
def people(shop: Shop) -> People:
    return People(shop)
