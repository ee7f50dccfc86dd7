"""What strangers try at the door: smuggled messages, guessed aliases, and a process that dies."""

import asyncio
from email import message_from_bytes
from email.policy import default

import aiosmtplib
import pytest
from chassis_testing.harness import until
from mailing.authentication import Verdict, authenticate
from mailing.resolver import Resolver
from mailing.signing import public_record

from .conftest import Relay
from .people import DOMAIN, SIGNERS, Conversation

# the ends of data that servers have disagreed about (SEC Consult 2023, Postfix, Exim, Sendmail)
ENDS = [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\r.\r\n", b"\n.\r", b"\r\n\0.\r\n"]


@pytest.mark.parametrize("end", ENDS, ids=[repr(end) for end in ENDS])
async def test_F_M01_a_message_within_a_message_is_none(relay: Relay, talk: Conversation, end: bytes):
    first = SIGNERS["buyer.example"].sign(talk.message(talk.buyer, talk.buyer_writes_to).as_bytes())
    second = SIGNERS["buyer.example"].sign(talk.message(talk.buyer, talk.buyer_writes_to, "smuggled").as_bytes())
    envelope = b"MAIL FROM:<%s>\r\nRCPT TO:<%s>\r\nDATA\r\n" % (talk.buyer.encode(), talk.buyer_writes_to.encode())
    reader, writer = await asyncio.open_connection("127.0.0.1", relay.door)
    writer.write(b"EHLO x.example\r\n" + envelope)
    writer.write(first + end + envelope + second + b"\r\n.\r\nQUIT\r\n")
    answers = (await asyncio.wait_for(reader.read(), 20)).decode().splitlines()
    writer.close()
    assert [line for line in answers if line.startswith("250 2.0.0 Kept")] == []
    rows = await relay.house.sql("select count(*) from messages where conversation_id = $1", talk.id)
    assert rows[0]["count"] == 0


async def test_F_M16_a_session_that_tries_aliases_ends(relay: Relay, talk: Conversation):
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=relay.door, start_tls=False) as client:
        await client.mail(talk.buyer)
        codes: list[int] = []
        while 421 not in codes and len(codes) < 40:
            try:
                await client.rcpt(f"{len(codes):032}@{DOMAIN}")
            except aiosmtplib.SMTPResponseException as refused:
                codes.append(refused.code)
    assert codes == [550] * 10 + [421]


async def test_F_M20_what_leaves_passes_dmarc_for_the_domain_of_the_aliases(relay: Relay, talk: Conversation):
    (signer,) = relay.dkim.signers
    relay.names.text(f"{signer.selector}._domainkey.{DOMAIN}", public_record(signer.key))
    relay.names.text(f"_dmarc.{DOMAIN}", "v=DMARC1; p=reject; adkim=s")
    await talk.ask()
    await relay.next_server.one(talk.seller)
    resolver = Resolver(["127.0.0.1"], relay.names.port)
    (raw,) = relay.next_server.to(talk.seller)
    found = await authenticate(raw, "192.0.2.1", "somewhere.example", "", resolver)
    assert (found.dmarc.verdict, found.dmarc.dkim_aligned) == (Verdict.PASS, True)


@pytest.mark.parametrize("point", ["claimed", "acted"])
async def test_F_M25_a_process_that_dies_while_it_relays_loses_nothing(relay: Relay, talk: Conversation, point: str):
    planned, name = relay.house.fault.planned, f"outbound:relay messages:{point}"

    def die() -> None:
        del planned[name]
        raise ConnectionResetError

    planned[name] = die
    assert (await talk.ask())[0] == 250

    async def died() -> bool:
        return name not in planned

    async def relayed() -> bool:
        rows = await relay.house.sql("select state from messages where conversation_id = $1", talk.id)
        return [row["state"] for row in rows] == ["relayed"]

    await until(died, what="the fault")
    await relay.house.sql("update messages set leased_until = null where conversation_id = $1 returning 1", talk.id)
    await until(relayed, what="the message")
    found = relay.next_server.to(talk.seller)
    assert len(found) == (2 if point == "acted" else 1)
    assert len({raw[raw.index(b"Message-ID:") :][:80] for raw in found}) == 1


async def test_MAIL_17_an_alias_takes_ten_messages_a_minute(relay: Relay, talk: Conversation):
    answers = await asyncio.gather(*(talk.ask(f"Frage {number}") for number in range(13)))
    assert sorted(code for code, _ in answers) == [250] * 10 + [450] * 3
    assert (await talk.ask())[0] == 450
    # the seller may answer, and a minute later there is room again
    assert (await talk.answer())[0] == 250
    relay.house.shift_clock(61)
    assert (await talk.ask())[0] == 250


async def test_MAIL_16_files_are_taken_by_what_they_are(relay: Relay, talk: Conversation):
    for content, name, code in (
        (b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n", "rechnung.pdf", 250),
        (b"MZ" + bytes(200), "rechnung.pdf", 554),
        (b"MZ" + bytes(200), "rechnung.txt", 554),
    ):
        message = talk.message(talk.buyer, talk.buyer_writes_to)
        message.add_attachment(content, maintype="application", subtype="pdf", filename=name)
        assert (await talk.send(message, talk.buyer, talk.buyer_writes_to))[0] == code, name

    async def both() -> bool:
        return len(relay.next_server.to(talk.seller)) >= 2

    await until(both, what="the question, and one notice that others were not taken")  # MAIL-14
    await relay.house.settled()
    found = [message_from_bytes(raw, policy=default) for raw in relay.next_server.to(talk.seller)]
    (notice,) = [one for one in found if one["Auto-Submitted"]]
    assert "nicht zugestellt" in notice["Subject"]
    assert talk.buyer not in notice.as_string()
    (question,) = [one for one in found if not one["Auto-Submitted"]]
    assert [part.get_filename() for part in question.iter_attachments()] == ["rechnung.pdf"]
