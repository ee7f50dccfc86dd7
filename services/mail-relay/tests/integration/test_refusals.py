"""What was refused stays with its envelope, and what its certain writer wrote with its content (F-M22, MAIL-6, K16)."""

import asyncio
import io
import zipfile
from typing import Any

import aiosmtplib
import pytest
from chassis_testing.harness import until
from mail_relay.domain.attempt import MOST_A_DAY

from .conftest import Relay
from .exporting import Reviewers
from .people import SIGNERS, Conversation
from .test_cases import read_case
from .test_retention import erase, file_of, without_order


async def refused(relay: Relay, talk: Conversation) -> list[dict[str, Any]]:
    return (await read_case(relay, talk))[1]["refused"]


def with_program(talk: Conversation) -> bytes:
    """What a certain writer sends, and the policy refuses."""
    message = talk.message(talk.buyer, talk.buyer_writes_to, "Anbei das Programm.")
    message.add_attachment(b"MZ" + bytes(200), maintype="application", subtype="pdf", filename="rechnung.pdf")
    return message.as_bytes()


async def test_F_M22_a_message_whose_size_is_announced_is_refused_by_its_alias_and_recorded(
    relay: Relay, talk: Conversation
):
    async with aiosmtplib.SMTP(
        hostname="127.0.0.1", port=relay.door, local_hostname="mx.buyer.example", start_tls=False
    ) as client:
        await client.ehlo()
        await client.mail(talk.buyer, options=["SIZE=11000000"])
        with pytest.raises(aiosmtplib.SMTPRecipientRefused) as error:
            await client.rcpt(talk.buyer_writes_to)
        assert (error.value.code, "5.3.4" in error.value.message) == (552, True)
        # the next message of the session is one like others
        await client.rset()
        await client.mail(talk.buyer)
        await client.rcpt(talk.buyer_writes_to)
    (one,) = await refused(relay, talk)
    assert (one["reason"], one["size"], one["text"]) == ("too_large", 11_000_000, None)
    assert one["envelope"] == {"peer": "127.0.0.1", "greeting": "mx.buyer.example", "sender": talk.buyer}


async def test_MAIL_6_of_a_certain_writer_the_content_is_kept_and_of_others_the_envelope(
    relay: Relay, talk: Conversation
):
    raw = SIGNERS["buyer.example"].sign(with_program(talk))
    assert (await talk.send(raw, talk.buyer, talk.buyer_writes_to, signed=False))[0] == 554
    stranger = talk.message("nobody@buyer.example", talk.buyer_writes_to)
    assert (await talk.send(stranger, "nobody@buyer.example", talk.buyer_writes_to))[0] == 550
    foreign, own = await refused(relay, talk)
    assert (foreign["reason"], foreign["text"]) == ("not_authorised", None)
    assert foreign["envelope"]["sender"] == "nobody@buyer.example"
    assert (own["reason"], own["text"]) == ("attachment", "Anbei das Programm.")
    assert own["attachments"] == [{"name": "rechnung.pdf", "media_type": "application/pdf", "size": 202}]
    both = Reviewers(relay, talk)
    archive = await both.export("archive")
    assert await both.faults(archive) == []
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.read(f"refused/{own['refusal']}.eml") == raw
    # nothing of it stands in clear
    rows = await relay.house.sql(
        "select r::text || p::text as text from refusals r, proofs p where p.about = r.id and r.conversation_id = $1",
        talk.id,
    )
    assert len(rows) == 2
    assert not [row for row in rows if "@buyer.example" in row["text"] or "127.0.0.1" in row["text"]]


async def test_MAIL_19_what_was_refused_is_kept_for_90_days(relay: Relay, talk: Conversation):
    assert (await talk.send(with_program(talk), talk.buyer, talk.buyer_writes_to))[0] == 554
    (row,) = await relay.house.sql(
        "update refusals set refused_at = refused_at - interval '91 days' where conversation_id = $1 returning id",
        talk.id,
    )
    relay.house.shift_clock(601)

    async def removed() -> Any:
        (one,) = await refused(relay, talk)
        return one if one["envelope"] is None else None

    one = await until(removed, what="the removal")
    assert (one["reason"], one["unread"]) == ("attachment", "removed")
    assert not file_of(relay, row["id"]).exists()


async def test_MAIL_19_an_erasure_takes_what_was_refused_before_there_was_an_order(relay: Relay, talk: Conversation):
    assert (await talk.send(with_program(talk), talk.buyer, talk.buyer_writes_to))[0] == 554
    await without_order(relay, talk)
    await erase(relay, talk)
    (one,) = await refused(relay, talk)
    assert (one["envelope"], one["unread"]) == (None, "removed")


async def test_of_many_refused_messages_a_day_ten_contents_are_kept(relay: Relay, talk: Conversation):
    for _ in range(3):
        await asyncio.gather(*(talk.send(with_program(talk), talk.buyer, talk.buyer_writes_to) for _ in range(5)))
    found = await refused(relay, talk)
    assert len(found) == 15
    assert 10 <= len([one for one in found if one["text"]]) <= 14


async def test_F_M22_of_many_refusals_alike_the_later_ones_are_counted_only(relay: Relay, talk: Conversation):
    message = talk.message(talk.buyer, talk.buyer_writes_to)
    for _ in range(MOST_A_DAY + 3):
        assert (await talk.send(message, talk.buyer, talk.buyer_writes_to, signed=False))[0] == 550
    of_a_kind = "select count(*) as rows, sum(more) as more from refusals where conversation_id = $1 and reason = $2"
    (row,) = await relay.house.sql(of_a_kind, talk.id, "not_authentic")
    assert (row["rows"], row["more"]) == (MOST_A_DAY, 3)
    # another reason has rows of its own
    assert (await talk.ask(Auto_Submitted="auto-replied"))[0] == 550
    (row,) = await relay.house.sql(of_a_kind, talk.id, "automatic")
    assert (row["rows"], row["more"]) == (1, 0)
