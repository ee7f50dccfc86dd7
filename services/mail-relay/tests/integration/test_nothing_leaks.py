"""The corpus through the door: no byte that leaves for the other side, no answer and no notice shows an address."""

from email import message_from_bytes

import pytest
from chassis_testing.harness import until
from mail_relay.domain.rewriting import leaks

from ..unit.building import HOST, ME, THEM, Sample, clients, disguised, singles
from ..unit.mutating import mutation
from .conftest import Relay
from .people import DOMAIN, Conversation

SAMPLES = [*clients(), *disguised(), *singles("parts"), *singles("hostile")]
SECRETS = (ME, "max.mustermann", HOST, "4711@pc-max")
HOUSE = "firma-beispiel.example"  # not in a body: who is quoted may have colleagues
EACH_TENTH = 10


@pytest.fixture(scope="module")
async def mustermann(relay: Relay) -> Conversation:
    """The buyer whom the corpus is about; the mail server of the domain writes from here."""
    domain = ME.partition("@")[2]
    relay.names.text(domain, "v=spf1 ip4:127.0.0.1 -all")
    relay.names.text(f"_dmarc.{domain}", "v=DMARC1; p=reject")
    return await relay.converse(ME)


async def assert_hidden(relay: Relay, talk: Conversation, samples: list[Sample]) -> int:
    """Send them all; return how many were passed on. Each tenth comes back from the other side's server."""
    taken: dict[str, Sample] = {}
    before = len(relay.next_server.to(talk.seller))
    for number, sample in enumerate(samples):
        relay.house.shift_clock(61)
        raw = sample.raw.replace(THEM.encode(), talk.buyer_writes_to.encode())
        code, answer = await talk.send(raw, ME, talk.buyer_writes_to, signed=False)
        assert leaks(answer.encode(), [*SECRETS, HOUSE, talk.seller]) == [], sample.name
        id_ = answer.rpartition(" ")[2]
        # a mutation of what servers add on the way is the same message, which is kept and passed on once
        if code == 250 and id_ not in taken:
            taken[id_] = sample
            if number % EACH_TENTH == 0:
                relay.next_server.answers[talk.seller] = [f"550 5.1.1 <{talk.seller}> is gone from mx.seller.example"]
                await returned(relay, talk)
                await talk.answer()  # a mailbox that bounces too often is not written to until it writes

    async def settled() -> int | None:
        question = "select state from messages where conversation_id = $1 and side = 'buyer'"
        rows = await relay.house.sql(question, talk.id)
        states = [row["state"] for row in rows]
        return None if "waiting" in states else states.count("relayed")

    passed_on = await until(settled, timeout=60, what="what was taken")
    for raw in relay.next_server.to(talk.seller)[before:]:
        id_ = str(message_from_bytes(raw)["Message-ID"]).strip("<>").removesuffix(f"@{DOMAIN}")
        if "auto-generated" in str(message_from_bytes(raw)["Auto-Submitted"]):
            assert leaks(raw, [*SECRETS, HOUSE]) == []  # a notice
            continue
        sample = taken[id_]
        gone = [one for one in sample.gone if "@" in one]  # who a buyer is, the seller knows from the order
        assert not leaks(raw, [*(one for one in SECRETS if one not in sample.own), *gone]), sample.name
        assert not leaks(raw.partition(b"\r\n\r\n")[0], [HOUSE]), sample.name
    for notice in relay.next_server.to(ME):
        assert leaks(notice, [talk.seller, talk.seller.partition("@")[0], "mx.seller.example"]) == []
    envelopes = [sender for sender, to, _ in relay.next_server.taken if to in (talk.seller, ME)]
    assert leaks("\n".join(envelopes).encode(), [*SECRETS, HOUSE, talk.seller]) == []
    return passed_on


async def returned(relay: Relay, talk: Conversation) -> None:
    """Wait until the other side's server has refused, and its answer is used up."""

    async def used() -> bool:
        return not relay.next_server.answers[talk.seller]

    await until(used, what="a refusal by the next server")


async def test_MAIL_3_F_M07_F_M10_the_corpus_shows_nobodys_address(relay: Relay, mustermann: Conversation):  # K6, K12
    assert await assert_hidden(relay, mustermann, SAMPLES[::8]) > 30


@pytest.mark.torture
async def test_MAIL_3_F_M07_the_whole_corpus_and_its_mutations_show_nobodys_address(
    relay: Relay, mustermann: Conversation
):
    mutations = [Sample(f"mutation {seed}", mutation(seed).raw) for seed in range(1000)]
    whole = [one for seed, one in enumerate(mutations) if mutation(seed).whole]
    assert await assert_hidden(relay, mustermann, [*SAMPLES, *whole]) > 500
