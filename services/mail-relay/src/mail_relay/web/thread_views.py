"""What a customer sees of a conversation on a page."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import asyncpg
from chassis.web import Listing, View

from mail_relay.clients.cases import Unread
from mail_relay.domain.alias import Domains, Side
from mail_relay.domain.conversation import Conversation
from mail_relay.domain.message import State
from mail_relay.domain.reading import Shown
from mail_relay.domain.thread import may_fetch, passages, safe_name
from mail_relay.store.threads import Latest
from mail_relay.web.views import ConversationView, conversation_view


class ListedConversationView(ConversationView):
    """A conversation with the seller's name, who wrote last and when, and how many of the seller's are not read yet."""

    seller_name: str
    last_by: Side | None
    last_at: datetime | None
    unread: int


class PassageView(View):
    """Lines of a message: its author's own, or quoted from what was written before."""

    text: str
    quoted: bool


class FileView(View):
    """A file of a message: the number by which it is fetched, a safe name, its type as declared, and its size."""

    number: int
    name: str
    media_type: str
    size: int


class ThreadMessageView(View):
    """A message as its customer wrote it or was given it.

    `unread` says why nothing of it is shown: `removed`, `erased`, `damaged`. `cut` is true where a long text is not
    shown to its end. `fetchable` says whether its files are handed out. `is_new` was not read on a page before.
    """

    message: UUID
    number: int
    written_by: Side
    received_at: datetime
    state: State
    subject: str | None
    passages: list[PassageView]
    cut: bool
    files: list[FileView]
    fetchable: bool
    is_new: bool
    unread: str | None


class ThreadView(View):
    """A conversation and a page of its messages, the newest first."""

    conversation: ListedConversationView
    messages: Listing[ThreadMessageView]


def listed_view(one: Conversation, latest: Mapping[UUID, Latest], domains: Domains) -> ListedConversationView:
    """Return a conversation as its customer's list has it."""
    found = latest.get(one.id, Latest())
    return ListedConversationView(
        **conversation_view(one, domains).model_dump(),
        seller_name=found.seller_name or one.seller,
        last_by=found.side,
        last_at=found.at,
        unread=found.unread,
    )


def message_view(row: asyncpg.Record, shown: Shown | Unread, seen: int) -> ThreadMessageView:
    """Return a message with what it says."""
    side, state = Side(row["written_by"]), State(row["state"])
    readable = isinstance(shown, Shown)
    return ThreadMessageView(
        message=row["message"],
        number=row["number"],
        written_by=side,
        received_at=row["received_at"],
        state=state,
        subject=shown.subject if readable else None,
        passages=[PassageView(text=one.text, quoted=one.quoted) for one in passages(shown.text)] if readable else [],
        cut=readable and shown.cut,
        files=[
            FileView(number=place, name=safe_name(one.name, f"{place}.bin"), media_type=one.media_type, size=one.size)
            for place, one in enumerate(shown.attachments if readable else (), start=1)
        ],
        fetchable=may_fetch(side, state),
        is_new=side is Side.SELLER and row["number"] > seen,
        unread=None if readable else shown.value,
    )
