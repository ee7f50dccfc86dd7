"""The events of Kontor, and the only thing its services share in meaning."""

from contracts import (
    accounts,
    catalog,
    delivery,
    exports,
    invitations,
    letters,
    licensing,
    mail_relay,
    orders,
    passwords,
    payments,
    rewards,
    security,
    shared,
    shipping,
    storefront,
    withdrawals,
)
from contracts.event import Event
from contracts.partner import partner_event, partner_events, partner_json, partner_view
from contracts.topics import Topic, topics
from contracts.wire import Attributes, ContractViolation, decode, encode, headers

__all__ = [
    "Attributes",
    "ContractViolation",
    "Event",
    "Topic",
    "accounts",
    "catalog",
    "decode",
    "delivery",
    "encode",
    "exports",
    "headers",
    "invitations",
    "letters",
    "licensing",
    "mail_relay",
    "orders",
    "partner_event",
    "partner_events",
    "partner_json",
    "partner_view",
    "passwords",
    "payments",
    "rewards",
    "security",
    "shared",
    "shipping",
    "storefront",
    "topics",
    "withdrawals",
]
