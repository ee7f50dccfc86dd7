"""A seller is a firm: several people write through its aliases, and buyers see none of their addresses (MAIL-13)."""

from typing import Any
from uuid import uuid4

import pytest
from mail_relay.domain.rewriting import leaks

from .conftest import Relay
from .people import Conversation
from .test_policies import call

WRITERS = "/sellers/kontor/writers"


async def add(relay: Relay, talk: Conversation, address: str) -> list[dict[str, Any]]:
    status, found = await call(relay, talk, "POST", WRITERS, "sales", {"address": address})
    assert status == 200, found
    return found["items"]


async def writes(talk: Conversation, sender: str, text: str = "Ja.", **headers: str) -> int:
    message = talk.message(sender, talk.seller_writes_to, text, **headers)
    return (await talk.send(message, sender, talk.seller_writes_to))[0]


async def test_MAIL_13_a_colleague_writes_for_the_seller_and_is_not_shown(relay: Relay, talk: Conversation):
    colleague, third = "anna.beispiel@seller.example", "bernd.muster7@seller.example"
    assert await writes(talk, colleague) == 550
    assert (await add(relay, talk, "Anna.Beispiel@Seller.example"))[0]["address"] == colleague
    assert len(await add(relay, talk, colleague)) == 1
    (_, last) = await add(relay, talk, third)
    text = f"Ja.\n\n-- \nAnna, {colleague}\n\n> {third} schrieb:\n> {talk.seller} fragt\n"
    assert await writes(talk, colleague, text, Cc=f"{talk.seller}, {third}") == 250
    raw = (await relay.next_server.one(talk.buyer)).as_bytes()
    assert leaks(raw, [colleague, third, talk.seller, "anna.beispiel", "bernd.muster7"]) == []
    # what the buyer answers goes to the seller's address, as before
    await talk.ask()
    await relay.next_server.one(talk.seller)
    assert relay.next_server.to(colleague) == []
    # the desk is theirs as well; the buyer's side is not
    assert (await talk.send(talk.message(colleague, talk.buyer_writes_to), colleague, talk.buyer_writes_to))[0] == 550
    assert (await call(relay, talk, "DELETE", f"{WRITERS}/{last['writer']}", "sales"))[0] == 200
    assert await writes(talk, third) == 550
    assert await writes(talk, colleague) == 250


async def test_MAIL_13_all_of_a_domain_write_where_DMARC_proves_it(relay: Relay, talk: Conversation):
    anybody = "carla.probe@seller.example"
    await add(relay, talk, "@Seller.example")
    assert await writes(talk, anybody, f"Ja.\n\n> von dora.neu@seller.example und {anybody}\n") == 250
    raw = (await relay.next_server.one(talk.buyer)).as_bytes()
    assert leaks(raw, ["@seller.example", "carla.probe", "dora.neu"]) == []
    unsigned = talk.message(anybody, talk.seller_writes_to)
    assert (await talk.send(unsigned, anybody, talk.seller_writes_to, signed=False))[0] == 550
    # without a policy of the domain a signature proves an address, not that a domain means all of its mailboxes
    relay.names.zone.pop("_dmarc.seller.example")
    try:
        assert [await writes(talk, sender) for sender in (anybody, talk.seller)] == [550, 250]
    finally:
        relay.names.text("_dmarc.seller.example", "v=DMARC1; p=reject")


@pytest.mark.parametrize("address", ["@gmail.com", "@co.uk", "@", "nobody", "a b@seller.example", "@x@seller.example"])
async def test_MAIL_13_what_is_nobodys_is_no_writer(relay: Relay, talk: Conversation, address: str):
    status, _ = await call(relay, talk, "POST", WRITERS, "sales", {"address": address})
    assert status == 422


async def test_MAIL_13_sales_alone_names_writers_of_its_tenant(relay: Relay, talk: Conversation):
    (one,) = await add(relay, talk, "anna@seller.example")
    body = {"address": "eve@seller.example"}
    assert (await call(relay, talk, "POST", WRITERS, "support", body))[0] == 403
    assert (await call(relay, talk, "POST", "/sellers/none/writers", "sales", body))[0] == 404
    assert (await call(relay, talk, "DELETE", f"{WRITERS}/{uuid4()}", "sales"))[0] == 404
    assert (await call(relay, talk, "GET", WRITERS, "support"))[1]["items"] == [one]
    other = await relay.converse()
    assert (await call(relay, other, "GET", WRITERS, "sales"))[1]["items"] == []
    assert (await call(relay, other, "DELETE", f"{WRITERS}/{one['writer']}", "sales"))[0] == 404
    assert await writes(other, "anna@seller.example") == 550
