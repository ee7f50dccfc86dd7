"""Messages that customers write on a page: to their seller, by the rules of a message by mail (MAIL-7)."""

import hashlib
from typing import Annotated
from uuid import UUID

from chassis.db import Begin, Read
from chassis.identity import Caller, KeyRings
from chassis.web import Body, Routes, View, unavailable
from pydantic import Field
from uuid_utils.compat import uuid7

from mail_relay.clients import typed
from mail_relay.clients.contents import Contents, ContentsAway
from mail_relay.clients.scanning import ScannerAway
from mail_relay.clients.senders import SenderAway, Senders
from mail_relay.domain.admission import NotTaken, Reason
from mail_relay.domain.alias import Domains, Side
from mail_relay.domain.attempt import Attempt, Envelope, Stored
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
) -> WrittenView:
    """Write to the seller of a conversation: it is kept, judged and passed on like a mail to `write_to`."""
    found = await opening.of_customer(read, caller.tenant, UUID(caller.subject), conversation)
    to = await receiving.recipient(read, found.aliases[Side.SELLER], None, limits)
    if to is Reason.RATE:
        raise RateReached
    if isinstance(to, Reason):
        raise NotTaken(to)
    domain, message_id = domains.of(found.tenant), uuid7()
    content = await typed.to_seller(found, domain, message_id, body.subject, body.text.strip(), read.now)
    try:
        judged = await senders.judge_typed(content, to, keys, domains)
        if isinstance(judged, Reason):
            await _refuse(begin, contents, to, Attempt(judged, len(content), BY_PAGE, content))
            raise NotTaken(judged)
        stored = await typed.store(contents, message_id, content)
    except (SenderAway, ScannerAway, ContentsAway):
        raise unavailable() from None
    # what is typed has no id that a mail program gave it: the page's own says what was sent twice
    same = hashlib.sha256(f"page {found.id} {body.once}".encode()).digest() if body.once else None
    about = (stored.key, stored.size, stored.content_hash, None, judged.decision)
    received = Received(to, stored.id, *about, critical=judged.critical, fingerprint=same)
    async with begin() as tx:
        kept = await receiving.keep(tx, received, domains, limits)
    if judged.decision.action is Action.BLOCK:
        raise NotTaken(Reason.OFF_PLATFORM)
    return WrittenView(message=kept, held=judged.decision.action is Action.HOLD)


async def _refuse(begin: Begin, contents: Contents, to: Recipient, attempt: Attempt) -> None:
    """Record a refusal as one of a mail is recorded. Raises ContentsAway."""
    refusal, stored = uuid7(), None
    async with begin() as tx:
        keeps = attempt.content is not None and attempt.is_kept(1) and await refusing.may_store(tx, to)
    if keeps and attempt.content is not None:
        typed_text = await typed.store(contents, refusal, attempt.content)
        stored = Stored(typed_text.key, typed_text.content_hash)
    async with begin() as tx:
        await refusing.refuse(tx, refusal, to, attempt, stored)
