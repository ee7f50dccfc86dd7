"""`health` tells by its exit code, and in a sentence, whether what runs here is ready (PLT-13)."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from chassis.config import ServiceSettings
from chassis.health import HOST, PORT
from chassis.service.probes import probes

EVERYWHERE = ".".join("0000")  # as in a container
COMMON = {
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
    "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
    "ACCOUNTS_URL": "http://127.0.0.1:1",
    "PUBLIC_URL": "http://127.0.0.1:1",
    "SERVICE_SECRET_FILE": "/nowhere",
}


@asynccontextmanager
async def serving(reason: str) -> AsyncGenerator[int]:
    async def unready() -> str:
        return reason

    app = web.Application()
    app.router.add_get("/readyz", probes({}, list, unready)["/readyz"])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield runner.addresses[0][1]
    await runner.cleanup()


COMMANDS = (("catalog", "health"), ("chassis.health", "catalog"))  # the latter is what containers run
both = pytest.mark.parametrize("words", COMMANDS)


async def health(port: int, words: tuple[str, str]) -> tuple[int, str]:
    def ask() -> subprocess.CompletedProcess[str]:
        environment = COMMON | {"PYTHONPATH": ":".join(sys.path), "ADMIN_HOST": EVERYWHERE, "ADMIN_PORT": str(port)}
        command = [sys.executable, "-m", *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)

    done = await asyncio.to_thread(ask)
    return done.returncode, done.stdout + done.stderr


@both
async def test_a_service_that_is_ready_is_healthy(words: tuple[str, str]):
    async with serving("") as port:
        assert await health(port, words) == (0, "")


@both
async def test_a_service_that_is_not_ready_says_why(words: tuple[str, str]):
    async with serving("Kafka cannot be reached") as port:
        assert await health(port, words) == (1, "catalog is not ready: Kafka cannot be reached\n")


async def test_a_service_that_does_not_run_is_not_healthy():
    async with serving("") as port:
        pass
    code, said = await health(port, COMMANDS[1])
    assert (code, said.startswith(f"catalog does not answer at 127.0.0.1, port {port}: ")) == (1, True)


def test_what_is_asked_without_settings_is_asked_where_settings_say():
    fields = ServiceSettings.model_fields
    assert (fields["admin_host"].default, fields["admin_port"].default) == (HOST, PORT)
