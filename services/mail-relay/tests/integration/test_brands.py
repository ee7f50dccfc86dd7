"""A tenant with a brand of its own has aliases at a domain of its own, and what leaves is signed for that."""

from .conftest import Relay
from .people import BRAND, BRAND_DOMAIN, DOMAIN


async def test_MAIL_13_a_brand_writes_under_its_own_domain(relay: Relay):
    talk, other = await relay.converse(tenant=BRAND), await relay.converse()
    assert talk.buyer_writes_to.endswith(f"@{BRAND_DOMAIN}")
    assert (await talk.ask())[0] == 250
    question = await relay.next_server.one(talk.seller)
    assert f"d={BRAND_DOMAIN};" in question["DKIM-Signature"]
    assert question["Message-ID"].endswith(f"@{BRAND_DOMAIN}>")
    assert DOMAIN not in question.as_string()
    # an alias is one at its tenant's domain alone
    local = talk.buyer_writes_to.partition("@")[0]
    assert (await talk.send(talk.message(talk.buyer, local), talk.buyer, f"{local}@{DOMAIN}"))[0] == 550
    local = other.buyer_writes_to.partition("@")[0]
    assert (await other.send(other.message(other.buyer, local), other.buyer, f"{local}@{BRAND_DOMAIN}"))[0] == 550
    # what comes back is told by a report from the brand
    relay.next_server.answers[talk.seller] = ["550 5.1.1 gone"]
    assert (await talk.ask())[0] == 250
    report = await relay.next_server.one(talk.buyer)
    assert report["From"].endswith(f"@{BRAND_DOMAIN}>") or report["From"].endswith(f"@{BRAND_DOMAIN}")


async def test_one_message_to_conversations_of_two_brands_goes_past_nobody(relay: Relay):
    talk = await relay.converse(tenant=BRAND)
    other = await relay.converse(talk.buyer)
    to = [talk.buyer_writes_to, other.buyer_writes_to]
    assert (await talk.send(talk.message(talk.buyer, ", ".join(to)), talk.buyer, to))[0] == 250
    for seller in (talk.seller, other.seller):
        await relay.next_server.one(seller)
    past = talk.message(talk.buyer, f"{talk.buyer_writes_to}, somebody@elsewhere.example")
    assert (await talk.send(past, talk.buyer, talk.buyer_writes_to))[0] == 550
