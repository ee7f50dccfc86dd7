"""A reviewer opens a whole case with one request: what was written, what became of it, what was refused (MAIL-7)."""

from typing import Any
from uuid import uuid4

import pytest
from chassis_testing.harness import until
from contracts.mail_relay import ConversationRead

from .conftest import Relay
from .people import Conversation


async def read_case(relay: Relay, talk: Conversation, role: str = "reviewer", **query: str) -> tuple[int, Any]:
    """What a reviewer of the tenant is shown."""
    headers = relay.house.bearer(relay.house.accounts.token(uuid4(), role, tenant=talk.tenant))
    asked = {"purpose": "dispute", **query}
    async with relay.house.http.get(f"/conversations/{talk.id}/case", params=asked, headers=headers) as answer:
        return answer.status, await answer.json()


async def test_MAIL_7_one_request_has_the_whole_case(relay: Relay, talk: Conversation):
    message = talk.message(talk.buyer, talk.buyer_writes_to, "Es startet nicht.\n")
    message.add_attachment(b"%PDF-1.4\n%%EOF\n", maintype="application", subtype="pdf", filename="Bericht.pdf")
    assert (await talk.send(message, talk.buyer, talk.buyer_writes_to))[0] == 250
    await relay.next_server.one(talk.seller)
    relay.next_server.answers[talk.buyer] = ["550 5.1.1 gone"]
    await talk.answer("Welche Version?")
    stranger = talk.message("nobody@buyer.example", talk.buyer_writes_to)
    await talk.send(stranger, "nobody@buyer.example", talk.buyer_writes_to)

    async def settled() -> Any:
        _, case = await read_case(relay, talk)
        states = [one["state"] for one in case["messages"]["items"]]
        return case if states == ["relayed", "bounced"] else None

    case = await until(settled, what="both messages")
    first, second = case["messages"]["items"]
    assert (first["subject"], first["text"], first["unread"]) == ("Frage", "Es startet nicht.", None)
    assert first["attachments"] == [{"name": "Bericht.pdf", "media_type": "application/pdf", "size": 15}]
    # K10: the proof is the other side's server's word, with its time
    (proof,) = first["proofs"]
    assert (proof["fact"], proof["details"]) == ("relayed", {"code": 250, "answer": "2.0.0 queued"})
    assert (second["side"], second["text"], second["proofs"][0]["fact"]) == ("seller", "Welche Version?", "bounced")
    assert second["proofs"][0]["details"]["code"] == 550
    assert [(one["side"], one["reason"]) for one in case["refused"]] == [("buyer", "not_authorised")]
    assert case["conversation"]["order"] == str(talk.order)
    # a page at a time, and each page is a reading (K7)
    _, page = await read_case(relay, talk, limit="1")
    assert [one["number"] for one in page["messages"]["items"]] == [1]
    _, page = await read_case(relay, talk, limit="1", cursor=page["messages"]["next"])
    assert ([one["number"] for one in page["messages"]["items"]], page["messages"]["next"]) == ([2], None)

    async def published() -> bool:
        found = await relay.house.published(ConversationRead, at_least=0)
        return [one.messages for one in found if one.conversation == talk.id][-2:] == [1, 1]

    await until(published, what="both readings")


async def test_MAIL_7_what_the_policy_did_and_what_a_side_was_told_is_in_the_case(relay: Relay, talk: Conversation):
    await talk.answer("Bitte überweisen Sie auf DE02 1203 0000 0000 2020 51, nicht im Shop.")
    await relay.next_server.one(talk.seller)

    async def notified() -> Any:
        _, case = await read_case(relay, talk)
        return case if [one["code"] for one in case["notices"]] == [250] else None

    case = await until(notified, what="the notice")
    assert [(one["kind"], one["side"]) for one in case["notices"]] == [("message_held", "seller")]
    (message,) = case["messages"]["items"]
    assert [(one["fact"], one["details"]) for one in message["proofs"]] == [("held", {"found": "account"})]


@pytest.mark.parametrize("role", ["support", "sales", "customer", "bookkeeping"])
async def test_MAIL_7_nobody_else_opens_a_case(relay: Relay, talk: Conversation, role: str):
    assert (await read_case(relay, talk, role))[0] == 403


async def test_a_content_that_was_changed_or_is_gone_is_named_and_the_rest_is_shown(relay: Relay, talk: Conversation):
    await talk.ask("Erste")
    await talk.ask("Zweite")
    (row, _) = await relay.house.sql("select id from messages where conversation_id = $1 order by number", talk.id)
    file = relay.store / "messages" / row["id"].hex[-2:] / str(row["id"])
    file.write_bytes(file.read_bytes()[:-1])
    _, case = await read_case(relay, talk)
    assert [(one["text"], one["unread"]) for one in case["messages"]["items"]] == [(None, "damaged"), ("Zweite", None)]


async def test_proofs_are_one_chain_without_a_gap(relay: Relay, talk: Conversation):
    for number in range(3):
        await talk.ask(f"Frage {number}")
    await relay.next_server.one(talk.seller, at_least=3)

    async def proved() -> bool:
        rows = await relay.house.sql(
            "select number, digest from proofs where conversation_id = $1 order by number", talk.id
        )
        (head,) = await relay.house.sql("select proofs, proofs_head from conversations where id = $1", talk.id)
        return [row["number"] for row in rows] == [1, 2, 3] and rows[-1]["digest"] == head["proofs_head"]

    await until(proved, what="the proofs")
