"""Customers write to their seller on a page: it goes the way of a message by mail (MAIL-7)."""

from typing import Any
from uuid import UUID, uuid4

from chassis_testing.harness import until
from contracts.mail_relay import MessageRefused, MessageRelayed

from .conftest import Relay
from .people import Conversation


async def write(
    relay: Relay, talk: Conversation, text: str, customer: UUID | None = None, **more: Any
) -> tuple[int, Any]:
    """What the route answers to the buyer, or to another customer."""
    (row,) = await relay.house.sql("select customer_id from conversations where id = $1", talk.id)
    caller = customer or row["customer_id"]
    headers = relay.house.bearer(relay.house.accounts.token(caller, "customer", tenant=talk.tenant))
    body = {"subject": "Frage zur Lizenz", "text": text, **more}
    path = f"/conversations/{talk.id}/messages"
    async with relay.house.http.post(path, json=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def test_MAIL_7_a_message_of_a_page_reaches_the_seller_by_alias_and_can_be_answered(
    relay: Relay, talk: Conversation
):
    status, written = await write(relay, talk, "Läuft es auf ARM?\n\nDanke!")
    assert (status, written["held"]) == (200, False)
    mail = await relay.next_server.one(talk.seller)
    assert talk.seller_writes_to in str(mail["From"])
    assert mail["Subject"] == "Frage zur Lizenz"
    assert "Läuft es auf ARM?" in mail.get_content()
    assert talk.buyer not in mail.as_string()

    async def relayed() -> bool:
        found = [one for one in await relay.house.published(MessageRelayed) if one.conversation == talk.id]
        return [str(one.message) for one in found] == [written["message"]]

    await until(relayed, what="that it was relayed")
    code, _ = await talk.answer(In_Reply_To=str(mail["Message-ID"]))
    assert code == 250
    answer = await relay.next_server.one(talk.buyer)
    assert talk.seller not in answer.as_string()


async def test_what_is_sent_twice_is_one_message_and_nobody_else_writes(relay: Relay, talk: Conversation):
    once = str(uuid4())
    first, again = [await write(relay, talk, "Einmal, bitte", once=once) for _ in range(2)]
    assert first[0] == 200
    assert first == again
    assert (await write(relay, talk, "Fremd", uuid4()))[0] == 404
    assert (await write(relay, talk, "   \n"))[0] == 422
    assert (await write(relay, talk, "a", subject="b\r\nBcc: c@example.org"))[0] == 422
    assert len(await relay.house.sql("select from messages where conversation_id = $1", talk.id)) == 1


async def test_the_rules_of_mail_hold_for_pages_too(relay: Relay, talk: Conversation):
    status, held = await write(relay, talk, "Überweisen Sie an IBAN DE89 3704 0044 0532 0130 00.")
    assert (status, held["held"]) == (200, True)
    (row,) = await relay.house.sql("select state from messages where conversation_id = $1", talk.id)
    assert row["state"] == "held"
    for number in range(3):
        relay.next_server.answers[talk.seller] = ["550 5.1.1 No such user"]
        assert (await write(relay, talk, f"Noch da? {number}"))[0] == 200

        async def returned(count: int = number + 1) -> bool:
            states = await relay.house.sql("select state from messages where conversation_id = $1", talk.id)
            return sum(row["state"] == "bounced" for row in states) == count

        await until(returned, what="the message to come back")
    status, problem = await write(relay, talk, "Noch da?")
    assert (status, problem["type"], problem["reason"]) == (422, "/problems/not-taken", "paused")

    async def refused() -> bool:
        found = [one for one in await relay.house.published(MessageRefused) if one.conversation == talk.id]
        return [one.reason for one in found if one.reason != "bounced"] == ["paused"]

    await until(refused, what="the refusal")
