"""Messages that come, or are accepted, at the same time: kept and settled together, and each as if it were alone."""

import asyncio
from collections import Counter

from chassis_testing.harness import until
from contracts.mail_relay import MessageRelayed
from mail_relay.domain.proof import Fact, Proof
from mail_relay.store import proofs, relayings

from .conftest import Relay
from .people import Conversation

# as many as an alias takes in a minute, and some more
MOST, MORE = 10, 3


async def test_MAIL_6_what_comes_at_once_is_kept_and_relayed_once_each(relay: Relay):
    talks = [await relay.converse() for _ in range(3)]
    many, *others = talks
    asking = [many.ask(f"Frage {number}.") for number in range(MOST + MORE)]
    asking += [talk.ask(f"Frage {number}.") for talk in others for number in range(2)]
    answers = await asyncio.gather(*asking)
    # who writes too much is refused, and nobody whose message came at the same time
    assert Counter(code for code, _ in answers[: MOST + MORE]) == {250: MOST, 450: MORE}
    assert {code for code, _ in answers[MOST + MORE :]} == {250}
    assert len({text for code, text in answers if code == 250}) == MOST + 4
    for talk, count in ((many, MOST), *((talk, 2) for talk in others)):
        await relay.next_server.one(talk.seller, count)

        async def all_settled(talk: Conversation = talk, count: int = count) -> bool:
            return (await _proved(relay, talk)).count("relayed") == count

        await until(all_settled, what="proofs")
        assert len(relay.next_server.to(talk.seller)) == count
    await relay.house.settled()
    published = Counter(one.conversation for one in await relay.house.published(MessageRelayed))
    assert [published[talk.id] for talk in talks] == [MOST, 2, 2]


async def test_MAIL_6_what_another_replica_has_settled_is_proved_once(relay: Relay, talk: Conversation):
    await talk.ask()
    await until(lambda: _proved(relay, talk), what="a proof")
    [message] = await relay.house.sql("select id from messages where conversation_id = $1", talk.id)
    assert relay.house.running is not None
    async with relay.house.running.database.begin() as tx:
        [(count, head)] = (await proofs.lock_all(tx, [(talk.tenant, talk.id)])).values()
        proof = Proof(talk.id, count + 1, tx.now, Fact.RELAYED, message["id"], {"code": 250, "answer": "once more"})
        assert await relayings.add(tx, [relayings.Relayed(talk.tenant, 250, "once more", proof, head)]) == {}
    assert await _proved(relay, talk) == ["relayed"]


PROVED = """
select number, fact, digest = proofs_head as is_head, proofs
from proofs
join conversations c on c.tenant = proofs.tenant and c.id = conversation_id
where conversation_id = $1
order by number
"""


async def _proved(relay: Relay, talk: Conversation) -> list[str]:
    """What is proved of a conversation: a chain without a gap, whose end the conversation knows."""
    rows = await relay.house.sql(PROVED, talk.id)
    assert [row["number"] for row in rows] == [*range(1, len(rows) + 1)]
    assert [row["number"] for row in rows if row["is_head"]] == [row["proofs"] for row in rows[-1:]]
    return [row["fact"] for row in rows]
