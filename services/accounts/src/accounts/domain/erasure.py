"""When a customer's keys are destroyed, and when an erasure counts as complete (M26, ORD-2)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.domain.tokens import ACCESS_LIFETIME

# Services that hold personal data and confirm each destroyed key, where they are installed.
HOLDERS = ("delivery", "letters", "licensing", "mail-relay", "orders", "payments", "rewards")

# Nobody keeps a private key longer than this after having asked for it (DESIGN 3).
CACHE_LIMIT = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Order:
    """What is known of an order, which is open until it is known to be closed."""

    closed_at: datetime | None = None
    contact_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class PrivacyChoice:
    """What the customer chose, and whether they have asked for deletion besides."""

    keep_data: bool
    deletion_asked: bool = False


@dataclass(frozen=True, slots=True)
class DestroyedKey:
    """A key of an erased customer; `destroyed_at` is None while it lives."""

    destroyed_at: datetime | None
    confirmed_by: frozenset[str] = frozenset()


def profile_is_due(choice: PrivacyChoice, orders: Collection[Order]) -> bool:
    """Return whether to destroy the profile: all orders are closed, and there was one or deletion was asked for."""
    if any(order.closed_at is None for order in orders):
        return False
    return choice.deletion_asked or (not choice.keep_data and bool(orders))


def contact_is_due(orders: Collection[Order], erased_at: datetime | None, now: datetime) -> bool:
    """Return whether an erased customer need not be reached any more.

    One who has ordered can go on ordering until their last access token has expired, and orders become known here in
    any order: the key waits for that, so that a later order can still be delivered.
    """
    if erased_at is None or any(order.closed_at is None for order in orders):
        return False
    if not orders:
        return True
    return erased_at <= now - ACCESS_LIFETIME and all(
        order.contact_until is None or order.contact_until <= now for order in orders
    )


def expected_services(installed: Collection[str]) -> list[str]:
    """Return the services that have to confirm an erasure: those installed ones that hold personal data."""
    return [service for service in HOLDERS if service in installed]


def is_complete(keys: Sequence[DestroyedKey], expected_services: Collection[str], now: datetime) -> bool:
    """Return whether every key is destroyed, no cache can hold one any more, and all services have confirmed each."""
    return bool(keys) and all(
        key.destroyed_at is not None
        and now - key.destroyed_at >= CACHE_LIMIT
        and key.confirmed_by >= set(expected_services)
        for key in keys
    )
