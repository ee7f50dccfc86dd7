"""The events that letters publishes."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from contracts.bounds import Count, Time
from contracts.event import Internal, Public, days
from contracts.examples import SALE
from contracts.orders import ConsentKind
from contracts.shared import SaleEvent


class EmailKind(StrEnum):
    """What a letter is about."""

    ACKNOWLEDGEMENT = "acknowledgement"
    DELIVERY = "delivery"
    REFUND = "refund"


class EmailSent(SaleEvent, key="order", subject="email", retention=days(90)):
    """The mail server has accepted this e-mail with `answer`; it delivers `units`.

    It confirms `consents` to the customer (BGB 312f(3), 356(5)).
    """

    email: Public[UUID]
    kind: Public[EmailKind]
    units: Public[list[UUID]]
    message_id: Internal[str]
    answer: Internal[str]
    sent_at: Public[Time]
    consents: Public[list[ConsentKind] | None] = None

    EXAMPLE: ClassVar = {
        **SALE,
        "email": "0192d3a4-0000-7000-8000-000000000701",
        "kind": "delivery",
        "units": ["0192d3a4-0000-7000-8000-000000000303"],
        "message_id": "<0192d3a4-0000-7000-8000-000000000701@mail.example>",
        "answer": "250 2.0.0 queued",
        "sent_at": "2026-11-02T09:01:00Z",
        "consents": ["immediate_delivery", "withdrawal_lost"],
    }


class EmailBounced(SaleEvent, key="order", subject="email", retention=days(90)):
    """The customer's mail server has refused this e-mail for good; nothing more is tried by itself.

    `units` are those whose link or key it carries and that no other e-mail has delivered.
    """

    email: Public[UUID]
    kind: Public[EmailKind]
    units: Public[list[UUID]]
    code: Public[Count]
    bounced_at: Public[Time]

    EXAMPLE: ClassVar = {
        **SALE,
        "email": "0192d3a4-0000-7000-8000-000000000701",
        "kind": "delivery",
        "units": ["0192d3a4-0000-7000-8000-000000000303"],
        "code": 550,
        "bounced_at": "2026-11-02T09:01:00Z",
    }
