"""Reviewers read whole conversations; each reading leaves a trace, and one changed byte is found (MAIL-6, MAIL-7)."""

import importlib.util
import json
import mailbox
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from chassis_testing.harness import until
from contracts.mail_relay import ConversationRead

from .conftest import Relay
from .people import Conversation

PROGRAM = Path(__file__).parents[2] / "verify_archive.py"


async def test_MAIL_7_a_reviewer_reads_all_and_it_is_recorded(relay: Relay, talk: Conversation, tmp_path: Path):
    await talk.ask("Erste Frage\nFrom here on\n>From there")
    await talk.answer("Antwort")
    list_, content = await _read(relay, talk)
    (tmp_path / "case.mbox").write_bytes(content)
    opened = mailbox.mbox(tmp_path / "case.mbox")
    assert [message["From"] for message in opened] == [f"Somebody <{one}>" for one in (talk.buyer, talk.seller)]
    assert _faults(talk, list_, content) == []
    for at in range(0, len(content), 97):
        changed = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
        if changed.split(b"\n", 1)[0] == content.split(b"\n", 1)[0] and b"@message-" not in _line(content, at):
            assert _faults(talk, list_, changed), (at, _line(content, at))
    for name in ("side", "received_at", "size", "digest", "content_hash", "message"):
        wrong = [dict(list_[0], **{name: list_[1][name] if name != "size" else 1}), list_[1]]
        assert _faults(talk, wrong, content), name

    async def read() -> list[ConversationRead]:
        found = await relay.house.published(ConversationRead, at_least=0)
        return [one for one in found if one.conversation == talk.id]

    (event,) = await until(read, what="ConversationRead")
    assert (event.messages, event.order) == (2, talk.order)
    (act,) = await relay.house.sql(
        "select actor, purpose from chassis.audit where object_id = $1 and kind = 'conversation'", str(talk.id)
    )
    assert act["purpose"].startswith("review")


@pytest.mark.parametrize("role", ["support", "sales", "customer", "bookkeeping"])
async def test_nobody_else_reads_what_people_write(relay: Relay, talk: Conversation, role: str):
    token = relay.house.accounts.token(uuid4(), role, tenant=talk.tenant)
    address, headers = f"/conversations/{talk.id}/mbox?purpose=dispute", relay.house.bearer(token)
    async with relay.house.http.get(address, headers=headers) as answer:
        assert answer.status == 403
    token = relay.house.accounts.token(uuid4(), "reviewer", tenant="elsewhere")
    async with relay.house.http.get(address, headers=relay.house.bearer(token)) as answer:
        assert answer.status == 404


async def test_what_was_changed_in_the_store_is_not_shown_as_whole(relay: Relay, talk: Conversation):
    await talk.ask()
    (row,) = await relay.house.sql("select id from messages where conversation_id = $1", talk.id)
    file = relay.store / "messages" / row["id"].hex[-2:] / str(row["id"])
    stored = bytearray(file.read_bytes())
    stored[len(stored) // 2] ^= 1
    file.write_bytes(stored)
    token = relay.house.accounts.token(uuid4(), "reviewer", tenant=talk.tenant)
    with pytest.raises(Exception, match=r"payload|disconnected|closed"):
        async with relay.house.http.get(
            f"/conversations/{talk.id}/mbox?purpose=dispute", headers=relay.house.bearer(token)
        ) as answer:
            await answer.read()


async def _read(relay: Relay, talk: Conversation) -> tuple[list[dict[str, Any]], bytes]:
    headers = relay.house.bearer(relay.house.accounts.token(uuid4(), "reviewer", tenant=talk.tenant))
    async with relay.house.http.get(f"/conversations/{talk.id}/messages", headers=headers) as answer:
        assert answer.status == 200
        found = json.loads(await answer.read())["items"]
    async with relay.house.http.get(f"/conversations/{talk.id}/mbox?purpose=dispute", headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        return found, await answer.read()


def _faults(talk: Conversation, messages: list[dict[str, Any]], content: bytes) -> list[str]:
    spec = importlib.util.spec_from_file_location("verify_archive", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.faults(str(talk.id), messages, content)


def _line(content: bytes, at: int) -> bytes:
    start = content.rfind(b"\n", 0, at) + 1
    return content[start : content.find(b"\n", at)]
