"""Two people with s-nail and mutt, each behind a Postfix of their own, write by way of that of `deploy/postfix`."""

import asyncio
from base64 import urlsafe_b64encode
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import date
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from pathlib import Path

import pytest
from chassis_testing.fixtures import ServiceHome
from chassis_testing.harness import until as house_until
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
from .mail_judges import NAMES, judged, run
from .mail_readers import latest, mutt, threads
from .people import BOUNCE_SECRET, DOMAIN, Conversation, converse

PROGRAMS = ("postfix", "opendkim", "s-nail", "swaks", "mutt", "dovecot")


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

    async def press(self, side: str, mail: bytes, *, own: bool = False) -> bytes:
        """Let one side's mutt answer a mail, one of its own perhaps, to all; return what it has sent."""
        server, name = (self.buyers, "erika") if side == "buyer" else (self.sellers, "sales")
        address = self.talk.buyer if side == "buyer" else self.talk.seller
        home = server.home / "mutt"
        box = home / "record" if own else server.home / "mail" / name
        which = message_from_bytes(mail)["Message-ID"].strip("<>")
        keys = f"<limit>~i {which}<enter><group-reply><send-message><quit>"
        return await mutt(home, address, self.ports[side], box, keys)

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
    sent = message_from_bytes(latest(programs.buyers.home / "sent"), policy=SMTP_POLICY)
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


async def test_MAIL_4_K14_a_conversation_is_one_thread_for_both_sides_in_several_programs(programs: Programs):
    talk, at_buyer, at_seller = programs.talk, dict[str, bytes](), dict[str, bytes]()

    async def arrived(name: str) -> None:
        """Wait for a message of the buyer, q, or of the seller."""
        by_buyer = name[0] != "a"
        mine, at, box, to = (
            (at_seller, programs.sellers, "sales", talk.seller)
            if by_buyer
            else (at_buyer, programs.buyers, "erika", talk.buyer)
        )
        count = sum((one[0] != "a") is by_buyer for one in mine) + 1
        await until(lambda: len(at.mails(box, to)) >= count, name, programs.edge, programs.buyers, programs.sellers)
        mine[name] = at.mails(box, to)[-1]

    await programs.ask()
    at_buyer["q1"] = latest(programs.buyers.home / "sent")
    await arrived("q1")
    at_seller["a1"] = await programs.press("seller", at_seller["q1"])
    await arrived("a1")
    at_buyer["q2"] = await programs.press("buyer", at_buyer["a1"])
    await arrived("q2")
    # the seller adds to what was sent
    at_seller["a2"] = await programs.press("seller", at_seller["a1"], own=True)
    await arrived("a2")
    at_buyer["q3"] = await programs.press("buyer", at_buyer["a2"])
    await arrived("q3")
    # the same subject, but nothing that it answers
    await programs.ask()
    at_buyer["other"] = latest(programs.buyers.home / "sent")
    await arrived("other")
    for server, mails in ((programs.buyers, at_buyer), (programs.sellers, at_seller)):
        assert await threads(server.home / "judge", mails, "REFS") == "(q1 a1 (q2)(a2 q3))(other)"
        # which joins what has one subject
        assert await threads(server.home / "judge", mails, "REFERENCES") == "((q1 a1 (q2)(a2 q3))(other))"
        read = [message_from_bytes(raw, policy=SMTP_POLICY) for raw in mails.values()]
        # what other programs go by as well: the message that is answered is at hand, and the subject stays
        assert {one["In-Reply-To"] for one in read} - {None} <= {one["Message-ID"] for one in read}
        assert {one["Subject"].removeprefix("Re: ") for one in read} == {"Frage"}


async def test_K10_that_a_message_reached_the_mailbox_is_proved_by_its_server(programs: Programs):
    await programs.ask()
    await programs.at_seller(1)
    house, talk = programs.talk.house, programs.talk

    async def proofs() -> list[tuple[str, str]] | None:
        rows = await house.sql("select fact, details from proofs where conversation_id = $1 order by number", talk.id)
        return found if len(found := [(row["fact"], row["details"]) for row in rows]) == 2 else None

    relayed, reported = await house_until(proofs, what="the report of the seller's server")
    assert relayed[0] == "relayed"
    assert reported == ("reported", '{"action":"delivered"}')
    (message,) = await house.sql("select state, code from messages where conversation_id = $1", talk.id)
    assert (message["state"], message["code"]) == ("delivered", 250)
    # a stranger cannot ask the edge for such a report
    door = await run("swaks", "--server", f"127.0.0.1:{programs.ports['edge']}", "--quit-after", "EHLO")
    assert "DSN" not in door.stdout
    assert (
        "DSN" in (await run("swaks", "--server", f"127.0.0.1:{programs.ports['out']}", "--quit-after", "EHLO")).stdout
    )


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
