"""What clients see."""

from datetime import datetime
from uuid import UUID

import asyncpg
from chassis.web import View

from mail_relay.domain.alias import Domains, Side
from mail_relay.domain.conversation import Conversation


class ConversationView(View):
    """A conversation: where the customer writes to, and whether the seller may write."""

    conversation: UUID
    seller: str
    order: UUID | None
    order_number: str | None
    sku: str | None
    write_to: str
    seller_may_write: bool
    messages: int
    opened_at: datetime


class StaffConversationView(ConversationView):
    """The same with the alias at which the customer is written to, and whether the customer may write."""

    customer: UUID
    customer_is_written_to_at: str
    customer_may_write: bool


class MessageView(View):
    """A message of a conversation and what became of it; `code` and `answer` are the next server's.

    `repeats` is how often it was handed in again, for its server had not heard that it was taken.
    """

    message: UUID
    number: int
    side: str
    received_at: datetime
    size: int
    state: str
    settled_at: datetime | None
    code: int | None
    answer: str | None
    repeats: int
    repeated_at: datetime | None
    content_hash: str
    digest: str


def conversation_view(one: Conversation, domains: Domains) -> ConversationView:
    """Return a conversation for its customer."""
    return ConversationView(
        conversation=one.id,
        seller=one.seller,
        order=one.order_id,
        order_number=one.order_number,
        sku=one.sku,
        write_to=domains.of(one.tenant).address(one.aliases[Side.SELLER]),
        seller_may_write=Side.BUYER not in one.closed,
        messages=one.messages,
        opened_at=one.opened_at,
    )


def staff_view(found: Conversation, domains: Domains) -> StaffConversationView:
    """Return a conversation for staff."""
    return StaffConversationView(
        **conversation_view(found, domains).model_dump(),
        customer=found.customer_id,
        customer_is_written_to_at=domains.of(found.tenant).address(found.aliases[Side.BUYER]),
        customer_may_write=Side.SELLER not in found.closed,
    )


def message_view(row: asyncpg.Record) -> MessageView:
    """Return a message without what is in it."""
    return MessageView(
        message=row["id"],
        number=row["number"],
        side=row["side"],
        received_at=row["received_at"],
        size=row["size"],
        state=row["state"],
        settled_at=row["settled_at"],
        code=row["code"],
        answer=row["answer"],
        repeats=row["repeats"],
        repeated_at=row["repeated_at"],
        content_hash=row["content_hash"].hex(),
        digest=row["digest"].hex(),
    )
