"""The events of Kontor, and the only thing its services share in meaning."""

from contracts import accounts, catalog, delivery, licensing, mail_relay, orders, payments, rewards, shared
from contracts.event import Event
from contracts.topics import Topic, topics

__all__ = [
    "Event",
    "Topic",
    "accounts",
    "catalog",
    "delivery",
    "licensing",
    "mail_relay",
    "orders",
    "payments",
    "rewards",
    "shared",
    "topics",
]
