from base64 import urlsafe_b64encode
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from chassis_testing import Harness
from chassis_testing.fixtures import ServiceHome
from doubles.nameserver import NameServer
from mail_relay.__main__ import service
from mailing.keys import KeyDirectory
from stack.ports import pick

from .clamd import Clamd, scanner
from .people import BOUNCE_SECRET, BRAND, BRAND_DOMAIN, DOMAIN, Conversation, Sink, converse, publish_keys, sink

OPERATOR = "operator@provider.example"


@dataclass
class Relay:
    """The service, the server that it hands messages to, the name server that it asks, and its door."""

    house: Harness
    next_server: Sink
    names: NameServer
    door: int
    lmtp: int
    store: Path
    dkim: KeyDirectory
    clamd: Clamd

    async def converse(self, buyer: str | None = None, tenant: str | None = None) -> Conversation:
        return await converse(self.house, self.door, buyer, tenant=tenant)


def secret(paths: pytest.TempPathFactory, name: str, content: str) -> Path:
    file = paths.mktemp("secrets") / name
    file.write_text(content)
    return file


@pytest.fixture(scope="session")
async def relay(service_home: ServiceHome, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Relay]:
    dkim = KeyDirectory(tmp_path_factory.mktemp("dkim"), DOMAIN)
    dkim.add("ed25519", date(2026, 11, 29))
    dkim.rotate()
    store, ports = tmp_path_factory.mktemp("messages"), pick(["door", "lmtp"], {})
    async with NameServer() as names, sink() as next_server, scanner() as clamd:
        publish_keys(names)
        settings = {
            "alias_domain": DOMAIN,
            "tenant_domains": f"{BRAND}={BRAND_DOMAIN}",
            "smtp_host": "127.0.0.1",
            "smtp_port": next_server.port,
            "smtp_tls": "none",
            "smtp_timeout_seconds": 3,
            "door_port": ports["door"],
            "lmtp_port": ports["lmtp"],
            "door_edges": "127.0.0.0/8",
            "storage_url": f"file://{store}",
            "archive_key_file": secret(tmp_path_factory, "archive", urlsafe_b64encode(bytes(range(32))).decode()),
            "bounce_key_file": secret(tmp_path_factory, "bounce", BOUNCE_SECRET),
            "dkim_directory": dkim.path,
            "dns_servers": "127.0.0.1",
            "dns_port": names.port,
            "clamd_url": f"tcp://127.0.0.1:{clamd.port}",
            "postmaster": OPERATOR,
            "arc_sealers": "forwarder.example",
            "largest_message_bytes": 200_000,
        }
        async with service_home(service, **settings) as house:
            yield Relay(house, next_server, names, ports["door"], ports["lmtp"], store, dkim, clamd)


@pytest.fixture
async def talk(relay: Relay) -> Conversation:
    """A buyer and a seller who may write to each other."""
    return await relay.converse()
