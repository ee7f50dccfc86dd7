"""What leaves the suite of a conversation: asked for by one reviewer, released by another, fetched once (MAIL-7)."""

import asyncio
import base64
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

import structlog
from aiohttp import web
from chassis.db import Begin, Read, Tx
from chassis.identity import Caller, KeyRings, Keys, KeysUnavailable
from chassis.web import Body, Listing, Page, Routes, View, listing
from contracts.event import Sealed
from pydantic import Field

from mail_relay.clients import archive, cases, mbox, pdf
from mail_relay.clients.contents import Contents
from mail_relay.domain.checkpoint import ARCHIVE
from mail_relay.domain.export import Export, ExportState, ExportUnknown, Form
from mail_relay.domain.proof import Proof
from mail_relay.store import exports
from mail_relay.usecases import exporting
from mail_relay.usecases.checkpointing import ArchiveKeys
from mail_relay.usecases.exporting import Exported
from mail_relay.usecases.reviewing import REVIEW
from mail_relay.web.review import REVIEWER

log = structlog.get_logger(__name__)
# Whoever finds a reviewer's session at the end of a day lets nothing out.
RECENTLY = timedelta(hours=1)
routes = Routes()

MEDIA_TYPES = {
    Form.MBOX: (mbox.MEDIA_TYPE, "mbox"),
    Form.PDF: (pdf.MEDIA_TYPE, "pdf"),
    Form.ARCHIVE: (archive.MEDIA_TYPE, "zip"),
}


class AskExport(Body):
    """What an export is to be, and what for; whoever releases it reads that. `language` is that of a PDF."""

    form: Annotated[Form, Field(strict=False)]
    purpose: Annotated[str, Field(min_length=3, max_length=200)]
    language: Literal["de", "en"] = "en"


class ExportView(View):
    """An export; it waits a day for its release, and can then be fetched once within an hour, by who asked for it."""

    export: UUID
    conversation: UUID
    form: Form
    purpose: str
    state: ExportState
    asked_by: str
    asked_at: datetime
    released_by: str | None
    expires_at: datetime


class ArchiveKeysView(View):
    """The public keys (Ed25519, 32 bytes in base64) that have signed checkpoints and archives, by their ids."""

    keys: dict[str, str]


@routes.get("/.well-known/archive-keys.json", kept_seconds=60)
async def archive_keys(keys: ArchiveKeys) -> ArchiveKeysView:
    """What an archive is verified with; anybody may have it."""
    return ArchiveKeysView(keys={key: base64.b64encode(public).decode() for key, public in keys.public.items()})


@routes.get("/exports/{export}", allow=REVIEWER)
async def view_export(read: Read, caller: Caller, export: UUID) -> ExportView:
    """How far an export is."""
    found = await exports.find(read, caller.tenant, export)
    if found is None:
        raise ExportUnknown
    return _view(found, read.now)


@routes.get("/exports", allow=REVIEWER)
async def list_exports(read: Read, caller: Caller, page: Page) -> Listing[ExportView]:
    """The exports that wait for somebody to release them, the oldest first."""
    after = page.after(tuple[UUID])
    rows = await exports.asked(read, caller.tenant, after[0] if after else None, page.limit + 1)
    return listing(rows, page, lambda one: (one.id,), lambda one: _view(one, read.now))


@routes.post("/conversations/{conversation}/exports", allow=REVIEWER, creates=view_export)
async def ask_for_export(tx: Tx, caller: Caller, conversation: UUID, body: AskExport) -> UUID:
    """Ask for all messages of a conversation as a file; another reviewer has to release it."""
    return await exporting.ask(tx, caller.tenant, conversation, body.form, body.language, body.purpose, caller.subject)


@routes.post("/exports/{export}/release", allow=REVIEWER, fresh=RECENTLY)
async def release_export(tx: Tx, caller: Caller, export: UUID) -> ExportView:
    """Let a colleague fetch an export once; nobody releases their own, and who does has signed in within the hour."""
    await exporting.release(tx, caller.tenant, export, caller.subject)
    return await view_export(tx, caller, export)


@routes.post("/exports/{export}/fetching", allow=REVIEWER, also={200: mbox.MEDIA_TYPE})
async def fetch_export(
    request: web.Request,
    begin: Begin,
    caller: Caller,
    export: UUID,
    keys: KeyRings,
    contents: Contents,
    signing: ArchiveKeys,
) -> web.StreamResponse:
    """The file, once: all that both sides wrote, as it was received; recorded and published as a reading."""
    async with begin() as tx:
        found = await exporting.fetch(tx, caller.tenant, export, caller.subject, signing)
    refused = [box for one in found.refused for box in (one.records_key_box, one.envelope_box)]
    boxes = [Sealed.parse(box) for box in (*(row["records_key_box"] for row in found.messages), *refused) if box]
    try:
        opened = await keys.ring(REVIEW).unlock(boxes)
    except KeysUnavailable:
        async with begin() as tx:
            await exporting.take_back(tx, found.export)
        raise
    media_type, ending = MEDIA_TYPES[found.export.form]
    name = f'attachment; filename="{found.conversation.id}.{ending}"'
    response = web.StreamResponse(headers={"Content-Type": media_type, "Content-Disposition": name})
    await response.prepare(request)
    try:
        async for piece in _pieces(found, opened, contents, signing):
            await response.write(piece)
        await response.write_eof()
    except Exception as error:
        log.warning("an export was broken off", reason=type(error).__name__)
        if request.transport is not None:
            request.transport.abort()  # what ends early must not look whole
    return response


async def _pieces(found: Exported, opened: Keys, contents: Contents, signing: ArchiveKeys) -> AsyncGenerator[bytes]:
    if found.export.form is Form.MBOX:
        pieces = mbox.mailbox(found.messages, opened, contents)
    elif found.export.form is Form.PDF:
        yield await _paper(found, opened, contents)
        return
    else:
        proofs = [(kept.proof, kept.digest) for kept in found.proofs]
        refused = [(one.id, one.records_key_box, one.content_hash) for one in found.refused if one.content_hash]
        whole = archive.Whole(
            found.conversation.id, found.export.id, found.messages, proofs, found.checkpoints, opened, refused
        )
        await archive.look_for_files(whole, contents)
        facts = await asyncio.to_thread(whole.facts)
        pieces = archive.packed(whole, facts, (signing.key, signing.sign(ARCHIVE + facts)), contents)
    async for piece in pieces:
        yield piece


async def _paper(found: Exported, opened: Keys, contents: Contents) -> bytes:
    shown = found.messages[: pdf.MOST_MESSAGES]
    refused = found.refused[: pdf.MOST_REFUSED]
    kept = [cases.Content(row["id"], row["records_key_box"], row["content_hash"]) for row in shown]
    kept += [cases.Content(one.id, one.records_key_box, one.content_hash) for one in refused if one.content_hash]
    envelopes = {one.id: cases.envelope(one.envelope_box, opened) for one in refused}
    proofs: dict[UUID, list[Proof]] = {}
    for one in found.proofs:
        proofs.setdefault(one.proof.about, []).append(one.proof)
    texts = await cases.texts(kept, opened, contents)
    paper = pdf.Paper(found.export, found.conversation, found.messages, proofs, refused, texts, envelopes)
    return await pdf.printed(paper, found.export.fetched_at or found.export.asked_at)


def _view(one: Export, now: datetime) -> ExportView:
    return ExportView(
        export=one.id,
        conversation=one.conversation_id,
        form=one.form,
        purpose=one.why,
        state=one.state(now),
        asked_by=one.asked_by,
        asked_at=one.asked_at,
        released_by=one.released_by,
        expires_at=one.expires_at,
    )
