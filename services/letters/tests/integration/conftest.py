import subprocess
import sys
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from chassis_testing import Harness
from chassis_testing.fixtures import ServiceHome
from chassis_testing.harness import until
from letters.__main__ import service
from mailing.envelope import Envelopes
from stack.ports import pick

from .catcher import Catcher

WITHDRAW = """
update emails
set state = 'withdrawn'
where state in ('waiting', 'sending')
  and (leased_until is null or leased_until < clock_timestamp())
"""


@pytest.fixture(scope="session")
def catcher_ports(tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[int, int]]:
    ports = pick(["test-smtp", "test-http"], {})
    smtp, http = ports["test-smtp"], ports["test-http"]
    directory: Path = tmp_path_factory.mktemp("mails")
    arguments = [f"--smtp-port={smtp}", f"--http-port={http}", f"--directory={directory}"]
    process = subprocess.Popen([sys.executable, "-m", "doubles.mail", *arguments])
    try:
        yield smtp, http
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="session")
async def catcher(catcher_ports: tuple[int, int]) -> AsyncGenerator[Catcher]:
    smtp, http = catcher_ports
    async with aiohttp.ClientSession(f"http://127.0.0.1:{http}") as session:

        async def there() -> bool:
            try:
                async with session.get("/health") as answer:
                    return answer.status == 200
            except aiohttp.ClientError:
                return False

        await until(there, what="the mail catcher")
        yield Catcher(smtp, session)


@pytest.fixture
async def calm(catcher: Catcher) -> AsyncGenerator[Catcher]:
    """The catcher, without faults at the end."""
    yield catcher
    await catcher.calm()


# The secret that the envelope senders are signed with.
BOUNCE_DOMAIN, BOUNCE_SECRET = "bounces.kontor.example", "a secret of the tests"
ENVELOPES = Envelopes(BOUNCE_DOMAIN, [BOUNCE_SECRET.encode()])


def settings(catcher: Catcher, **more: Any) -> dict[str, Any]:
    return {
        "smtp_host": "127.0.0.1",
        "smtp_port": catcher.smtp_port,
        "smtp_tls": "none",
        "smtp_timeout_seconds": 10,
        "mail_from": "shop@kontor.example",
        "mail_domains": "nordlicht.example",
        "delivery_url": "https://downloads.example",
        **more,
    }


@pytest.fixture(scope="session")
async def house(
    service_home: ServiceHome, catcher: Catcher, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Harness]:
    secret = tmp_path_factory.mktemp("secrets") / "bounce"
    secret.write_text(BOUNCE_SECRET)
    bounces = {"bounce_domain": BOUNCE_DOMAIN, "bounce_key_file": str(secret)}
    async with service_home(service, **settings(catcher, **bounces)) as house:
        yield house


@pytest.fixture
async def home(house: Harness) -> AsyncGenerator[Harness]:
    """The house; at the end its keys are at hand again, and no letter is left to meet the faults of the next test."""
    yield house
    house.accounts.away = False
    house.fault.planned.clear()
    await house.settled()

    async def none_left() -> bool:
        await house.sql(WITHDRAW)
        return not await house.sql("select 1 from emails where state in ('waiting', 'sending')")

    await until(none_left, what="letters that are on their way")
