"""Exporting: four eyes for what leaves the suite of a conversation (MAIL-7)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import asyncpg
from chassis.db import Tx

from mail_relay.domain.attempt import Refused
from mail_relay.domain.checkpoint import Signed
from mail_relay.domain.conversation import Conversation, ConversationUnknown
from mail_relay.domain.export import Export, ExportUnknown, Form
from mail_relay.domain.proof import Fact
from mail_relay.store import checkpoints, conversations, exports, messages, proofs, refusals
from mail_relay.store.proofs import Kept
from mail_relay.usecases import checkpointing, proving, reviewing
from mail_relay.usecases.checkpointing import ArchiveKeys


@dataclass(frozen=True, slots=True)
class Exported:
    """All that an export is made of, and is recorded as read."""

    export: Export
    conversation: Conversation
    messages: Sequence[asyncpg.Record]
    proofs: Sequence[Kept]
    checkpoints: Sequence[Signed]
    refused: Sequence[Refused]


async def ask(tx: Tx, tenant: str, conversation_id: UUID, form: Form, language: str, why: str, by: str) -> UUID:
    """Record that a reviewer asks for an export, and return its id. Raises ConversationUnknown."""
    if await conversations.find(tx, tenant, conversation_id) is None:
        raise ConversationUnknown
    new = Export(tenant, tx.new_id(), conversation_id, form, language, why, by, tx.now, None, None, None)
    await exports.add(tx, new)
    tx.audit("export", new.id, after={"conversation": str(conversation_id), "form": form.value})
    return new.id


async def release(tx: Tx, tenant: str, export_id: UUID, by: str) -> None:
    """Let who asked for an export fetch it once. Raises ExportUnknown, OwnExport, ExportNotOpen."""
    found = await _locked(tx, tenant, export_id)
    found.check_release(by, tx.now)
    await exports.release(tx, found, by)
    tx.audit("export", found.id, after={"released": True})


async def fetch(tx: Tx, tenant: str, export_id: UUID, by: str, keys: ArchiveKeys) -> Exported:
    """Return what an export is made of, once; it is proved, recorded as a reading, and published.

    Raises ExportUnknown, ForeignExport, ExportNotReleased, ExportNotOpen.
    """
    found = await _locked(tx, tenant, export_id)
    found.check_fetch(by, tx.now)
    await exports.set_fetched(tx, tenant, found.id, tx.now)
    of = (tenant, found.conversation_id)
    await proving.prove(tx, *of, Fact.EXPORTED, found.id, form=found.form.value)
    await checkpointing.checkpoint(tx, *of, keys)
    conversation = await conversations.find(tx, *of)
    if conversation is None:
        raise ConversationUnknown
    rows = await messages.boxes(tx, *of)
    reviewing.record(tx, conversation, len(rows), found.why)
    kept = await proofs.of_conversation(tx, *of, after=0, limit=None)
    signed, refused = await checkpoints.of_conversation(tx, *of), await refusals.of_conversation(tx, *of, limit=None)
    found = replace(found, fetched_at=tx.now)
    return Exported(found, conversation, rows, kept, signed, refused)


async def take_back(tx: Tx, export: Export) -> None:
    """Let an export be fetched again of which nothing was sent."""
    await exports.set_fetched(tx, export.tenant, export.id, None)


async def _locked(tx: Tx, tenant: str, export_id: UUID) -> Export:
    found = await exports.lock(tx, tenant, export_id)
    if found is None:
        raise ExportUnknown
    return found
