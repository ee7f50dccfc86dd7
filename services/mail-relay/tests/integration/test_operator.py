"""postmaster@ and abuse@ reach the operator, and nothing else goes through that door (RFC 5321 4.5.1, RFC 2142)."""

import pytest

from .conftest import OPERATOR, Relay
from .people import BRAND_DOMAIN, DOMAIN, Conversation


@pytest.fixture(autouse=True)
def a_minute_later(relay: Relay) -> None:
    relay.house.shift_clock(61)


async def test_F_M03_two_names_reach_the_operator_and_no_other_does(relay: Relay, talk: Conversation):
    named = ("postmaster", f"Postmaster@{DOMAIN}", f"ABUSE@{BRAND_DOMAIN.upper()}")
    for number, to in enumerate(named, 1):
        message = talk.message("anybody@stranger.example", to, Subject=f"Spam {number}")
        assert (await talk.send(message, "anybody@stranger.example", to))[0] == 250, to
        found = await relay.next_server.one(OPERATOR, number)
        assert (found["Subject"], found["From"]) == (f"Spam {number}", "Somebody <anybody@stranger.example>")
        assert "[127.0.0.1]" in found["Received"]
    assert {(sender, to) for sender, to, raw in relay.next_server.taken if b"Spam" in raw} == {("<>", OPERATOR)}
    for to in (
        f"root@{DOMAIN}",
        "postmaster@other.example",
        f"postmaster%other.example@{DOMAIN}",
        f"post.master@{DOMAIN}",
        OPERATOR,
    ):
        assert (await talk.send(talk.message("a@stranger.example", to), "a@stranger.example", to))[0] == 550, to
    # nobody is in copy of an alias that way
    both = [f"postmaster@{DOMAIN}", talk.buyer_writes_to]
    assert (await talk.send(talk.message(talk.buyer, ", ".join(both)), talk.buyer, both))[0] == 250
    await relay.next_server.one(OPERATOR, len(named) + 1)
    await relay.house.settled()
    assert relay.next_server.to(talk.seller) == []


async def test_F_M17_F_M27_the_operator_is_not_flooded_nor_written_to_in_a_circle(relay: Relay, talk: Conversation):
    to, sender = f"abuse@{DOMAIN}", "a@stranger.example"
    raw = talk.message(sender, to).as_bytes()
    hops = b"Received: from a by b; Sun, 29 Nov 2026 09:00:00 +0100\r\n" * 31
    assert (await talk.send(hops + raw, sender, to))[0] == 554
    relay.next_server.answers[OPERATOR] = ["451 4.3.0 later", "550 5.7.1 never"]
    assert [(await talk.send(raw, sender, to))[0] for _ in range(11)] == [451, 550, *[250] * 8, 450]
