"""The events of Kontor, and the only thing its services share in meaning."""

from contracts import accounts, catalog, delivery, licensing, mail_relay, orders, payments, rewards, shared
from contracts.event import Event

__all__ = [
    "Event",
    "accounts",
    "catalog",
    "delivery",
    "licensing",
    "mail_relay",
    "orders",
    "payments",
    "rewards",
    "shared",
]
