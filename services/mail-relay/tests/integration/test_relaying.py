"""A buyer and a seller write to each other with their ordinary mail programs (MAIL-1, MAIL-3, MAIL-15)."""

import asyncio
from uuid import uuid4

import aiosmtplib
import pytest
from chassis_testing.harness import until
from contracts.mail_relay import EmailReturned, MessageRefused, MessageRelayed
from mail_relay.domain.rewriting import leaks
from mailing.envelope import Kind

from .conftest import Relay
from .people import ENVELOPES, Conversation


async def test_MAIL_15_a_question_and_its_answer_by_mail_alone(relay: Relay, talk: Conversation):
    assert (await talk.ask())[0] == 250
    question = await relay.next_server.one(talk.seller)
    assert talk.seller_writes_to in question["From"]
    assert talk.buyer not in question.as_string()
    assert (await talk.answer(In_Reply_To=question["Message-ID"], References=question["Message-ID"]))[0] == 250
    answer = await relay.next_server.one(talk.buyer)
    assert talk.buyer_writes_to in answer["From"]
    assert answer["To"] == talk.buyer
    assert talk.seller not in answer.as_string()
    # MAIL-4: the buyer's program finds the message that it has sent itself
    assert answer["In-Reply-To"].endswith("@buyer.example>")
    assert "Ja." in answer.get_content()


async def test_MAIL_14_what_is_relayed_and_refused_is_published(relay: Relay, talk: Conversation):
    await talk.ask()
    stranger = talk.message("nobody@buyer.example", talk.buyer_writes_to)
    code, text = await talk.send(stranger, "nobody@buyer.example", talk.buyer_writes_to)
    assert (code, "5.7.1" in text) == (550, True)
    relayed = await _of(relay, MessageRelayed, talk)
    refused = await _of(relay, MessageRefused, talk)
    assert (relayed.number, relayed.side, relayed.order) == (1, "buyer", talk.order)
    assert (refused.side, refused.reason) == ("buyer", "not_authorised")


async def test_F_M13_who_cannot_prove_the_address_is_refused(relay: Relay, talk: Conversation):
    forged = talk.message(talk.buyer, talk.buyer_writes_to)
    code, text = await talk.send(forged, talk.buyer, talk.buyer_writes_to, signed=False)
    assert (code, "5.7.26" in text) == (550, True)
    # the seller's own alias takes no mail from the seller, nor the buyer's from the buyer
    own = talk.message(talk.seller, talk.buyer_writes_to)
    assert (await talk.send(own, talk.seller, talk.buyer_writes_to))[0] == 550
    assert relay.next_server.to(talk.seller) == []


async def test_a_name_server_that_is_away_is_a_refusal_for_now(relay: Relay, talk: Conversation):
    relay.names.down.add("_dmarc.buyer.example")
    try:
        assert (await talk.ask())[0] == 451
    finally:
        relay.names.down.clear()
    assert (await talk.ask())[0] == 250


async def test_keys_that_are_away_refuse_for_now_and_hold_what_was_taken(relay: Relay, talk: Conversation):
    relay.house.accounts.away = True
    try:
        assert (await talk.ask())[0] == 451
    finally:
        relay.house.accounts.away = False


async def test_F_M16_unknown_and_closed_aliases_have_one_answer(relay: Relay, talk: Conversation):
    unknown = await talk.send(
        talk.message(talk.buyer, "x@mail.shop.example"), talk.buyer, f"{'a' * 32}@mail.shop.example"
    )
    await relay.house.sql(
        "update aliases set closed_at = now() where conversation_id = $1 and side = 'seller' returning 1", talk.id
    )
    assert await talk.ask() == unknown
    assert unknown[0] == 550


async def test_F_M03_nothing_is_passed_on_to_other_domains(talk: Conversation):
    message = talk.message(talk.buyer, "somebody@elsewhere.example")
    for to in (
        "somebody@elsewhere.example",
        "somebody%elsewhere.example@mail.shop.example",
        '"a b"@mail.shop.example',
    ):
        assert (await talk.send(message, talk.buyer, to))[0] >= 500


async def test_F_M22_a_large_message_is_refused_as_soon_as_it_is_known_and_recorded(relay: Relay, talk: Conversation):
    large = talk.message(talk.buyer, talk.buyer_writes_to, ("y" * 70 + "\n") * 4_000)
    # the client says its size with MAIL
    assert (await talk.send(large, talk.buyer, talk.buyer_writes_to))[0] == 552
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=relay.door, start_tls=False) as client:
        await client.mail(talk.buyer)
        await client.rcpt(talk.buyer_writes_to)
        with pytest.raises(aiosmtplib.SMTPDataError) as refused:
            await client.data(large.as_bytes())
        assert refused.value.code == 552
    assert (await _of(relay, MessageRefused, talk)).reason == "too_large"


async def test_F_M26_a_server_that_refuses_for_now_is_asked_again_and_one_that_refuses_is_not(relay: Relay):
    talk, other = await relay.converse(), await relay.converse()
    relay.next_server.answers[talk.seller] = ["451 4.3.0 later"]
    relay.next_server.answers[other.seller] = ["550 5.1.1 gone"]
    await talk.ask()
    await other.ask()
    assert (await _of(relay, MessageRefused, other)).reason == "bounced"
    # F-M10: the buyer is told by us, and of nothing but the alias
    notice = await relay.next_server.one(other.buyer)
    assert notice["Auto-Submitted"] == "auto-replied"
    assert [sender for sender, to, _ in relay.next_server.taken if to == other.buyer] == ["<>"]
    raw = relay.next_server.to(other.buyer)[0]
    assert leaks(raw, [other.seller, other.seller.partition("@")[0]]) == []
    assert other.buyer_writes_to in notice.as_string()

    async def waits() -> bool:
        rows = await relay.house.sql("select failures from messages where conversation_id = $1", talk.id)
        return [row["failures"] for row in rows] == [1]

    await until(waits, what="the first attempt")
    relay.house.shift_clock(20)
    await relay.next_server.one(talk.seller)


async def test_F_M11_what_comes_back_is_believed_by_its_address_alone(relay: Relay, talk: Conversation):
    await talk.ask()
    await relay.next_server.one(talk.seller)
    (bounce_to,) = (sender for sender, to, _ in relay.next_server.taken if to == talk.seller)
    forged = bounce_to[:20] + ("a" if bounce_to[20] != "a" else "b") + bounce_to[21:]
    assert (await talk.send(_report(forged, talk.seller), "", forged))[0] == 550
    assert (await talk.send(_report(bounce_to, talk.seller), "", bounce_to))[0] == 250
    assert (await _of(relay, MessageRefused, talk)).reason == "returned"
    notice = (await relay.next_server.one(talk.buyer)).as_string()
    assert talk.buyer_writes_to in notice
    assert talk.seller not in notice
    # the same report again is no news
    assert (await talk.send(_report(bounce_to, talk.seller), "", bounce_to))[0] == 250
    await relay.house.settled()
    assert len(relay.next_server.to(talk.buyer)) == 1


async def test_K10_what_a_server_reports_of_a_message_is_kept_once_and_may_come_before_our_own_record(
    relay: Relay, talk: Conversation
):
    await talk.ask()
    await relay.next_server.one(talk.seller)
    await _of(relay, MessageRelayed, talk)
    (back_to,) = (sender for sender, to, _ in relay.next_server.taken if to == talk.seller)
    arrived = _report(back_to, talk.seller).replace(b"5.1.1", b"2.0.0")
    for action in (b"relayed", b"delivered", b"delivered"):
        await talk.send(arrived.replace(b"Action: failed", b"Action: " + action), "", back_to)
    # nobody has heard that it was taken: it is not handed over again
    lost = await relay.converse()
    relay.next_server.answers[lost.seller] = ["451 4.3.0 later"]
    await lost.ask()
    (row,) = await relay.house.sql("select id from messages where conversation_id = $1", lost.id)
    back_to = ENVELOPES.bounce_address(lost.tenant, row["id"], Kind.MESSAGE, relay.house.clock.now())
    await lost.send(arrived.replace(b"Action: failed", b"Action: delivered"), "", back_to)
    assert (await _of(relay, MessageRelayed, lost)).answer == "reported delivered"
    rows = await relay.house.sql(
        "select details from proofs where fact = 'reported' and conversation_id = any($1)", [talk.id, lost.id]
    )
    assert sorted(row["details"] for row in rows) == ['{"action":"delivered"}'] * 2 + ['{"action":"relayed"}']
    states = await relay.house.sql("select state from messages where conversation_id = any($1)", [talk.id, lost.id])
    assert [row["state"] for row in states] == ["delivered"] * 2
    # what comes back after that is told all the same
    await talk.send(_report(back_to, lost.seller), "", back_to)
    assert (await _of(relay, MessageRefused, lost)).reason == "returned"


async def test_F_M11_a_letter_of_the_shop_that_comes_back_is_published(relay: Relay, talk: Conversation):
    letter = uuid4()
    bounce_to = ENVELOPES.bounce_address(talk.tenant, letter, Kind.LETTER, relay.house.clock.now())
    nobodys = ENVELOPES.bounce_address("nobody", letter, Kind.LETTER, relay.house.clock.now())
    for address in (nobodys, bounce_to):
        assert (await talk.send(_report(address, talk.buyer), "", address))[0] == 250

    async def known() -> EmailReturned | None:
        return next(
            (one for one in await relay.house.published(EmailReturned, at_least=0) if one.email == letter), None
        )

    returned = await until(known, what="EmailReturned")
    assert (returned.tenant, returned.status) == (talk.tenant, "5.1.1")


async def test_MAIL_13_what_leaves_is_signed_by_the_domain_of_the_aliases(relay: Relay, talk: Conversation):
    await talk.ask()
    question = await relay.next_server.one(talk.seller)
    assert "d=mail.shop.example" in question["DKIM-Signature"].replace(" ", "")


async def test_F_M18_automatic_answers_go_no_further(relay: Relay, talk: Conversation):
    assert (await talk.ask(Auto_Submitted="auto-replied"))[0] == 550
    message = talk.message(talk.buyer, talk.buyer_writes_to)
    assert (await talk.send(message, "", talk.buyer_writes_to))[0] == 550


async def test_messages_of_a_conversation_leave_in_their_order(relay: Relay, talk: Conversation):
    for number in range(5):
        await talk.ask(f"Frage {number}")
    await relay.next_server.one(talk.seller, at_least=5)
    texts = relay.next_server.to(talk.seller)
    assert [b"Frage %d" % number in raw for number, raw in enumerate(texts)] == [True] * 5


async def test_many_at_once_have_numbers_without_a_gap(relay: Relay, talk: Conversation):
    await asyncio.gather(*(talk.ask(f"Frage {number}") for number in range(8)))
    rows = await relay.house.sql("select number from messages where conversation_id = $1 order by number", talk.id)
    assert [row["number"] for row in rows] == list(range(1, 9))


def _report(to: str, mailbox: str) -> bytes:
    """What Postfix reports of a mailbox that is gone."""
    return (
        f"From: MAILER-DAEMON@mx.seller.example (Mail Delivery System)\r\nTo: {to}\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nThis is the mail system at host mx.seller.example.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.seller.example\r\n\r\n"
        f"Final-Recipient: rfc822; {mailbox}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        f"Diagnostic-Code: smtp; 550 5.1.1 <{mailbox}>: User unknown\r\n\r\n--b--\r\n"
    ).encode()


async def _of(relay: Relay, event: type, talk: Conversation):
    async def there():
        found = [one for one in await relay.house.published(event, at_least=0) if one.conversation == talk.id]
        return found[0] if found else None

    return await until(there, what=event.__name__)
