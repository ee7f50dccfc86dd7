"""Name servers of a test's own, on loopback."""

from collections.abc import AsyncIterator

import pytest
from doubles.nameserver import NameServer
from mailing.resolver import Resolver


@pytest.fixture
async def names() -> AsyncIterator[NameServer]:
    async with NameServer() as server:
        yield server


@pytest.fixture
def resolver(names: NameServer) -> Resolver:
    return Resolver(["127.0.0.1"], names.port, timeout_seconds=1.0)
