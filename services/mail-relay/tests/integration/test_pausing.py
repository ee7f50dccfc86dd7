"""A mailbox that keeps bouncing is written to no more until its owner writes, or has another address."""

from chassis_testing.harness import until
from contracts.mail_relay import MailboxPaused, MessageRefused

from .conftest import Relay
from .people import Conversation, open_tenant

GONE = "550 5.1.1 gone"


async def refusals(relay: Relay, talk: Conversation) -> list[MessageRefused]:
    """What was refused in a conversation so far."""
    return [one for one in await relay.house.published(MessageRefused, at_least=0) if one.conversation == talk.id]


async def bounce(relay: Relay, talk: Conversation, at: str, times: int) -> None:
    """Let so many messages bounce at the server of this address."""
    before = len(await refusals(relay, talk))
    relay.next_server.answers[at] = [GONE] * times
    for _ in range(times):
        assert (await (talk.ask() if at == talk.seller else talk.answer()))[0] == 250

    async def all_back() -> bool:
        return len(await refusals(relay, talk)) == before + times

    await until(all_back, what="the bounces")


async def test_F_M12_after_three_bounces_nothing_more_is_taken_until_the_owner_writes(relay: Relay, talk: Conversation):
    await bounce(relay, talk, talk.buyer, 2)
    assert (await talk.answer())[0] == 250
    await relay.next_server.one(talk.buyer)
    await bounce(relay, talk, talk.buyer, 1)
    code, answer = await talk.answer()
    assert (code, answer.split()[0]) == (550, "5.2.1")
    await relay.house.settled()
    (paused,) = [one for one in await relay.house.published(MailboxPaused) if one.conversation == talk.id]
    assert (paused.side, paused.bounces) == ("buyer", 3)

    async def refused_as_paused() -> bool:
        return "paused" in [one.reason for one in await refusals(relay, talk)]

    await until(refused_as_paused, what="the refusal")
    # who writes can be written to, and is told what was missed
    assert (await talk.ask())[0] == 250
    notice = await relay.next_server.one(talk.buyer, at_least=2)
    assert "3 Nachrichten" in notice.get_content()
    assert (await talk.answer("Da sind Sie ja"))[0] == 250
    await relay.next_server.one(talk.buyer, at_least=3)


async def test_F_M12_another_address_is_written_to_at_once(relay: Relay, talk: Conversation):
    await bounce(relay, talk, talk.seller, 3)
    assert (await talk.ask())[0] == 550
    new = f"new.{talk.seller}"
    await open_tenant(relay.house, talk.tenant, new)
    await relay.house.settled()
    assert (await talk.ask("Ist das die neue?"))[0] == 250
    assert "die neue" in (await relay.next_server.one(new)).as_string()
