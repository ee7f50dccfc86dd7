"""What people write is removed when its time is over, and a legal hold keeps it meanwhile (MAIL-19)."""

import os
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from chassis_testing.harness import until
from contracts.accounts import KeyDestroyed
from uuid_utils.compat import uuid7

from .conftest import Relay
from .exporting import Reviewers
from .people import Conversation
from .test_cases import read_case


def file_of(relay: Relay, message: UUID) -> Path:
    return relay.store / "messages" / message.hex[-2:] / str(message)


async def kept(relay: Relay, talk: Conversation) -> UUID:
    """A message that was relayed, and lies in the store."""
    await talk.ask()
    await relay.next_server.one(talk.seller)

    async def relayed() -> UUID | None:
        rows = await relay.house.sql(
            "select id from messages where conversation_id = $1 and state = 'relayed'", talk.id
        )
        return rows[0]["id"] if rows else None

    message = await until(relayed, what="the message")
    assert file_of(relay, message).exists()
    return message


async def age(relay: Relay, talk: Conversation, days: int) -> None:
    """Let what was written be older, and the jobs look."""
    await relay.house.sql(
        "update messages set received_at = received_at - $2 * interval '1 day' where conversation_id = $1 returning 1",
        talk.id,
        days,
    )
    relay.house.shift_clock(601)


async def without_order(relay: Relay, talk: Conversation) -> None:
    """Let a conversation be one that never became an order."""
    await relay.house.sql("update conversations set order_id = null where id = $1 returning 1", talk.id)


async def gone(relay: Relay, file: Path) -> None:
    async def removed() -> bool:
        return not os.access(file, os.F_OK)

    await until(removed, what="the removal")


async def erase(relay: Relay, talk: Conversation) -> None:
    (row,) = await relay.house.sql("select customer_id, contact_key_id from conversations where id = $1", talk.id)
    destroyed = {
        "tenant": talk.tenant,
        "customer": row["customer_id"],
        "key": row["contact_key_id"],
        "kind": "contact",
        "destroyed_at": relay.house.clock.now(),
    }
    await relay.house.publish(KeyDestroyed.model_validate(destroyed))
    await relay.house.settled()


async def unread(relay: Relay, talk: Conversation) -> list[Any]:
    _, case = await read_case(relay, talk)
    return [one["unread"] for one in case["messages"]["items"]]


async def test_MAIL_19_letters_are_kept_for_years_and_what_never_became_an_order_for_one(relay: Relay):
    letter, contact = await relay.converse(), await relay.converse()
    ours, theirs = file_of(relay, await kept(relay, letter)), file_of(relay, await kept(relay, contact))
    await without_order(relay, contact)
    await age(relay, letter, 366)
    await age(relay, contact, 366)
    await gone(relay, theirs)
    assert ours.exists()
    await age(relay, letter, 6 * 366)
    await gone(relay, ours)

    async def recorded() -> list[str] | None:
        _, case = await read_case(relay, letter)
        (message,) = case["messages"]["items"]
        facts = [proof["fact"] for proof in message["proofs"]]
        return facts if message["unread"] == "removed" and len(facts) > 1 else None

    assert await until(recorded, what="the record") == ["relayed", "content_removed"]


async def test_MAIL_19_a_hold_keeps_a_case_from_retention_until_it_is_released(relay: Relay, talk: Conversation):
    file, both = file_of(relay, await kept(relay, talk)), Reviewers(relay, talk)
    _, held = both_holds = await both.post(both.one, f"/conversations/{talk.id}/holds")
    assert both_holds[0] == 200, held
    (hold,) = (await both.get(both.one, f"/conversations/{talk.id}/holds"))[1]["items"]
    await age(relay, talk, 8 * 366)
    bystander = await relay.converse()
    other = file_of(relay, await kept(relay, bystander))
    await age(relay, bystander, 8 * 366)
    await gone(relay, other)
    assert (file.exists(), await unread(relay, talk)) == (True, [None])
    elsewhere = relay.house.accounts.token(uuid4(), "reviewer", tenant="elsewhere")
    assert (await Reviewers(relay, talk).post(elsewhere, f"/holds/{hold['hold']}/release"))[0] == 404
    both = Reviewers(relay, talk)
    assert (await both.post(both.other, f"/holds/{hold['hold']}/release"))[0] == 204
    assert (await both.post(both.other, f"/holds/{hold['hold']}/release"))[0] == 404
    relay.house.shift_clock(601)
    await gone(relay, file)


async def test_MAIL_19_an_erasure_takes_what_never_became_an_order_once_no_hold_is_left(relay: Relay):
    talk, letter = await relay.converse(), await relay.converse()
    message, both = await kept(relay, talk), Reviewers(relay, talk)
    ours = file_of(relay, await kept(relay, letter))
    await without_order(relay, talk)
    for _ in range(2):
        assert (await both.post(both.one, f"/conversations/{talk.id}/holds"))[0] == 200
    await erase(relay, talk)
    await erase(relay, letter)
    assert await unread(relay, talk) == [None]
    first, second = (await both.get(both.one, f"/conversations/{talk.id}/holds"))[1]["items"]
    assert (await both.post(both.one, f"/holds/{first['hold']}/release"))[0] == 204
    assert await unread(relay, talk) == [None]
    assert (await both.post(both.one, f"/holds/{second['hold']}/release"))[0] == 204
    assert await unread(relay, talk) == ["removed"]
    relay.house.shift_clock(601)
    await gone(relay, file_of(relay, message))
    # a letter about a deal stays for the seller, who has to keep it
    assert (ours.exists(), await unread(relay, letter)) == (True, [None])


async def test_MAIL_19_without_a_hold_an_erasure_takes_it_at_once(relay: Relay, talk: Conversation):
    file = file_of(relay, await kept(relay, talk))
    await without_order(relay, talk)
    await erase(relay, talk)
    assert await unread(relay, talk) == ["removed"]
    relay.house.shift_clock(601)
    await gone(relay, file)


async def test_MAIL_19_of_a_conversation_nothing_but_its_checkpoints_remains_after_ten_years(
    relay: Relay, talk: Conversation
):
    file, both = file_of(relay, await kept(relay, talk)), Reviewers(relay, talk)
    await both.export("archive")
    critical = "insert into criticals select tenant, id, conversation_id, 'kontor' from messages"
    await relay.house.sql(f"{critical} where conversation_id = $1 returning 1", talk.id)
    await relay.house.sql(
        "update conversations set opened_at = opened_at - interval '12 years' where id = $1 returning 1", talk.id
    )
    await age(relay, talk, 12 * 366)
    await gone(relay, file)
    relay.house.shift_clock(601)

    async def forgotten() -> bool:
        relay.house.shift_clock(601)
        return not await relay.house.sql("select 1 from conversations where id = $1", talk.id)

    await until(forgotten, what="the removal")
    for table in ("aliases", "messages", "proofs", "exports", "refusals"):
        assert not await relay.house.sql(f"select 1 from {table} where conversation_id = $1", talk.id)
    assert await relay.house.sql("select 1 from checkpoints where conversation_id = $1", talk.id)
    assert await relay.house.sql("select 1 from removed_conversations where id = $1", talk.id)


async def test_a_content_whose_transaction_did_not_commit_is_removed_a_day_later(relay: Relay, talk: Conversation):
    known = file_of(relay, await kept(relay, talk))
    now = relay.house.clock.now().timestamp()
    os.utime(known, (now - 90_000, now - 90_000))
    # one part of the store is looked through at a time
    shards = [relay.store / "messages" / f"{shard:02x}" for shard in range(256)]
    old, new = ([shard / f"{str(uuid7())[:-2]}{shard.name}" for shard in shards] for _ in range(2))
    others = [shard / "something else" for shard in shards]
    for file, days in [*((file, -2) for file in [*old, *others]), *((file, 90) for file in new)]:
        file.write_bytes(b"?")
        os.utime(file, (now + days * 86_400, now + days * 86_400))

    async def removed() -> bool:
        relay.house.shift_clock(601)
        return not all(map(os.path.exists, old))

    await until(removed, what="the removal")
    assert all(map(os.path.exists, [*new, *others, known]))
