"""The operator's commands: keys are rotated by them, and they say what has to stand in DNS (MAIL-13)."""

import asyncio
import base64
from pathlib import Path

import pytest
from chassis.config import Clock
from chassis.config.provision import Provision
from chassis.identity import KeyRings
from chassis.service import CommandLine
from doubles.nameserver import NameServer
from mail_relay.__main__ import service
from mail_relay.clients import surroundings
from mail_relay.doors import provide
from mail_relay.settings import Settings
from mailing.keys import KeyDirectory
from typer.testing import CliRunner, Result

from .people import DOMAIN


def do(*words: str) -> Result:
    return CliRunner().invoke(CommandLine(service).app(), words)


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


async def test_what_has_to_stand_in_DNS_is_printed_where_the_next_server_signs_too(
    names: NameServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("DKIM_DIRECTORY")
    named = await asyncio.to_thread(do, "dns", "--host", "mx.shop.example", "--sender", "out.example")
    assert '"v=spf1 a:mx.shop.example a:out.example -all"' in named.stdout
    assert "--sender" not in named.stderr
    done = await asyncio.to_thread(do, "dns", "--host", "mx.shop.example")
    assert "--sender NAME" in done.stderr
    assert done.exit_code == 0, done.output
    assert f"{DOMAIN}. IN MX 10 mx.shop.example." in done.stdout
    assert '"v=spf1 a:mx.shop.example -all"' in done.stdout
    assert f"_dmarc.{DOMAIN}. IN TXT" in done.stdout
    assert "DKIM_DIRECTORY is not set" in done.stderr


async def test_the_doctor_tells_what_DNS_and_the_next_server_lack(
    names: NameServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for variable in ("BOUNCE_KEY_FILE", "ARCHIVE_KEY_FILE"):
        monkeypatch.setenv(variable, str(tmp_path / "secret"))
    (tmp_path / "secret").write_text(base64.urlsafe_b64encode(bytes(32)).decode())
    await asyncio.to_thread(do, "keys", "new")
    await asyncio.to_thread(do, "keys", "rotate", "--unasked")
    monkeypatch.setenv("SMTP_PORT", "1")

    async def diagnoses() -> set[str]:
        settings = Settings()  # pyright: ignore[reportCallIssue] -- the environment has what is needed
        provided = Provision(provide(settings, KeyRings(lambda purpose: pytest.fail(purpose), Clock(None))))
        return {f"{one.grade} {one.text}" for one in await provided.bind(surroundings.examine, given=0)()}

    found = await diagnoses()
    assert "error 127.0.0.1:1 does not take us: 421 no answer (SMTPConnectError)." in found
    for lacking in ("has no MX", "says nothing about who sends", "lacks the key (DKIM)", "has no policy for what"):
        assert [one for one in found if lacking in one and DOMAIN in one], lacking
    for line in (await asyncio.to_thread(do, "dns", "--host", "mx.shop.example")).output.splitlines():
        names.add(line)
    found = await diagnoses()
    assert f"ok {DOMAIN} has MX, SPF, DKIM and DMARC" in found
    assert len([one for one in found if one.startswith("error")]) == 1
