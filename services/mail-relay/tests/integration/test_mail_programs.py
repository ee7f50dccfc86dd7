"""Two people with s-nail, each behind a Postfix of their own, write to each other through that of `deploy/postfix`."""

import asyncio
import re
import subprocess
from base64 import urlsafe_b64encode
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import date
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from pathlib import Path
from typing import Any, cast

import authheaders
import dns.resolver
import pytest
from chassis_testing.fixtures import ServiceHome
from chassis_testing.programs import require
from doubles.nameserver import NameServer
from mail_relay.__main__ import service
from mail_relay.domain.rewriting import leaks
from mailing.keys import KINDS, KeyDirectory
from mailing.signing import public_record
from stack.certificates import issue
from stack.ports import pick
from stack.postfix import Postfix, edge, side, until
from uuid_utils.compat import uuid7

from .conftest import secret
from .people import BOUNCE_SECRET, DOMAIN, Conversation, converse

PROGRAMS = ("postfix", "opendkim", "s-nail", "swaks")
NAMES = {"buyer.example": "127.0.0.2", "seller.example": "127.0.0.3", DOMAIN: "127.0.0.1"}
UNBOUND = """server:
  do-not-query-localhost: no
  module-config: "iterator"
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@{port}
"""


@dataclass
class Programs:
    """The edge, and the servers of both sides."""

    edge: Postfix
    buyers: Postfix
    sellers: Postfix
    ports: dict[str, int]
    names: NameServer
    talk: Conversation

    async def write(self, side: str, *words: str, text: str, read: bool = False) -> None:
        """Let one side's mail program do something."""
        server, address = (self.buyers, self.talk.buyer) if side == "buyer" else (self.sellers, self.talk.seller)
        settings = {
            "v15-compat": "yes",
            "mta": f"smtp://127.0.0.1:{self.ports[side]}",
            "smtp-auth": "none",
            "hostname": address.rpartition("@")[2],
            "from": f"Erika Musterfrau <{address}>" if side == "buyer" else f"Verkauf <{address}>",
            "record": str(server.home / "sent"),
            "sendwait": "yes",
            "quote": "yes",
            "indentprefix": "> ",
        }
        options = [word for name, value in settings.items() for word in ("-S", f"{name}={value}")]
        done = await run("s-nail", "-n", *(["-#"] if read else []), *options, *words, text=text)
        assert done.returncode == 0, done.stdout + done.stderr + server.log

    async def ask(self, *words: str, text: str = "Läuft es auf ARM?\n") -> None:
        await self.write("buyer", "-s", "Frage", *words, self.talk.buyer_writes_to, text=text)

    async def at_buyer(self, count: int) -> EmailMessage:
        """The latest of so many messages that the buyer has got."""
        return await self._arrived(self.buyers, "erika", self.talk.buyer, count)

    async def at_seller(self, count: int) -> EmailMessage:
        """The latest of so many messages that the seller has got."""
        return await self._arrived(self.sellers, "sales", self.talk.seller, count)

    async def _arrived(self, at: Postfix, box: str, to: str, count: int) -> EmailMessage:
        logs = (self.edge, self.buyers, self.sellers)
        await until(lambda: len(at.mails(box, to)) >= count, f"message {count}", *logs)
        return message_from_bytes(at.mails(box, to)[-1], policy=SMTP_POLICY)


@pytest.fixture(scope="module")
async def servers(service_home: ServiceHome, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Programs]:
    require(PROGRAMS)
    dkim = KeyDirectory(tmp_path_factory.mktemp("dkim"), DOMAIN)
    for kind in KINDS:
        dkim.add(kind, date(2026, 11, 29))
    dkim.rotate()
    certificate = issue(tmp_path_factory.mktemp("tls"), "mx.shop.example")
    ports = pick(["buyer", "seller", "edge", "out", "door", "lmtp"], {})
    to_relay = {"transport_maps": f"inline:{{{DOMAIN}=smtp:[127.0.0.1]:{ports['edge']}}}"}
    routes = ", ".join(f"{{{one}.example=smtp:[127.0.0.1]:{ports[one]}}}" for one in ("buyer", "seller"))
    to_sides = {
        "transport_maps": f"inline:{{{routes}}}",
        "smtpd_tls_chain_files": ", ".join(str(file) for file in reversed(certificate)),
        "smtp_bind_address": NAMES[DOMAIN],
    }
    async with AsyncExitStack() as stack:
        names = await stack.enter_async_context(NameServer())
        for domain, address in NAMES.items():
            names.text(domain, f"v=spf1 ip4:{address} -all")
            names.text(f"_dmarc.{domain}", "v=DMARC1; p=reject; adkim=s")
        for signer in dkim.signers:
            names.text(f"{signer.selector}._domainkey.{DOMAIN}", public_record(signer.key))
        settings = {
            "alias_domain": DOMAIN,
            "smtp_host": "127.0.0.1",
            "smtp_port": ports["out"],
            "smtp_tls": "none",
            "door_port": ports["door"],
            "door_edges": "127.0.0.1",
            "lmtp_port": ports["lmtp"],
            "storage_url": f"file://{tmp_path_factory.mktemp('messages')}",
            "bounce_key_file": secret(tmp_path_factory, "bounce", BOUNCE_SECRET),
            "archive_key_file": secret(tmp_path_factory, "archive", urlsafe_b64encode(bytes(range(32))).decode()),
            "dkim_directory": dkim.path,
            "dns_servers": "127.0.0.1",
            "dns_port": names.port,
        }
        three = [
            edge(ports["edge"], ports["out"], ports["door"], ports["lmtp"], to_sides),
            side("buyer.example", NAMES["buyer.example"], ports["buyer"], ["erika"], to_relay),
            side("seller.example", NAMES["seller.example"], ports["seller"], ["sales"], to_relay),
        ]
        edge_, buyers, sellers = await asyncio.gather(*(stack.enter_async_context(one) for one in three))
        house = await stack.enter_async_context(service_home(service, **settings))
        yield Programs(edge_, buyers, sellers, ports, names, await converse(house, ports["door"]))


@pytest.fixture
async def programs(servers: Programs) -> Programs:
    """The same with two people who have not written yet."""
    return replace(servers, talk=await converse(servers.talk.house, servers.ports["door"]))


async def test_MAIL_15_two_people_write_to_each_other_with_their_own_programs(programs: Programs, tmp_path: Path):
    talk = programs.talk
    (tmp_path / "rechnung.pdf").write_bytes(b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")
    await programs.ask("-a", str(tmp_path / "rechnung.pdf"))
    question = await programs.at_seller(1)
    assert [part.get_filename() for part in question.iter_attachments()] == ["rechnung.pdf"]

    # the seller answers to all, and the buyer's program finds what it has sent
    await programs.write(
        "seller",
        "-f",
        f"maildir://{programs.sellers.home}/mail/sales",
        text="reply $\nJa, auch dort.\n~.\nquit\n",
        read=True,
    )
    answer = await programs.at_buyer(1)
    sent = message_from_bytes((programs.buyers.home / "sent").read_bytes().split(b"\n", 1)[1], policy=SMTP_POLICY)
    assert answer["In-Reply-To"] == sent["Message-ID"]
    assert "Ja, auch dort." in answer.get_content()
    assert talk.buyer_writes_to in answer["From"]

    # the buyer writes once more to what was sent: a follow-up to the own mail is of the same conversation
    await programs.write(
        "buyer", "-f", str(programs.buyers.home / "sent"), text="reply $\nUnd auf 32 Bit?\n~.\nquit\n", read=True
    )
    more = await programs.at_seller(2)
    assert question["Message-ID"] in more["References"]

    # what answers by itself goes no further, and nobody is told of it
    by = ("swaks", "--server", f"127.0.0.1:{programs.ports['seller']}", "--from", "<>", "--to", talk.seller_writes_to)
    absent = ("--h-From", talk.seller, "--h-Subject", "Abwesend", "--h-Auto-Submitted", "auto-replied")
    await run(*by, *absent, "--body", "Ich bin im Urlaub.")
    await until(lambda: "550 5.7.1" in programs.sellers.log, "the refusal", programs.sellers)
    arrived = [
        (programs.sellers, "sales", talk.seller, talk.buyer),
        (programs.buyers, "erika", talk.buyer, talk.seller),
    ]
    for server, box, to, hidden in arrived:
        secrets = [hidden, hidden.partition("@")[0], hidden.partition("@")[2]]
        for raw in server.mails(box, to):
            assert leaks(raw, secrets) == []
            await judged(raw, programs.names, tmp_path)
    # nor does the dialogue of the servers name them
    assert "sales" not in programs.buyers.log
    assert "erika" not in programs.sellers.log


async def test_F_M10_a_mailbox_that_is_gone_is_told_by_the_relay(programs: Programs):
    house, mark = programs.talk.house, uuid7().hex[-12:]
    programs.talk = await converse(house, programs.ports["door"], seller=f"gone.{mark}@seller.example")
    await programs.ask()
    notice = await programs.at_buyer(1)
    assert notice["Auto-Submitted"] == "auto-replied"
    assert programs.talk.buyer_writes_to in notice.as_string()
    assert leaks(programs.buyers.mails("erika", programs.talk.buyer)[0], [f"gone.{mark}", "seller.example"]) == []


async def test_F_M13_the_edge_tells_who_its_client_is(programs: Programs):
    talk, door = programs.talk, f"127.0.0.1:{programs.ports['edge']}"
    envelope = ("--from", talk.buyer, "--to", talk.buyer_writes_to, "--helo", "mx.buyer.example")
    stranger = await run("swaks", "--server", door, "--local-interface", "127.0.0.9", "--tls", *envelope)
    # refused while the stranger listens, so that nothing comes back to the buyer
    assert "550 5.7.26" in stranger.stdout, stranger.stdout + programs.edge.log
    assert "TLS started" in stranger.stdout
    unknown = await run("swaks", "--server", door, "--to", f"{'a' * 32}@{DOMAIN}")
    assert "550 5.1.1 No such address here" in unknown.stdout


async def judged(raw: bytes, names: NameServer, directory: Path) -> None:
    """Ask OpenDKIM and authheaders whether what has arrived is proven for the domain of the aliases."""
    (directory / "unbound").write_text(UNBOUND.format(port=names.port))
    (directory / "opendkim").write_text(f"Mode v\nResolverConfiguration {directory}/unbound\n")
    signed = raw[raw.index(b"DKIM-Signature:") :]
    (directory / "message").write_bytes(signed)
    done = await run("/usr/sbin/opendkim", "-x", str(directory / "opendkim"), "-t", str(directory / "message"))
    assert f"verification (s=k20261129-rsa, d={DOMAIN}" in done.stdout, done
    assert "succeeded" in done.stdout, done
    sender = re.search(rb"^Return-Path: <(.*)>", raw)
    assert sender is not None
    asked = dns.resolver.Resolver(configure=False)
    asked.nameservers, asked.port = ["127.0.0.1"], names.port
    dns.resolver.default_resolver = asked  # of authheaders and those that it asks; ours have their own
    try:
        said = await asyncio.to_thread(
            cast("Any", authheaders).authenticate_message,  # it has no types
            signed,
            "mx.example",
            ip=NAMES[DOMAIN],
            mail_from=sender[1].decode(),
            helo="mx.shop.example",
            spf=True,
        )
    finally:
        dns.resolver.default_resolver = None
    results = dict(re.findall(r"(?<![.\w])(spf|dkim|dmarc)=(\w+)", str(said)))
    assert results == {"spf": "pass", "dkim": "pass", "dmarc": "pass"}, said


async def run(*words: str, text: str = "") -> "subprocess.CompletedProcess[str]":
    """Let a program do something."""
    return await asyncio.to_thread(
        subprocess.run, words, input=text, capture_output=True, text=True, check=False, timeout=20
    )
