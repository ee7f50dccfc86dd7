"""A message is handed in again, for its server did not hear that it was taken (F-M25)."""

import asyncio

from .conftest import Relay
from .people import Conversation


async def test_F_M25_a_message_that_is_handed_in_again_is_kept_and_relayed_once(relay: Relay, talk: Conversation):
    raw = talk.message(talk.buyer, talk.buyer_writes_to, "Einmal.").as_bytes()
    attempts = [b"Received: by mx.buyer.example; attempt %d\r\n" % number + raw for number in range(4)]
    answers = await asyncio.gather(*(talk.send(one, talk.buyer, talk.buyer_writes_to) for one in attempts[:3]))
    answers.append(await talk.send(attempts[3], talk.buyer, talk.buyer_writes_to))
    # each is told that it is kept, as the same message
    assert {code for code, _ in answers} == {250}
    assert len({text for _, text in answers}) == 1
    # another one with the same Message-ID is a message of its own
    await talk.send(raw.replace(b"Einmal", b"Nochmal"), talk.buyer, talk.buyer_writes_to)
    await relay.next_server.one(talk.seller, at_least=2)
    await relay.house.settled()
    assert [b"Einmal" in one for one in relay.next_server.to(talk.seller)] == [True, False]
    rows = await relay.house.sql(
        "select repeats, repeated_at is not null as repeated from messages where conversation_id = $1 order by number",
        talk.id,
    )
    assert [(row["repeats"], row["repeated"]) for row in rows] == [(3, True), (0, False)]
