"""Conversations: what a buyer and a seller write to each other about an order, or before there is one (MAIL-2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mail_relay.domain.alias import Side


class ConversationUnknown(Exception):
    """There is no such conversation."""


class SellerUnknown(Exception):
    """No such seller sells here."""


class SellerUnreachable(Exception):
    """This seller has named no address to which anybody can write."""


class NothingCritical(Exception):
    """Nothing in this conversation reached the customer as critical that was not reported yet."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation with the aliases of both sides; boxes are null once the buyer's contact key is destroyed.

    By `desks` each side writes to the reviewers. `contact` is the buyer's contact key: its id, and its public half of
    32 raw bytes.
    """

    tenant: str
    id: UUID
    seller: str
    customer_id: UUID
    contact: tuple[UUID, bytes]
    name_box: str | None
    email_box: str | None
    language: str
    order_id: UUID | None
    order_number: str | None
    sku: str | None
    opened_at: datetime
    messages: int
    aliases: Mapping[Side, str]
    desks: Mapping[Side, str]
    closed: frozenset[Side] = frozenset()
