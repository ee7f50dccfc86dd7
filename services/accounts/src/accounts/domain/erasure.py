"""When a customer's keys are destroyed, and when an erasure counts as complete (M26, ORD-2)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.domain.tokens import ACCESS_LIFETIME

# Services that hold personal data and confirm each destroyed key; frozen per erasure when it begins.
EXPECTED = ("delivery", "licensing", "mail-relay", "orders", "payments", "rewards")

# Nobody keeps a private half longer than this after having asked for it (DESIGN 3).
CACHE_LIMIT = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Order:
    """What is known of an order: open until it is heard to be closed."""

    closed_at: datetime | None = None
    contact_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """What the customer chose, and whether they have asked for deletion besides."""

    keep_data: bool
    deletion_asked: bool = False


@dataclass(frozen=True, slots=True)
class DestroyedKey:
    """A key of an erased customer; `destroyed_at` is None while it lives."""

    destroyed_at: datetime | None
    confirmed_by: frozenset[str] = frozenset()


def profile_goes(choice: Choice, orders: Collection[Order]) -> bool:
    """Whether the profile is destroyed now: all orders are closed, and there was one or deletion was asked for."""
    if any(order.closed_at is None for order in orders):
        return False
    return choice.deletion_asked or (not choice.keep_data and bool(orders))


def contact_goes(orders: Collection[Order], erased_at: datetime | None, now: datetime) -> bool:
    """Whether an erased customer need not be reached any more.

    One who has ordered can go on ordering until their last access token has expired, and orders are not heard in
    order: the key waits for that, so that no delivery is lost to an order that closed first.
    """
    if erased_at is None or any(order.closed_at is None for order in orders):
        return False
    if not orders:
        return True
    return erased_at <= now - ACCESS_LIFETIME and all(
        order.contact_until is None or order.contact_until <= now for order in orders
    )


def complete(keys: Sequence[DestroyedKey], expected: Collection[str], now: datetime) -> bool:
    """Whether every key is destroyed, no cache can hold one any more, and all services have said so of each."""
    return bool(keys) and all(
        key.destroyed_at is not None and now - key.destroyed_at >= CACHE_LIMIT and key.confirmed_by >= set(expected)
        for key in keys
    )
