"""Each service runs alone, in a landscape that is not Kontor's, exactly as its page says (PLT-13 REW-17)."""

import asyncio
import os
import re
import secrets
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from chassis_testing import databases
from chassis_testing.programs import require
from chassis_testing.stack import Infrastructure
from contracts.topics import SERVICES
from journeys.pages.page import FOLDER, Page, stale
from stack.ports import pick
from stack.stack import ROOT

GUIDE = ROOT / FOLDER / "README.md"
EXPORTED = re.compile(r"(?<=[ ])(\w+)=")
# what a page starts in the background ends with it
BEGIN = "set -euo pipefail\ntrap 'kill $(jobs -p) && wait' EXIT\n"


def test_what_pages_list_is_what_the_code_says():
    assert stale() == [], "python -m journeys pages render"


@pytest.mark.parametrize("service", SERVICES)
def test_a_page_is_one_screen_and_tells_what_a_landscape_must_bring(service: str):
    page = Page.read(service)
    assert len(page.written.splitlines()) <= 66
    assert page.commands
    assert not [
        words for words in ("It must hear", "Into your landscape", "Limits") if f"**{words}" not in page.written
    ]
    assert f"({service}.md)" in GUIDE.read_text()


@asynccontextmanager
async def landscape(infrastructure: Infrastructure, home: Path) -> AsyncGenerator[dict[str, str]]:
    """Everything that stands around a service: an empty database, Kafka, and who knows the people; no Kontor."""
    listening = ("PROVIDER_PORT", "SMTP_PORT", "MAIL_PORT", "DOOR_PORT", "DNS_PORT")
    ports = pick(("http", "admin", "identity", *listening), {})
    (home / "secret").write_text(secrets.token_urlsafe(32))
    name = f"alone_{secrets.token_hex(4)}"
    admin = AIOKafkaAdminClient(bootstrap_servers=infrastructure.kafka)
    await admin.start()
    connection = await asyncpg.connect(infrastructure.postgres)
    await connection.execute(f'create database "{name}"')
    program = (sys.executable, ROOT / FOLDER / "landscape" / "identity.py", str(ports["identity"]))
    identity = await asyncio.create_subprocess_exec(*program, stderr=subprocess.DEVNULL)
    try:
        yield {
            "DATABASE_URL": databases.at(infrastructure.postgres, name),
            "KAFKA_BOOTSTRAP_SERVERS": infrastructure.kafka,
            "TOPIC_PREFIX": f"{name}.",
            "ACCOUNTS_URL": f"http://127.0.0.1:{ports['identity']}",
            "SERVICE_SECRET_FILE": str(home / "secret"),
            **{name: str(ports[name]) for name in listening},
            "HTTP_PORT": str(ports["http"]),
            "ADMIN_PORT": str(ports["admin"]),
            "PUBLIC_URL": f"http://127.0.0.1:{ports['http']}",
            "ADMIN_URL": f"http://127.0.0.1:{ports['admin']}",
        }
    finally:
        identity.kill()
        await identity.wait()
        await connection.execute(f'drop database "{name}" with (force)')
        await connection.close()
        await admin.delete_topics([topic for topic in await admin.list_topics() if topic.startswith(f"{name}.")])
        await admin.close()


def program(service: str, home: Path) -> str:
    """Return what runs a service: this checkout's program, or its image where containers are asked for."""
    package = service.replace("-", "_")
    if os.environ.get("KONTOR_RUNTIME") != "docker":
        return f"{sys.executable} -m {package}"
    settings = import_module(f"{package}.settings").Settings.model_fields
    named = " ".join(f"-e {name.upper()}" for name in settings)
    loopback = " ".join(f"-e {door}_HOST=127.0.0.1" for door in ("HTTP", "ADMIN", "DOOR"))
    options = f"--rm --network host --user {os.getuid()} -v {home}:{home} -w {home} {named} {loopback}"
    return f"docker run {options} kontor/{service}:0.1.0"


@pytest.mark.torture
@pytest.mark.parametrize("service", SERVICES)
async def test_PLT_13_a_service_does_alone_what_its_page_says(
    service: str, infrastructure: Infrastructure, tmp_path: Path
):
    require(("curl", "jq", "openssl"), root=False)
    for folder in ("docs", "contracts", "local"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    command = tmp_path / "bin" / f"kontor-{service}"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {program(service, tmp_path)} "$@"\n')
    command.chmod(0o755)
    async with landscape(infrastructure, tmp_path) as variables:
        # the guide names all of them, but for what keeps the topics of this run apart
        exports = " ".join(line for line in GUIDE.read_text().splitlines() if line.startswith("    export "))
        assert set(EXPORTED.findall(exports)) == variables.keys() - {"TOPIC_PREFIX"}
        path = f"{command.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        commands = ["bash", "-c", BEGIN + Page.read(service).commands]
        environment = os.environ | variables | {"PATH": path}
        page = await asyncio.create_subprocess_exec(*commands, cwd=tmp_path, env=environment)
        try:
            async with asyncio.timeout(280):
                assert await page.wait() == 0
        finally:
            if page.returncode is None:
                page.terminate()
                await page.wait()
