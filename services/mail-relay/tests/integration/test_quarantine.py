"""A message whose domain asks for a quarantine where DMARC fails waits for a reviewer, and does nothing (F-M20)."""

from mail_relay.store.claims import FIRST_WRITTEN
from mailing.signing import Signer, new_key, public_record, read_key

from .conftest import Relay
from .people import Conversation
from .test_policies import call


async def _contact(relay: Relay, talk: Conversation) -> object:
    since = relay.house.clock.now().replace(year=2020)
    (row,) = await relay.house.sql(FIRST_WRITTEN, talk.tenant, talk.id, since)
    return row[0]


async def test_F_M20_what_is_not_proven_is_held_and_counts_once_a_reviewer_passes_it_on(relay: Relay):
    domain = "careful.example"
    relay.names.text(f"_dmarc.{domain}", "v=DMARC1; p=quarantine")
    talk = await relay.converse(buyer=f"erika@{domain}")
    assert (await talk.ask("Bin ich es?"))[0] == 250
    text = (await relay.next_server.one(talk.buyer)).get_content()
    assert "nicht belegt" in " ".join(text.split())
    (held,) = (await call(relay, talk, "GET", "/held-messages", "reviewer"))[1]["items"]
    assert (held["kind"], held["rule"], held["state"]) == ("sender", "dmarc.quarantine", "held")
    assert relay.next_server.to(talk.seller) == []
    # nobody has asked yet, so that no clock runs against the seller
    assert await _contact(relay, talk) is None
    relay.house.shift_clock(3600)
    assert (await call(relay, talk, "POST", f"/messages/{held['message']}/release", "reviewer"))[0] == 200
    assert "Bin ich es?" in (await relay.next_server.one(talk.seller)).get_content()
    (row,) = await relay.house.sql("select decided_at from judgements where tenant = $1", talk.tenant)
    assert await _contact(relay, talk) == row["decided_at"]
    # a stranger fills no list, asks the reviewers for nothing, and is nobody in the conversation
    assert [(await talk.ask(f"Frage {number}"))[0] for number in range(6)] == [250] * 5 + [450]
    (desk,) = await relay.house.sql(
        "select local_part from aliases where conversation_id = $1 and side = 'buyer' and desk", talk.id
    )
    to = f"{desk['local_part']}@mail.shop.example"
    assert (await talk.send(talk.message(talk.buyer, to), talk.buyer, to))[0] == 550
    stranger = f"nobody@{domain}"
    raw = talk.message(stranger, talk.buyer_writes_to)
    assert (await talk.send(raw, stranger, talk.buyer_writes_to))[0] == 550


async def test_F_M20_F_M25_a_forged_copy_that_is_held_hides_no_genuine_message(relay: Relay):
    domain = "copied.example"
    signer = Signer(domain, "s1", read_key(new_key("ed25519")))
    relay.names.text(f"s1._domainkey.{domain}", public_record(signer.key))
    relay.names.text(f"_dmarc.{domain}", "v=DMARC1; p=quarantine")
    talk = await relay.converse(buyer=f"erika@{domain}")
    raw = talk.message(talk.buyer, talk.buyer_writes_to, "Genau einmal.").as_bytes()

    forged = [await talk.send(raw, talk.buyer, talk.buyer_writes_to) for _ in range(2)]
    assert relay.next_server.to(talk.seller) == []
    genuine = [await talk.send(signer.sign(raw), talk.buyer, talk.buyer_writes_to) for _ in range(2)]

    assert len({answer for _, answer in forged}) == len({answer for _, answer in genuine}) == 1
    assert forged[0] != genuine[0]
    assert "Genau einmal." in (await relay.next_server.one(talk.seller)).get_content()
    await relay.house.settled()
    assert len(relay.next_server.to(talk.seller)) == 1
    held = (await call(relay, talk, "GET", "/held-messages", "reviewer"))[1]["items"]
    assert [one["rule"] for one in held] == ["dmarc.quarantine"]
