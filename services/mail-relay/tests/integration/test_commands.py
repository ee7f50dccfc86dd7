"""The operator's commands: keys are rotated by them, and they say what has to stand in DNS (MAIL-13)."""

import asyncio
from pathlib import Path

import pytest
from doubles.nameserver import NameServer
from mail_relay.__main__ import service
from mailing.keys import KeyDirectory
from typer.testing import CliRunner, Result

from .people import DOMAIN


def do(*words: str) -> Result:
    return CliRunner().invoke(service.app(), words)


@pytest.fixture
async def names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    async with NameServer() as server:
        needed = {"ALIAS_DOMAIN": DOMAIN, "SMTP_HOST": "127.0.0.1", "STORAGE_URL": f"file://{tmp_path}/m"}
        needed |= {"DNS_SERVERS": "127.0.0.1", "DNS_PORT": str(server.port), "DKIM_DIRECTORY": f"{tmp_path}/dkim"}
        needed |= {"DATABASE_URL": "postgresql://x/y", "KAFKA_BOOTSTRAP_SERVERS": "x", "ACCOUNTS_URL": "https://x"}
        needed |= {"TENANT_DOMAINS": "lumen=mail.lumen.example"}
        needed |= {
            "PUBLIC_URL": "http://x",
            "SERVICE_SECRET_FILE": "x",
            "BOUNCE_KEY_FILE": "x",
            "ARCHIVE_KEY_FILE": "x",
        }
        for name, value in needed.items():
            monkeypatch.setenv(name, value)
        yield server


async def test_MAIL_13_keys_are_rotated_by_command_once_DNS_has_them(names: NameServer, tmp_path: Path):
    keys = KeyDirectory(tmp_path / "dkim", DOMAIN)
    made = await asyncio.to_thread(do, "keys", "new")
    assert made.exit_code == 0, made.output
    assert await asyncio.to_thread(do, "keys", "new") == made or len(list(keys)) == 2
    refused = await asyncio.to_thread(do, "keys", "rotate")
    assert (refused.exit_code, keys.signers) == (1, ())
    lines = made.output.splitlines()
    for line in lines:
        names.add(line)
    rotated = await asyncio.to_thread(do, "keys", "rotate")
    assert (rotated.exit_code, len(keys.signers)) == (0, 2), rotated.output
    assert "no next key" in (await asyncio.to_thread(do, "keys", "rotate")).output
    printed = (await asyncio.to_thread(do, "dns", "--host", "MX.shop.example.")).output
    assert set(lines) <= set(printed.splitlines())
    assert f"{DOMAIN}. IN MX 10 mx.shop.example." in printed
    assert "mail.lumen.example. IN MX 10 mx.shop.example." in printed
    assert len(lines) == 4
    assert '"v=spf1 a:mx.shop.example -all"' in printed
    assert "rua=mailto:postmaster@mx.shop.example" in printed
    await asyncio.to_thread(do, "keys", "new")
    await asyncio.to_thread(do, "keys", "rotate", "--unasked")
    assert (await asyncio.to_thread(do, "keys", "list")).output.count("former") == 2
    assert (await asyncio.to_thread(do, "keys", "remove")).output.count("removed") == 2
    assert len(list(keys)) == 2
