"""Buyers who want no messages without having asked, what reaches them all the same, and misuse of that (MAIL-11)."""

import re
from urllib.parse import urlsplit

from .conftest import Relay
from .people import Conversation
from .test_policies import call, told


async def test_MAIL_11_only_what_is_critical_or_asked_for_reaches_who_opted_out(relay: Relay, talk: Conversation):
    await talk.ask()
    customer = await customer_of(relay, talk)
    path = f"/conversations/{talk.id}"
    assert (await call(relay, talk, "POST", f"{path}/opt-out", "customer"))[0] == 404
    assert (await call(relay, talk, "GET", f"{path}/opt-out", "customer"))[0] == 404
    _, choice = await call(relay, talk, "GET", f"{path}/opt-out", "customer", subject=customer)
    assert choice["opted_out"] is False
    _, choice = await call(relay, talk, "POST", f"{path}/opt-out", "customer", subject=customer)
    assert choice["opted_out"] is True
    assert (await call(relay, talk, "GET", f"{path}/opt-out", "customer", subject=customer))[1] == choice
    code, text = await talk.answer(Subject="Unsere Angebote")
    assert (code, "[Important]" in text) == (550, True)
    assert (await talk.answer(Subject="AW: [Wichtig] R\u00fcckruf"))[0] == 250
    # a question of the buyer may be answered
    relay.house.shift_clock(1)
    assert (await talk.ask())[0] == 250
    assert (await talk.answer(Subject="Re: Frage"))[0] == 250
    assert (await call(relay, talk, "POST", f"{path}/opt-in", "customer", subject=customer))[0] == 200
    assert (await talk.answer(Subject="Unsere Angebote"))[0] == 250


async def test_MAIL_11_the_third_misuse_of_the_mark_flags_a_seller(relay: Relay, talk: Conversation):
    stop, misuse = (talk.buyer_writes_to.replace("@", f"+{tag}@") for tag in ("stop", "misuse"))
    await write(talk, stop)
    notice = await told(relay, talk.buyer, "keine Nachrichten ohne Ihre Frage")
    assert {stop.replace("+stop", "+start"), misuse} <= set(re.findall(r"\S+@[\w.]+\w", notice.get_content()))
    await write(talk, misuse)
    assert await told(relay, talk.buyer, "nichts zu z\u00e4hlen")
    for number in range(1, 4):
        assert (await talk.answer(Subject="[Important] Rabatt"))[0] == 250
        await write(talk, misuse)
        await write(talk, misuse)
        _, found = await call(relay, talk, "GET", "/sellers/kontor/misuses", "support")
        assert (found["misuses"], found["flagged"]) == (number, number == 3)
    assert await told(relay, talk.seller, "nicht so wichtig")
    # what is said to the relay itself goes no further
    assert not any(b"Nichts weiter" in raw for raw in relay.next_server.to(talk.seller))


async def test_F_M30_a_mail_programs_button_opts_out_and_holds_no_address(relay: Relay, talk: Conversation):
    assert (await talk.answer(List_Unsubscribe=f"<mailto:{talk.seller}>"))[0] == 250
    answer = await relay.next_server.one(talk.buyer)
    assert answer["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    signed = re.sub(r"\s", "", answer["DKIM-Signature"])
    assert ":list-unsubscribe:list-unsubscribe-post" in signed
    address, url = re.findall("<(.+?)>", answer["List-Unsubscribe"])
    assert address == f"mailto:{talk.buyer_writes_to.replace('@', '+stop@')}?subject=stop"
    assert talk.seller not in answer.as_string()
    path: str = urlsplit(str(url)).path
    async with relay.house.http.get(path) as looked_at:
        assert looked_at.status == 405
    assert (await talk.answer())[0] == 250
    for at, code in ((f"/unsubscribe/{'a' * 32}", 250), (path, 550)):
        async with relay.house.http.post(at, data={"List-Unsubscribe": "One-Click"}) as pressed:
            assert pressed.status == 200, await pressed.text()
        assert (await talk.answer())[0] == code
    # the buyer's messages have none
    await talk.ask()
    assert "List-Unsubscribe" not in await relay.next_server.one(talk.seller)


async def write(talk: Conversation, to: str) -> None:
    """The buyer writes to the relay itself."""
    assert (await talk.send(talk.message(talk.buyer, to, "Nichts weiter"), talk.buyer, to))[0] == 250


async def customer_of(relay: Relay, talk: Conversation) -> object:
    (row,) = await relay.house.sql("select customer_id from conversations where id = $1", talk.id)
    return row["customer_id"]
