"""The share of the mail relay in an export: the customer's own conversations, and nobody else's. GDPR 15, 20"""

from typing import Any

import orjson
from chassis_testing.exports import exported
from chassis_testing.harness import until

from .conftest import Relay
from .people import Conversation


async def share_of(relay: Relay, talk: Conversation, tenant: str | None = None) -> dict[str, Any]:
    (row,) = await relay.house.sql(
        "select tenant, customer_id, contact_key_id from conversations where order_id = $1", talk.order
    )
    return await exported(relay.house, row["customer_id"], tenant or row["tenant"], contact=row["contact_key_id"])


async def talked(relay: Relay, talk: Conversation, question: str, answer: str) -> None:
    """A question and its answer, both delivered."""
    assert (await talk.ask(question))[0] == 250
    await relay.next_server.one(talk.seller)
    assert (await talk.answer(answer))[0] == 250
    await relay.next_server.one(talk.buyer)

    async def settled() -> bool:
        rows = await relay.house.sql(
            """
            select 1
            from messages
            join conversations on conversations.id = conversation_id
            where order_id = $1 and settled_at is null
            """,
            talk.order,
        )
        return not rows

    await until(settled, what="both to be settled")


async def test_the_share_has_what_both_wrote_as_the_customer_wrote_and_received_it(relay: Relay, talk: Conversation):
    await talked(relay, talk, "Läuft es auf ARM?", f"Ja. Schreiben Sie gern.\n\n-- \n{talk.seller}\n")
    share = await share_of(relay, talk)
    question, answer = share["messages"]
    assert (question["written_by"], answer["written_by"]) == ("buyer", "seller")
    assert "Läuft es auf ARM?" in question["text"]
    assert "Ja. Schreiben Sie gern." in answer["text"]
    assert [one["order"] for one in share["conversations"]] == [str(talk.order)]
    assert share["conversations"][0]["email"] == talk.buyer


async def test_the_sellers_address_and_no_key_are_in_the_share(relay: Relay, talk: Conversation):
    await talked(relay, talk, "Frage", f"Antwort\n\n-- \n{talk.seller}\n")
    text = orjson.dumps(await share_of(relay, talk)).decode()
    assert talk.seller not in text
    assert not [word for word in ("content_key", "hidden", "alias", "key_box") if f'"{word}"' in text]


async def test_another_customers_conversation_is_not_in_the_share(relay: Relay, talk: Conversation):
    other = await relay.converse("max@buyer.example")
    await talked(relay, talk, "Meine Frage", "Ihre Antwort")
    await talked(relay, other, "Fremde Frage", "Fremde Antwort")
    text = orjson.dumps(await share_of(relay, talk)).decode()
    assert "Meine Frage" in text
    assert "Fremde" not in text
    assert str(other.order) not in text
    assert (await share_of(relay, talk, tenant="elsewhere"))["messages"] == []
