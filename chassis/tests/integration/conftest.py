"""The probe as a running service."""

import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from chassis_testing import Harness
from chassis_testing.fixtures import ServiceHome

sys.path.insert(0, str(Path(__file__).parent))  # the probe is a package of these tests only

from probe.__main__ import service


@pytest.fixture(scope="module")
async def probe(service_home: ServiceHome) -> AsyncGenerator[Harness]:
    async with service_home(service) as harness:
        yield harness
