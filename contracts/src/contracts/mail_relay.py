"""The events that mail-relay publishes."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from contracts.bounds import Count, Time
from contracts.event import Event, Internal, Public, days


class Side(StrEnum):
    """Who wrote a message."""

    BUYER = "buyer"
    SELLER = "seller"


class ClaimReason(StrEnum):
    """Why a buyer wants a decision about an order."""

    NOT_RECEIVED = "not_received"
    NOT_AS_DESCRIBED = "not_as_described"
    DOES_NOT_RUN = "does_not_run"
    OTHER = "other"


class ClaimOutcome(StrEnum):
    """For whom a claim is decided, unless its buyer has taken it back."""

    FOR_BUYER = "for_buyer"
    FOR_SELLER = "for_seller"
    WITHDRAWN = "withdrawn"


_CLAIM = {
    "tenant": "kontor",
    "order": "0192d3a4-0000-7000-8000-000000000301",
    "claim": "0192d3a4-0000-7000-8000-000000000a05",
    "conversation": "0192d3a4-0000-7000-8000-000000000a01",
    "seller": "kontor",
    "units": ["0192d3a4-0000-7000-8000-000000000303"],
}


class ClaimOpened(Event, key="order", subject="claim", retention=days(90)):
    """A buyer wants a decision about these units, or somebody has appealed against it: meanwhile they are suspended.

    Of all facts about a claim the one with the highest `revision` counts.
    """

    order: Public[UUID]
    claim: Public[UUID]
    conversation: Public[UUID]
    seller: Public[str]
    units: Public[list[UUID]]
    reason: Public[ClaimReason]
    revision: Public[Count]
    opened_at: Public[Time]

    EXAMPLE: ClassVar = {**_CLAIM, "reason": "does_not_run", "revision": 1, "opened_at": "2026-11-10T09:00:00Z"}


class ClaimDecided(Event, key="order", subject="claim", retention=days(90)):
    """A claim is decided: these units go back, none but where it is for the buyer; the others are suspended no more.

    Money follows once it is `final`. Of all facts about a claim the one with the highest `revision` counts.
    """

    order: Public[UUID]
    claim: Public[UUID]
    conversation: Public[UUID]
    seller: Public[str]
    outcome: Public[ClaimOutcome]
    units: Public[list[UUID]]
    revision: Public[Count]
    final: Public[bool]
    decided_at: Public[Time]

    EXAMPLE: ClassVar = {
        **_CLAIM,
        "outcome": "for_buyer",
        "revision": 2,
        "final": True,
        "decided_at": "2026-11-16T09:00:00Z",
    }


class ConversationOpened(Event, key="conversation"):
    """A buyer and a seller can write to each other; `buyer_writes_to` and `seller_writes_to` are their aliases.

    `order` is missing where they do so before there is one; it is published again once there is.
    """

    conversation: Public[UUID]
    seller: Public[str]
    order: Public[UUID | None]
    buyer_writes_to: Internal[str]
    seller_writes_to: Internal[str]
    opened_at: Public[Time]

    EXAMPLE: ClassVar = {
        "tenant": "kontor",
        "conversation": "0192d3a4-0000-7000-8000-000000000a01",
        "seller": "kontor",
        "order": "0192d3a4-0000-7000-8000-000000000201",
        "buyer_writes_to": "4hkq7hd2mnpn7f2yv2otqzdw7jv3a5dc@mail.example",
        "seller_writes_to": "bq3n6ytx5c2l4jrrlh6wzt7sd5o2mvke@mail.example",
        "opened_at": "2026-11-02T09:00:00Z",
    }


class ConversationRead(Event, key="conversation", subject="reading"):
    """A reviewer has opened what the two sides wrote to each other: so many messages, all that there were."""

    conversation: Public[UUID]
    reading: Public[UUID]
    seller: Public[str]
    order: Public[UUID | None]
    messages: Public[Count]
    read_at: Public[Time]

    EXAMPLE: ClassVar = {
        "tenant": "kontor",
        "conversation": "0192d3a4-0000-7000-8000-000000000a01",
        "reading": "0192d3a4-0000-7000-8000-000000000a04",
        "seller": "kontor",
        "order": "0192d3a4-0000-7000-8000-000000000201",
        "messages": 3,
        "read_at": "2026-11-05T09:00:00Z",
    }


class EmailReturned(Event, key="email", retention=days(90)):
    """A letter of the shop came back for good after a mail server had taken it; `status` says why (RFC 3463)."""

    email: Public[UUID]
    status: Public[str]
    returned_at: Public[Time]

    EXAMPLE: ClassVar = {
        "tenant": "kontor",
        "email": "0192d3a4-0000-7000-8000-000000000701",
        "status": "5.1.1",
        "returned_at": "2026-11-02T09:05:00Z",
    }


class MailboxPaused(Event, key="conversation", subject="pause", retention=days(90)):
    """So many messages to this side have bounced that no more are taken until it writes, or has another address."""

    conversation: Public[UUID]
    pause: Public[UUID]
    seller: Public[str]
    order: Public[UUID | None]
    side: Public[Side]
    bounces: Public[Count]
    paused_at: Public[Time]

    EXAMPLE: ClassVar = {
        "tenant": "kontor",
        "conversation": "0192d3a4-0000-7000-8000-000000000a01",
        "pause": "0192d3a4-0000-7000-8000-000000000a05",
        "seller": "kontor",
        "order": "0192d3a4-0000-7000-8000-000000000201",
        "side": "buyer",
        "bounces": 3,
        "paused_at": "2026-11-04T09:00:00Z",
    }


class MessageRelayed(Event, key="conversation", subject="message", retention=days(90)):
    """The other side's mail server has accepted the message of this side with `answer`."""

    conversation: Public[UUID]
    message: Public[UUID]
    seller: Public[str]
    order: Public[UUID | None]
    number: Public[Count]
    side: Public[Side]
    received_at: Public[Time]
    relayed_at: Public[Time]
    answer: Internal[str]

    EXAMPLE: ClassVar = {
        "tenant": "kontor",
        "conversation": "0192d3a4-0000-7000-8000-000000000a01",
        "message": "0192d3a4-0000-7000-8000-000000000a02",
        "seller": "kontor",
        "order": "0192d3a4-0000-7000-8000-000000000201",
        "number": 1,
        "side": "buyer",
        "received_at": "2026-11-03T09:00:00Z",
        "relayed_at": "2026-11-03T09:00:01Z",
        "answer": "250 2.0.0 queued",
    }


class MessageRefused(Event, key="conversation", subject="refusal", retention=days(90)):
    """A message to this side's alias was not taken, or could not be handed on; whoever sent it knows the `reason`."""

    conversation: Public[UUID]
    refusal: Public[UUID]
    seller: Public[str]
    order: Public[UUID | None]
    side: Public[Side]
    reason: Public[str]
    refused_at: Public[Time]

    EXAMPLE: ClassVar = {
        "tenant": "kontor",
        "conversation": "0192d3a4-0000-7000-8000-000000000a01",
        "refusal": "0192d3a4-0000-7000-8000-000000000a03",
        "seller": "kontor",
        "order": "0192d3a4-0000-7000-8000-000000000201",
        "side": "buyer",
        "reason": "not_authentic",
        "refused_at": "2026-11-03T09:00:00Z",
    }
