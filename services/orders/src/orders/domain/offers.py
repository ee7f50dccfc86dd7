"""What may be sold to whom, when, and at which price."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


def article_name(family: str, version: str, edition: str, editions: int) -> str:
    """Return what an edition is called where nothing stands around it: on an order and in its letters.

    One whose name has that of its family is called by it; "Professional" alone would be nobody's.
    """
    if family.casefold() in edition.casefold():
        return edition
    return f"{family} – {edition}" if editions > 1 else f"{family} {version} – {edition}"


class NotSellable(Exception):
    """This article is not sold in this channel, or not now."""


class NotEligible(Exception):
    """This article is not sold in this market or to this type of customer; `about` is which of both."""

    def __init__(self, about: str) -> None:
        super().__init__()
        self.facts = {"about": about}


class NotDelivered(Exception):
    """These boxes are not delivered to this country: choose an address in one to which each of them goes."""

    def __init__(self) -> None:
        super().__init__()
        self.facts = {"about": "shipping_country"}


class PriceChanged(Exception):
    """The price is no longer the one that was shown; nothing was ordered."""


class CouponRefused(Exception):
    """This coupon is not valid here: the direct channel takes none, and others only their own, in time and in stock."""


class CouponUsed(Exception):
    """You have used this coupon as often as one customer may; it serves again if an unpaid order is cancelled."""


@dataclass(frozen=True, slots=True)
class Price:
    """A gross price in minor units from a moment on."""

    amount: int
    currency: str
    valid_from: datetime


@dataclass(frozen=True, slots=True)
class Offer:
    """A variant as a channel sells it; `prices` and `rrp` are dated, the latest that has begun is valid.

    `delivery_days` are the fewest and the most working days that its boxes take, None where nobody has named them.
    """

    sku: str
    name: str
    channel: str
    channel_kind: str
    seller: str
    fulfilment: str
    tax_class: str
    key_source: str
    key_prefix: str
    keys_per: str
    link_validity_days: int
    download_limit: int
    sellable_from: datetime
    sellable_until: datetime | None
    markets: frozenset[str]
    customer_types: frozenset[str]
    rrp: tuple[Price, ...]
    prices: tuple[Price, ...]
    delivery_days: tuple[int, int] | None = None

    def check(self, market: str, customer_type: str, now: datetime) -> None:
        """Raise NotSellable or NotEligible where this offer is not for this customer now."""
        if now < self.sellable_from or (self.sellable_until is not None and now >= self.sellable_until):
            raise NotSellable
        if market not in self.markets:
            raise NotEligible("country")
        if customer_type not in self.customer_types:
            raise NotEligible("customer_type")

    def check_delivered(self, country: str) -> None:
        """Raise NotDelivered where its boxes do not go to this country; they go where they are sold."""
        if self.fulfilment == "boxed" and country not in self.markets:
            raise NotDelivered

    def price_at(self, now: datetime, shown: int, currency: str) -> Price:
        """Return the price valid now in this currency; raises PriceChanged where another one was shown."""
        price = valid(self.prices, now, currency)
        if price.amount != shown:
            raise PriceChanged
        return price


def valid(prices: Sequence[Price], now: datetime, currency: str) -> Price:
    """Return the latest price in this currency that has begun; raises NotSellable where there is none."""
    begun = [price for price in prices if price.currency == currency and price.valid_from <= now]
    if not begun:
        raise NotSellable
    return max(begun, key=lambda price: price.valid_from)


@dataclass(frozen=True, slots=True)
class Uses:
    """How often a coupon counts as used: by everybody, and by one customer."""

    by_all: int
    by_customer: int


@dataclass(frozen=True, slots=True)
class Coupon:
    """A discount on every line's price; `uses`, of all customers together, are None where they are not limited."""

    id: UUID
    code: str
    channel: str
    discount_basis_points: int
    valid_from: datetime
    valid_until: datetime
    uses: int | None
    uses_per_customer: int

    def check(self, channel: str, channel_kind: str, now: datetime) -> None:
        """Raise CouponRefused where this coupon does not count (M17)."""
        in_time = self.valid_from <= now < self.valid_until
        if channel_kind == "direct" or channel != self.channel or not in_time:
            raise CouponRefused

    def check_uses(self, uses: Uses) -> None:
        """Raise CouponUsed where the customer, CouponRefused where all together have used it as often as they may."""
        if uses.by_customer >= self.uses_per_customer:
            raise CouponUsed
        if self.uses is not None and uses.by_all >= self.uses:
            raise CouponRefused
