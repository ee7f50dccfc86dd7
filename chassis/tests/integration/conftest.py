"""The probe as a running service."""

import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from chassis_testing import Harness
from chassis_testing.fixtures import ServiceHome

sys.path.insert(0, str(Path(__file__).parent))  # the probe is a package of these tests only

from probe.__main__ import service
from probe.around import OWN_TOPICS


@pytest.fixture(scope="module")
async def probe(service_home: ServiceHome) -> AsyncGenerator[Harness]:
    async with service_home(service, more_topics=OWN_TOPICS) as harness:
        yield harness
