"""The fixtures that the tests of all parts use."""

import secrets
from collections.abc import AsyncGenerator, Callable, Collection, Generator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import hypothesis
import pytest
import uvloop
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from chassis.service.running import running
from chassis.service.service import Service
from chassis.telemetry import logs
from contracts.topics import published_by

from chassis_testing import databases, histories, stack
from chassis_testing.accounts import key_server
from chassis_testing.broker import broker
from chassis_testing.harness import PARTITIONS, Faults, Harness, until
from chassis_testing.stack import Infrastructure

BY_THE_BROKERS_CLOCK = {"message.timestamp.type": "LogAppendTime"}
ServiceHome = Callable[..., AbstractAsyncContextManager[Harness]]


def pytest_configure(config: pytest.Config) -> None:
    """Remember the root of the checkout, below which the local stack is; configure logging.

    No property fails because the machine is busy: how long an example takes says nothing about us.
    """
    hypothesis.settings.register_profile("busy", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
    hypothesis.settings.load_profile("busy")
    config.stash[ROOT] = config.rootpath
    config.addinivalue_line("markers", histories.MARK)
    logs.configure("tests", "WARNING")


ROOT = pytest.StashKey[Path]()


@pytest.fixture(scope="session")
def event_loop_policy() -> uvloop.EventLoopPolicy:
    """Run tests on the event loop that services run on."""
    return uvloop.EventLoopPolicy()


@pytest.fixture(scope="session")
def infrastructure(request: pytest.FixtureRequest) -> Generator[Infrastructure]:
    """Start PostgreSQL and Kafka, one for all test processes of a run."""
    root = request.config.stash[ROOT]
    found = stack.acquire(root)
    yield found
    stack.release(root)


@pytest.fixture(scope="session")
def service_home(infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory) -> ServiceHome:
    """Provide a context manager that runs a service in-process on its own database and topics.

    `async with service_home(service, **settings) as harness`; it yields when the service is ready. It has the topics
    that the contracts give to the service, and `more_topics`.
    """

    @asynccontextmanager
    async def home(
        service: Service[Any], *, more_topics: Collection[str] = (), **settings: Any
    ) -> AsyncGenerator[Harness]:
        directory = tmp_path_factory.mktemp(service.package)
        clock_file, secret_file = directory / "clock", directory / "secret"
        clock_file.write_text("0")
        secret_file.write_text(secrets.token_urlsafe(32))
        prefix = f"t{secrets.token_hex(4)}."
        async with AsyncExitStack() as stack:
            accounts = await stack.enter_async_context(key_server(clock_file))
            database = await stack.enter_async_context(databases.fresh(infrastructure.postgres, service))
            names = {*published_by(service.name), *service.reactions.topics, *more_topics}
            await stack.enter_async_context(topics(infrastructure.kafka, prefix, names))
            given: dict[str, Any] = {
                "database_url": database,
                "kafka_bootstrap_servers": infrastructure.kafka,
                "accounts_url": accounts.url,
                "public_url": "http://127.0.0.1",
                "service_secret_file": secret_file,
                "clock_file": clock_file,
                "database_wait_seconds": 20,  # a busy machine is not what these tests are about
                "topic_prefix": prefix,
                "http_port": 0,
                "admin_port": 0,
                **settings,
            }
            configured = service.settings(**given)
            fault = Faults()
            house, url = await stack.enter_async_context(running(service, configured, fault))
            http = await stack.enter_async_context(aiohttp.ClientSession(url))
            harness = Harness(
                service=service,
                infrastructure=infrastructure,
                prefix=prefix,
                database_url=database,
                settings=configured,
                accounts=accounts,
                clock_file=clock_file,
                http=http,
                broker=await stack.enter_async_context(broker(infrastructure.kafka)),
                topics=names,
                topics_consumed=frozenset(service.reactions.topics),
                fault=fault,
                base_url=url,
                running=house,
            )
            stack.callback(harness.disconnect)
            await stack.enter_async_context(harness.listening())
            await until(lambda: _ready(harness), timeout=20, what=f"{service.name} to be ready")
            yield harness

    return home


@asynccontextmanager
async def topics(kafka: str, prefix: str, names: Collection[str]) -> AsyncGenerator[None]:
    """Create topics that take the broker's time, wait until each has its leaders, and delete them at the end."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    full = [prefix + name for name in names]

    async def led() -> bool:
        found: Any = await admin.describe_topics(full)
        return all(topic["error_code"] == 0 and all(p["leader"] >= 0 for p in topic["partitions"]) for topic in found)

    try:
        await admin.create_topics([NewTopic(name, PARTITIONS, 1, topic_configs=BY_THE_BROKERS_CLOCK) for name in full])
        await until(led, what="the topics to have leaders")
        yield
    finally:
        # also after a failure, for thousands of left-over partitions make the broker slow for everybody
        await admin.delete_topics(full)
        await admin.close()


async def _ready(home: Harness) -> bool:
    async with home.admin("/readyz") as answer:
        return answer.status == 200
