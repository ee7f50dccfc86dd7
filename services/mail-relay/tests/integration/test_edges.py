"""Mail that a server in front of the door hands in: who its client is, an answer for each recipient, and loops."""

import asyncio

from mailing.envelope import Kind
from mailing.signing import Signer
from uuid_utils.compat import uuid7

from .conftest import Relay
from .people import DOMAIN, ENVELOPES, SIGNERS, Conversation


async def say(port: int, *words: str | bytes) -> list[str]:
    """The last line of each answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"".join((word.encode() if isinstance(word, str) else word) + b"\r\n" for word in [*words, "QUIT"]))
    said = (await asyncio.wait_for(reader.read(), 20)).decode().splitlines()
    writer.close()
    return [line for line in said if line[3:4] == " "]


def dotted(raw: bytes) -> bytes:
    return raw.replace(b"\r\n.", b"\r\n..") + (b"." if raw.endswith(b"\r\n") else b"\r\n.")


async def test_MAIL_13_SPF_is_judged_by_the_client_of_the_edge(relay: Relay, talk: Conversation):
    relay.names.text("buyer.example", "v=spf1 ip4:192.0.2.7 -all")
    message = talk.message(talk.buyer, talk.buyer_writes_to).as_bytes()
    envelope = [f"MAIL FROM:<{talk.buyer}>", f"RCPT TO:<{talk.buyer_writes_to}>", "DATA", dotted(message)]
    try:
        for client, code in (("192.0.2.7", "250"), ("192.0.2.8", "550"), ("[UNAVAILABLE]", "550")):
            said = await say(relay.door, "EHLO edge", f"XFORWARD ADDR={client} HELO=mx.buyer.example", *envelope)
            assert said[-2][:3] == code, (client, said)
        # what is said of one client is not believed of the next
        said = await say(relay.door, "EHLO edge", "XFORWARD ADDR=192.0.2.7", *envelope, *envelope)
        assert [line[:3] for line in said[-6:-1]] == ["250", "250", "250", "354", "550"]
    finally:
        relay.names.text("buyer.example", "v=spf1 -all")


async def test_MAIL_14_LMTP_answers_for_each_recipient(relay: Relay, talk: Conversation):
    other = await relay.converse()
    message = SIGNERS["buyer.example"].sign(talk.message(talk.buyer, talk.buyer_writes_to).as_bytes())
    again = talk.buyer_writes_to.replace("@", "+again@")
    unknown = f"{'a' * 32}@{DOMAIN}"
    to = [f"RCPT TO:<{one}>" for one in (talk.buyer_writes_to, other.buyer_writes_to, unknown, again)]
    said = await say(relay.lmtp, "LHLO edge", f"MAIL FROM:<{talk.buyer}>", *to, "DATA", dotted(message))
    assert [line[:3] for line in said[3:]] == ["250", "250", "550", "250", "354", "250", "550", "250", "221"]
    assert len(await _kept(relay, talk)) == 1
    assert len(await _kept(relay, other)) == 0
    lines = [b"From: x", b"", b"z" * 1_200, b"."]
    said = await say(relay.lmtp, "LHLO edge", f"MAIL FROM:<{talk.buyer}>", *to, "DATA", *lines)
    assert [line[:3] for line in said[-4:]] == ["554", "554", "554", "221"]
    refused = await relay.house.sql("select reason from refusals where conversation_id = $1", talk.id)
    assert [row["reason"] for row in refused] == ["malformed"]


async def test_F_M27_a_message_has_ten_recipients(relay: Relay, talk: Conversation):
    local, _, domain = talk.buyer_writes_to.partition("@")
    many = [f"RCPT TO:<{local}+{number}@{domain}>" for number in range(150)]
    said = await say(relay.door, "EHLO x", f"MAIL FROM:<{talk.buyer}>", *many)
    assert [line[:3] for line in said[3:-1]] == ["250"] * 10 + ["452"] * 140


async def test_F_M17_what_has_left_here_does_not_come_in_again(relay: Relay, talk: Conversation):
    """Two customers whose addresses are each other's aliases, and a mailbox that sends on what it gets."""
    await talk.ask()
    await relay.next_server.one(talk.seller)
    (sent,) = relay.next_server.to(talk.seller)
    assert (await talk.send(sent, talk.seller, talk.seller_writes_to, signed=False))[0] == 554
    ours = Signer(DOMAIN, "kontor", SIGNERS["buyer.example"].key)
    written = ours.sign(talk.message(talk.seller_writes_to, talk.buyer_writes_to).as_bytes())
    assert (await talk.send(written, talk.buyer, talk.buyer_writes_to, signed=False))[0] == 554
    # a list that has written itself into From
    through = talk.message(talk.buyer, talk.buyer_writes_to, Message_ID=f"<0197@{DOMAIN.upper()}>")
    assert (await talk.send(through, talk.buyer, talk.buyer_writes_to))[0] == 554
    for _ in range(2):
        hops = talk.message(talk.buyer, talk.buyer_writes_to).as_bytes()
        hops = b"Received: from a by b; Sun, 29 Nov 2026 09:00:00 +0100\r\n" * 31 + hops
        assert (await talk.send(hops, talk.buyer, talk.buyer_writes_to))[0] == 554
    await relay.house.settled()
    assert relay.next_server.to(talk.buyer) == []


async def test_F_M11_a_bounce_may_be_faster_than_the_record_of_what_it_is_about(relay: Relay, talk: Conversation):
    planned, name = relay.house.fault.planned, "outbound:relay messages:acted"

    def die() -> None:
        del planned[name]
        raise ConnectionResetError

    planned[name] = die
    await talk.ask()
    await relay.next_server.one(talk.seller)
    (to,) = (sender for sender, at, _ in relay.next_server.taken if at == talk.seller)
    status = f"Final-Recipient: rfc822; {talk.seller}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
    head = f"From: MAILER-DAEMON@mx.seller.example\r\nTo: {to}\r\nMIME-Version: 1.0\r\n"
    kind = 'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n--b\r\n'
    report = head + kind + "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n" + status
    assert (await talk.send(report.encode(), "", to))[0] == 250
    notice = await relay.next_server.one(talk.buyer)
    assert talk.buyer_writes_to in notice.as_string()


async def test_F_M11_a_report_is_about_one_message(relay: Relay, talk: Conversation):
    to = [ENVELOPES.bounce_address(talk.tenant, uuid7(), Kind.MESSAGE, relay.house.clock.now()) for _ in range(2)]
    rcpt = [f"RCPT TO:<{one}>" for one in to]
    said = await say(relay.lmtp, "LHLO edge", "MAIL FROM:<>", *rcpt, "DATA", b"From: x", b"", b".")
    assert [line[:3] for line in said[3:]] == ["250", "452", "354", "250", "221"]


async def _kept(relay: Relay, talk: Conversation):
    return await relay.house.sql("select number from messages where conversation_id = $1", talk.id)
