"""What leaves the suite of a conversation needs two people, and verifies (MAIL-6, MAIL-7)."""

import io
import json
import mailbox
import zipfile
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from chassis_testing.harness import until
from chassis_testing.refusing import refusing
from contracts.mail_relay import ConversationRead
from pypdf import PdfReader

from .conftest import Relay
from .exporting import Reviewers
from .people import Conversation


async def test_MAIL_7_an_export_needs_a_second_person_and_is_fetched_once(relay: Relay, talk: Conversation):
    await talk.ask()
    both = Reviewers(relay, talk)
    export = await both.ask("mbox")
    fetching, release = f"/exports/{export}/fetching", f"/exports/{export}/release"
    assert (await both.post(both.one, fetching))[0] == 409
    assert (await both.post(both.one, release))[0] == 403
    elsewhere = relay.house.accounts.token(uuid4(), "reviewer", tenant="elsewhere")
    assert (await both.post(elsewhere, release))[0] == 404
    assert (await both.get(elsewhere, f"/exports/{export}"))[0] == 404
    for role in ("support", "sales", "customer", "bookkeeping"):
        token = relay.house.accounts.token(uuid4(), role, tenant=talk.tenant)
        assert (await both.post(token, release))[0] == 403
    assert (await both.post(both.other, release))[0] == 200
    assert (await both.post(both.other, release))[0] == 409
    assert (await both.post(both.other, fetching))[0] == 403
    assert (await both.post(elsewhere, fetching))[0] == 404
    assert (await both.post(both.one, fetching))[0] == 200
    assert (await both.post(both.one, fetching))[0] == 409
    _, shown = await both.get(both.one, f"/exports/{export}")
    assert (shown["state"], shown["purpose"]) == ("fetched", "a dispute")

    async def read() -> list[ConversationRead]:
        found = await relay.house.published(ConversationRead, at_least=0)
        return [one for one in found if one.conversation == talk.id]

    (event,) = await until(read, what="ConversationRead")
    assert (event.messages, event.order) == (1, talk.order)
    acts = await relay.house.sql(
        "select kind, purpose, actor from chassis.audit where object_id = any($1) order by number",
        [str(talk.id), export],
    )
    assert [act["kind"] for act in acts] == ["export", "export", "conversation"]
    assert len({act["actor"] for act in acts}) == 2
    assert acts[-1]["purpose"].startswith("review")


async def test_MAIL_7_an_export_that_nobody_releases_or_fetches_in_time_is_over(relay: Relay, talk: Conversation):
    both = Reviewers(relay, talk)
    late, unfetched = await both.ask("mbox"), await both.ask("mbox")
    assert (await both.post(both.other, f"/exports/{unfetched}/release"))[0] == 200
    await relay.house.sql(
        "update exports set released_at = released_at - interval '61 minutes' where id = $1 returning 1",
        UUID(unfetched),
    )
    assert (await both.post(both.one, f"/exports/{unfetched}/fetching"))[0] == 409
    await relay.house.sql(
        "update exports set asked_at = asked_at - interval '1 day' where id = $1 returning 1", UUID(late)
    )
    assert (await both.post(both.other, f"/exports/{late}/release"))[0] == 409
    assert (await both.get(both.one, f"/exports/{late}"))[1]["state"] == "expired"


async def test_MAIL_6_the_mailbox_opens_in_a_mail_program(relay: Relay, talk: Conversation, tmp_path: Path):
    await talk.ask("Erste Frage\nFrom here on\n>From there")
    await talk.answer("Antwort")
    (tmp_path / "case.mbox").write_bytes(await Reviewers(relay, talk).export("mbox"))
    opened = mailbox.mbox(tmp_path / "case.mbox")
    assert [message["From"] for message in opened] == [f"Somebody <{one}>" for one in (talk.buyer, talk.seller)]


async def test_MAIL_6_the_archive_has_each_byte_and_verifies(relay: Relay, talk: Conversation):
    await talk.ask("Erste")
    await talk.answer("Zweite")
    await relay.next_server.one(talk.seller)
    both = Reviewers(relay, talk)
    archive = await both.export("archive")
    assert await both.faults(archive) == []
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        facts = json.loads(opened.read("archive.json"))
        first = opened.read("messages/00001-buyer.eml")
    assert (b"Erste" in first, b"DKIM-Signature:" in first) == (True, True)
    assert [one["link"][2:4] for one in facts["proofs"]][-1][1] == "exported"
    assert facts["checkpoints"][-1]["link"][1] == 2
    # what was changed in the store is left out, and named
    (row, _) = await relay.house.sql("select id from messages where conversation_id = $1 order by number", talk.id)
    file = relay.store / "messages" / row["id"].hex[-2:] / str(row["id"])
    file.write_bytes(file.read_bytes()[:-1])
    assert await both.faults(await both.export("archive")) == ["messages/00001-buyer.eml is not what was kept"]
    # K16: the mailbox says so, too
    assert b"Subject: (damaged)" in await both.export("mbox")
    # whoever takes the end away in the database is betrayed by the checkpoint, which nobody can take away there
    assert (await relay.house.sql("select count(*) from checkpoints where conversation_id = $1", talk.id))[0][0] == 3
    with pytest.raises(Exception, match="only added"):
        await relay.house.sql("delete from checkpoints where conversation_id = $1 returning 1", talk.id)
    await relay.house.sql("delete from messages where conversation_id = $1 and number = 2 returning 1", talk.id)
    found = await both.faults(await both.export("archive"))
    assert [one for one in found if one.startswith("2 messages and")]


async def test_MAIL_6_conversations_that_grew_are_checkpointed_by_the_clock(relay: Relay, talk: Conversation):
    await talk.ask()
    relay.house.shift_clock(601)

    async def signed() -> bool:
        rows = await relay.house.sql("select messages from checkpoints where conversation_id = $1", talk.id)
        return [row["messages"] for row in rows][:1] == [1]

    await until(signed, what="a checkpoint")


async def test_a_conversation_that_cannot_be_checkpointed_holds_up_no_other(relay: Relay, talk: Conversation):
    good = await relay.converse()

    async def signed() -> bool:
        return bool(await relay.house.sql("select from checkpoints where conversation_id = $1", good.id))

    async with refusing(relay.house, "checkpoints", "conversation_id", talk.id):
        await talk.ask()
        await good.ask()
        relay.house.shift_clock(601)
        await until(signed, what="a checkpoint of the other one")
        assert await relay.house.sql("select from checkpoints where conversation_id = $1", talk.id) == []


async def test_MAIL_7_the_case_on_paper(relay: Relay, talk: Conversation):
    await talk.ask("Es startet nicht.")
    await talk.send(
        talk.message("nobody@buyer.example", talk.buyer_writes_to), "nobody@buyer.example", talk.buyer_writes_to
    )
    paper = PdfReader(io.BytesIO(await Reviewers(relay, talk).export("pdf")))
    found = "\n".join(page.extract_text() for page in paper.pages)
    for part in ("Es startet nicht.", str(talk.id), "not_authorised", "nobody@buyer.example"):
        assert part in found


async def test_keys_that_are_away_cost_no_export(relay: Relay, talk: Conversation):
    await talk.ask()
    both = Reviewers(relay, talk)
    export = await both.ask("mbox")
    assert (await both.post(both.other, f"/exports/{export}/release"))[0] == 200
    relay.house.accounts.away = True
    try:
        assert (await both.post(both.one, f"/exports/{export}/fetching"))[0] == 503
    finally:
        relay.house.accounts.away = False
    assert (await both.post(both.one, f"/exports/{export}/fetching"))[0] == 200
