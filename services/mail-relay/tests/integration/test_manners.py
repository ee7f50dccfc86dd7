"""What goes past the relay, what programs answer by themselves, and aliases that are abused."""

import pytest

from .conftest import Relay
from .people import Conversation
from .test_policies import call

RECEIPT = (
    "From: Somebody <{sender}>\r\nTo: {to}\r\nSubject: Gelesen: Frage\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/report; report-type=disposition-notification; boundary="b"\r\n\r\n'
    "--b\r\nContent-Type: text/plain\r\n\r\nIhre Nachricht wurde gelesen.\r\n"
    "--b\r\nContent-Type: message/disposition-notification\r\n\r\nReporting-UA: host.seller.example; Outlook\r\n"
    "Final-Recipient: rfc822;{sender}\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n\r\n--b--\r\n"
)


@pytest.mark.parametrize("field", ["To", "Cc"])
async def test_F_M14_a_recipient_past_the_relay_is_refused_with_a_warning(
    relay: Relay, talk: Conversation, field: str
):  # K1, K5
    for beside, code in ((talk.seller, 550), ("freund@gmx.example", 550), (talk.buyer, 250)):
        message = talk.message(talk.buyer, talk.buyer_writes_to)
        del message[field]
        message[field] = f"{talk.buyer_writes_to}, {beside}"
        answer = await talk.send(message, talk.buyer, talk.buyer_writes_to)
        assert answer[0] == code, (beside, answer)
        assert code == 250 or "past us" in answer[1]
    assert talk.buyer not in (await relay.next_server.one(talk.seller)).as_string()
    rows = await relay.house.sql("select reason from refusals where conversation_id = $1", talk.id)
    assert [row["reason"] for row in rows] == ["direct", "direct"]


async def test_F_M09_receipts_are_neither_asked_for_nor_passed_on(relay: Relay, talk: Conversation):
    asks = {
        "Disposition_Notification_To": talk.buyer,
        "Return_Receipt_To": talk.buyer,
        "X_Confirm_Reading_To": talk.buyer,
    }
    assert (await talk.ask(**asks))[0] == 250
    question = await relay.next_server.one(talk.seller)
    assert not {name.replace("_", "-") for name in asks} & set(question.keys())
    assert talk.buyer not in question.as_string()
    receipt = RECEIPT.format(sender=talk.seller, to=talk.seller_writes_to).encode()
    assert (await talk.send(receipt, talk.seller, talk.seller_writes_to))[0] == 550
    # as Exchange and Thunderbird's filters write of an absence, with a sender and marked by little or nothing
    for marks in (
        {"Subject": "Automatische Antwort: Frage"},
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
    ):
        assert (await talk.answer("Ich bin nicht im Büro.", **marks))[0] == 550
    assert relay.next_server.to(talk.buyer) == []


async def test_MAIL_17_staff_switches_an_alias_off_and_no_side_switches_it_on(relay: Relay, talk: Conversation):
    path = f"/conversations/{talk.id}/aliases/buyer"
    assert (await call(relay, talk, "POST", f"{path}/off", "sales", {"reason": "spam"}))[0] == 403
    assert (await call(relay, talk, "POST", f"{path}/off", "support", {"reason": "spam"}))[0] == 200
    assert (await talk.answer())[0] == 550
    assert (await talk.ask())[0] == 250
    (row,) = await relay.house.sql("select customer_id from conversations where id = $1", talk.id)
    reopening = f"/conversations/{talk.id}/reopening"
    _, found = await call(relay, talk, "POST", reopening, "customer", subject=row["customer_id"])
    assert found["seller_may_write"] is False
    assert (await talk.answer())[0] == 550
    assert (await call(relay, talk, "POST", f"{path}/on", "reviewer"))[0] == 200
    assert (await talk.answer())[0] == 250
