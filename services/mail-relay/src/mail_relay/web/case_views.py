"""What a reviewer sees of a case."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from chassis.web import Listing, Page, View, listing

from mail_relay.clients.cases import Unread
from mail_relay.domain.alias import Domains
from mail_relay.domain.attempt import Envelope, Refused
from mail_relay.domain.conversation import Conversation
from mail_relay.domain.proof import Proof
from mail_relay.domain.reading import Shown
from mail_relay.store.cases import Case
from mail_relay.web.claims import ClaimView, claim_view
from mail_relay.web.holds import HoldView, hold_view
from mail_relay.web.views import MessageView, StaffConversationView, message_view, staff_view


class AttachmentView(View):
    """A file of a message: its media type as it was declared, and its size in octets."""

    name: str
    media_type: str
    size: int


class ProofView(View):
    """What happened: `relayed` has the code and answer with which the other side's server took a message (K10)."""

    fact: str
    at: datetime
    details: dict[str, str | int | None]


class ContentView(View):
    """What a message says.

    `unread` says why nothing of it is shown: `removed` after its time, `erased`, `damaged`; or that it is shown as it
    came, for it cannot be taken apart (`raw`). `cut` is true where only the beginning of a long text is shown.
    """

    subject: str | None
    text: str | None
    cut: bool
    attachments: list[AttachmentView]
    unread: str | None


class CaseMessageView(ContentView, MessageView):
    """A message with what it says, and what happened to it."""

    proofs: list[ProofView]


class EnvelopeView(View):
    """Who tried: the client's address, how it greeted, and the sender of its envelope; anybody may claim any of it."""

    peer: str
    greeting: str
    sender: str


class RefusedView(ContentView):
    """A message that was not taken, from which side, and why.

    What it says is shown where its writer was certain and the message was whole; size is what was announced otherwise.
    `more` of the same side and reason were counted only, beyond 20 a day.
    """

    refusal: UUID
    side: str
    reason: str
    size: int
    refused_at: datetime
    more: int
    envelope: EnvelopeView | None


class NoticeView(View):
    """What the relay has written to a side, and its mail server's answer; `sent_at` is when it was given up, too."""

    side: str
    kind: str
    created_at: datetime
    sent_at: datetime | None
    code: int | None
    answer: str | None


class CaseView(View):
    """A conversation: a page of its messages, its claims, and beside the first page notices and 100 refusals."""

    conversation: StaffConversationView
    holds: list[HoldView]
    messages: Listing[CaseMessageView]
    refused: list[RefusedView]
    claims: list[ClaimView]
    notices: list[NoticeView]


Opened = tuple[Mapping[UUID, Shown | Unread], Mapping[UUID, Envelope | None]]


def case_view(found: Conversation, case: Case, opened: Opened, domains: Domains, page: Page) -> CaseView:
    """Return a case with what the messages of the page and the refused ones say, and who tried."""
    texts, envelopes = opened
    return CaseView(
        conversation=staff_view(found, domains),
        holds=[hold_view(one) for one in case.holds],
        messages=listing(
            case.messages,
            page,
            lambda row: (row["number"],),
            lambda row: _message(row, texts[row["id"]], case.proofs.get(row["id"], ())),
        ),
        refused=[_refused(one, texts.get(one.id, Unread.REMOVED), envelopes[one.id]) for one in case.refused],
        claims=[claim_view(one) for one in case.claims],
        notices=[NoticeView(**{name: row[name] for name in NoticeView.model_fields}) for row in case.notices],
    )


def _message(row: asyncpg.Record, shown: Shown | Unread, proofs: Sequence[Proof]) -> CaseMessageView:
    happened = [ProofView(fact=one.fact, at=one.at, details=dict(one.details)) for one in proofs]
    return CaseMessageView(**message_view(row).model_dump(), **_content(shown), proofs=happened)


def _refused(one: Refused, shown: Shown | Unread, envelope: Envelope | None) -> RefusedView:
    return RefusedView(
        refusal=one.id,
        side=one.side,
        reason=one.reason,
        size=one.size,
        refused_at=one.refused_at,
        more=one.more,
        envelope=EnvelopeView(**asdict(envelope)) if envelope else None,
        **_content(shown),
    )


def _content(shown: Shown | Unread) -> dict[str, Any]:
    """Return the fields of a ContentView."""
    if isinstance(shown, Unread):
        return {"subject": None, "text": None, "cut": False, "attachments": [], "unread": shown.value}
    files = [AttachmentView(name=one.name, media_type=one.media_type, size=one.size) for one in shown.attachments]
    unread = "raw" if shown.unread else None
    return {"subject": shown.subject, "text": shown.text, "cut": shown.cut, "attachments": files, "unread": unread}
