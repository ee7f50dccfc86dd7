from collections.abc import AsyncGenerator

import pytest
from chassis_testing import Harness
from chassis_testing.fixtures import ServiceHome
from workcenter.__main__ import service


@pytest.fixture(scope="module")
async def desk(service_home: ServiceHome) -> AsyncGenerator[Harness]:
    """The pages, beside services that do not answer."""
    async with service_home(service, orders_url="http://127.0.0.1:9", catalog_url="http://127.0.0.1:9") as home:
        yield home
