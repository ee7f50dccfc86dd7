"""Messages that customers write on a page: to their seller, by the rules of a message by mail (MAIL-7)."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from chassis.db import Begin, Read
from chassis.identity import Caller, KeyRings
from chassis.web import Body, Routes, View, unavailable
from pydantic import Field
from uuid_utils.compat import uuid7

from mail_relay.clients import typed
from mail_relay.clients.contents import Contents, ContentsAway
from mail_relay.clients.judging import Judged
from mail_relay.clients.scanning import ScannerAway
from mail_relay.clients.senders import SenderAway, Senders
from mail_relay.domain import carried
from mail_relay.domain.admission import NotTaken, Reason
from mail_relay.domain.alias import Domains, Side
from mail_relay.domain.attempt import Attempt, Envelope, Stored
from mail_relay.domain.carried import Carried, Largest
from mail_relay.domain.conversation import Conversation
from mail_relay.domain.policy.attachment import Bounds
from mail_relay.domain.policy.limits import Limits
from mail_relay.domain.policy.policy import Action
from mail_relay.domain.recipient import Recipient
from mail_relay.usecases import opening, receiving, refusing
from mail_relay.usecases.receiving import RateReached, Received

CUSTOMER = "customer"
# as many characters as fit beside an e-mail that is short
MOST_TYPED = 10_000
# what is recorded as the greeting of whoever has written on a page and not by mail
BY_PAGE = Envelope(greeting="page")
routes = Routes()


class WriteMessage(Body):
    """What is written, under which subject; sent twice with the same `once`, it is one message."""

    subject: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
    text: Annotated[str, Field(min_length=1, max_length=MOST_TYPED, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]
    once: UUID | None = None


class WrittenView(View):
    """The message that is kept, and whether a person looks at it before it is passed on."""

    message: UUID
    held: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """What it takes to judge and keep what is written on a page."""

    read: Read
    begin: Begin
    contents: Contents
    senders: Senders
    keys: KeyRings
    domains: Domains
    limits: Limits
    largest: Largest


@routes.post("/conversations/{conversation}/messages", allow=CUSTOMER)
async def write_message(
    read: Read,
    begin: Begin,
    caller: Caller,
    conversation: UUID,
    body: WriteMessage,
    contents: Contents,
    senders: Senders,
    keys: KeyRings,
    domains: Domains,
    limits: Limits,
    largest: Largest,
) -> WrittenView:
    """Write to the seller of a conversation: it is kept, judged and passed on like a mail to `write_to`."""
    desk = Desk(read, begin, contents, senders, keys, domains, limits, largest)
    found = await opening.of_customer(read, caller.tenant, UUID(caller.subject), conversation)
    return await written(desk, found, await recipient(desk, found), body)


async def recipient(desk: Desk, to: Conversation) -> Recipient:
    """Return who is written to in a conversation. Raises NotTaken, RateReached."""
    found = await receiving.recipient(desk.read, to.aliases[Side.SELLER], None, desk.limits)
    if found is Reason.RATE:
        raise RateReached
    if isinstance(found, Reason):
        raise NotTaken(found)
    return found


async def written(
    desk: Desk, found: Conversation, to: Recipient, body: WriteMessage, files: Sequence[Carried] = ()
) -> WrittenView:
    """Judge what was written, keep it, and have it passed on. Raises NotTaken, RateReached, Problem."""
    domain, message_id = desk.domains.of(found.tenant), uuid7()
    text = body.text.strip()
    content = await typed.to_seller(found, domain, message_id, body.subject, text, desk.read.now, files)
    try:
        judged = await _judged(desk, to, content)
        if isinstance(judged, Reason):
            kept = None if judged is Reason.TOO_LARGE else content
            await refuse(desk, to, Attempt(judged, len(content), BY_PAGE, kept))
            raise NotTaken(judged, **await _named(judged, files, to))
        stored = await typed.store(desk.contents, message_id, content)
    except (SenderAway, ScannerAway, ContentsAway):
        raise unavailable() from None
    # what is typed has no id that a mail program gave it: the page's own says what was sent twice
    same = hashlib.sha256(f"page {found.id} {body.once}".encode()).digest() if body.once else None
    about = (stored.key, stored.size, stored.content_hash, None, judged.decision)
    received = Received(to, stored.id, *about, critical=judged.critical, fingerprint=same)
    async with desk.begin() as tx:
        message = await receiving.keep(tx, received, desk.domains, desk.limits)
    if judged.decision.action is Action.BLOCK:
        finding = judged.decision.finding
        raise NotTaken(Reason.OFF_PLATFORM, **({"found": str(finding.kind)} if finding else {}))
    return WrittenView(message=message, held=judged.decision.action is Action.HOLD)


async def _judged(desk: Desk, to: Recipient, content: bytes) -> Reason | Judged:
    if len(content) > desk.largest.octets:
        return Reason.TOO_LARGE
    return await desk.senders.judge_typed(content, to, desk.keys, desk.domains)


async def _named(reason: Reason, files: Sequence[Carried], to: Recipient) -> dict[str, object]:
    """Return which files are refused for their kind."""
    if reason is not Reason.ATTACHMENT:
        return {}
    return {"files": await asyncio.to_thread(carried.refused, files, Bounds(types=to.policy.files))}


async def refuse(desk: Desk, to: Recipient, attempt: Attempt) -> None:
    """Record a refusal as one of a mail is recorded. Raises ContentsAway."""
    refusal, stored = uuid7(), None
    async with desk.begin() as tx:
        keeps = attempt.content is not None and attempt.is_kept(1) and await refusing.may_store(tx, to)
    if keeps and attempt.content is not None:
        typed_text = await typed.store(desk.contents, refusal, attempt.content)
        stored = Stored(typed_text.key, typed_text.content_hash)
    async with desk.begin() as tx:
        await refusing.refuse(tx, refusal, to, attempt, stored)
