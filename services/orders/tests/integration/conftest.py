from collections.abc import AsyncGenerator

import pytest
from chassis.testing import Harness
from chassis.testing.fixtures import ServiceHome
from orders.__main__ import service


@pytest.fixture(scope="module")
async def orders(service_home: ServiceHome) -> AsyncGenerator[Harness]:
    async with service_home(service) as harness:
        yield harness
