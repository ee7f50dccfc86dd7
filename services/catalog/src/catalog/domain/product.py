"""A product as it is for sale: its editions, their variants, and where each is listed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid5

from catalog.domain.errors import (
    ChannelUnknown,
    DaysUnused,
    DaysWrong,
    KeysUnused,
    NotEligible,
    NotListed,
    PrefixUnused,
    VariantUnknown,
)
from catalog.domain.money import Price, Range, Series, current, ranges

PRODUCTS = UUID("5f0c1b4e-9d0e-5f6e-8f6a-6b61746c6f67")
COUPONS = UUID("5f0c1b4e-9d0e-5f6e-8f6a-636f75706f6e")
LINES = UUID("5f0c1b4e-9d0e-5f6e-8f6a-6c696e657300")
FAMILIES = UUID("5f0c1b4e-9d0e-5f6e-8f6a-66616d696c79")
BOXED = "boxed"
LONGEST_DELIVERY = 90
"""How many working days a box may take."""


class Kind(StrEnum):
    """The direct channel is the operator's own, all others are partners' (M1)."""

    DIRECT = "direct"
    PARTNER = "partner"


class KeySource(StrEnum):
    """Where the key of a sold unit comes from."""

    NONE = "none"
    IMPORTED = "imported"
    GENERATED = "generated"


class KeysPer(StrEnum):
    """Whether each sold unit has a key of its own, or all units of an order's line share one (LIC-4)."""

    UNIT = "unit"
    PURCHASE = "purchase"


@dataclass(frozen=True, slots=True)
class Channel:
    """A place where things are sold, by whom and in which country; one for businesses may show `net` prices."""

    code: str
    kind: Kind
    seller: str
    market: str
    net: bool = False


@dataclass(frozen=True, slots=True)
class DeliveryDays:
    """How many working days a box takes from payment to its buyer (EGBGB 246a, 1(1) no. 7)."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Settings:
    """How an article is delivered and licensed (CAT-9); days and complete downloads per link.

    `devices`: on how many a unit's key may be active, None for any number (LIC-5).
    `delivery_days`: of a box, None while nobody has named them.
    """

    link_validity_days: int = 30
    download_limit: int = 5
    key_source: KeySource = KeySource.NONE
    key_prefix: str = ""
    low_stock: int = 5
    keys_per: KeysPer = KeysPer.UNIT
    devices: int | None = None
    delivery_days: DeliveryDays | None = None

    def check(self, fulfilment: str) -> None:
        """Raise PrefixUnused, KeysUnused, DaysUnused or DaysWrong where the settings contradict each other."""
        days = self.delivery_days
        if days is not None and fulfilment != BOXED:
            raise DaysUnused
        if days is not None and not 1 <= days.least <= days.most <= LONGEST_DELIVERY:
            raise DaysWrong
        if self.key_prefix and self.key_source is not KeySource.GENERATED:
            raise PrefixUnused
        shared = self.keys_per is not KeysPer.UNIT
        if (shared or self.devices is not None) and self.key_source is KeySource.NONE:
            raise KeysUnused

    def without_unused_prefix(self) -> "Settings":
        """Return the same, without a prefix that was meant for another key source."""
        return self if self.key_source is KeySource.GENERATED else replace(self, key_prefix="")

    def without_unused_sharing(self) -> "Settings":
        """Return the same, without shared keys where there are none, nor a number of devices."""
        return replace(self, keys_per=KeysPer.UNIT, devices=None) if self.key_source is KeySource.NONE else self


@dataclass(frozen=True, slots=True)
class Buyer:
    """What is known of somebody who looks; None where it is not known."""

    market: str | None = None
    customer_type: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """A variant in the assortment of a channel: its prices there, when and to whom it is sold."""

    channel: str
    prices: Series
    sellable_from: datetime
    sellable_until: datetime | None
    markets: frozenset[str]
    customer_types: frozenset[str]

    def check(self, buyer: Buyer, now: datetime) -> Series:
        """Return the prices in force.

        Raises NotListed where it is not for sale now (CAT-6), NotEligible where not to such a buyer (CAT-7).
        """
        over = self.sellable_until is not None and now >= self.sellable_until
        prices = current(self.prices, now)
        if now < self.sellable_from or over or not prices:
            raise NotListed
        if buyer.market is not None and buyer.market not in self.markets:
            raise NotEligible
        if buyer.customer_type is not None and buyer.customer_type not in self.customer_types:
            raise NotEligible
        return prices


@dataclass(frozen=True, slots=True)
class Variant:
    """An edition in one form, known by its SKU: a download or a box (M5, M13)."""

    sku: str
    fulfilment: str
    tax_class: str
    settings: Settings
    rrp: Series
    listings: tuple[Listing, ...]

    def listing(self, channel: str) -> Listing | None:
        """Return how a channel lists it, None where it does not."""
        return next((listing for listing in self.listings if listing.channel == channel), None)


@dataclass(frozen=True, slots=True)
class Edition:
    """A separately sellable edition (M8)."""

    code: str
    name: str
    description: str
    variants: tuple[Variant, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """A version of a product family; its `id` is derived from tenant, family and version."""

    id: UUID
    line: str
    family: str
    version: str
    exclusive: bool
    editions: tuple[Edition, ...]

    @property
    def variants(self) -> Iterator[Variant]:
        """The variants of all editions."""
        return (variant for edition in self.editions for variant in edition.variants)

    @property
    def channels(self) -> frozenset[str]:
        """Where any of it is listed."""
        return frozenset(listing.channel for variant in self.variants for listing in variant.listings)

    def find(self, sku: str) -> Variant | None:
        """Return the variant of a SKU, None where there is none."""
        return next((variant for variant in self.variants if variant.sku == sku), None)

    def variant(self, sku: str) -> Variant:
        """Return the variant of a SKU; raises VariantUnknown."""
        found = self.find(sku)
        if found is None:
            raise VariantUnknown
        return found

    def with_variant(self, changed: Variant) -> "Product":
        """Return the same product with another state of one variant."""
        editions = [
            replace(edition, variants=tuple(changed if v.sku == changed.sku else v for v in edition.variants))
            for edition in self.editions
        ]
        return replace(self, editions=tuple(editions))


@dataclass(frozen=True, slots=True)
class Offering:
    """A variant that is for sale in a channel now, with the prices in force."""

    edition: Edition
    variant: Variant
    listing: Listing
    prices: tuple[Price, ...]
    rrp: tuple[Price, ...]


def offered(product: Product, channel: str, buyer: Buyer, now: datetime) -> list[Offering]:
    """Return what a buyer can have of a product in a channel now.

    Raises NotListed or NotEligible where it is nothing.
    """
    found: list[Offering] = []
    refusal: Exception = NotListed()
    for edition in product.editions:
        for variant in edition.variants:
            listing = variant.listing(channel)
            if listing is None:
                continue
            try:
                prices = listing.check(buyer, now)
            except NotListed:
                continue
            except NotEligible as error:
                refusal = error
                continue
            found.append(Offering(edition, variant, listing, prices, current(variant.rrp, now)))
    if not found:
        raise refusal
    return found


def price_ranges(found: list[Offering]) -> tuple[Range, ...]:
    """Return from which to which price these are sold (CAT-2)."""
    return ranges(price for offer in found for price in offer.prices)


def product_id(tenant: str, family: str, version: str) -> UUID:
    """Return the id of a version of a family, the same whenever it is derived (RFC 9562, version 5)."""
    return uuid5(PRODUCTS, "\x1f".join((tenant, family, version)))


def line_id(tenant: str, line: str) -> UUID:
    """Return the id of a product line of a tenant, the same whenever it is derived."""
    return uuid5(LINES, "\x1f".join((tenant, line)))


def family_id(tenant: str, family: str) -> UUID:
    """Return the id of a family of a tenant, the same whenever it is derived."""
    return uuid5(FAMILIES, "\x1f".join((tenant, family)))


def edition_id(product: UUID, code: str) -> UUID:
    """Return the id of an edition of a product, the same whenever it is derived."""
    return uuid5(product, code)


def coupon_id(tenant: str, channel: str, code: str) -> UUID:
    """Return the id of a channel's coupon, the same whenever it is derived."""
    return uuid5(COUPONS, "\x1f".join((tenant, channel, code)))


def known(channels: Mapping[str, Channel], channel: str) -> Channel:
    """Return the channel of this code; raises ChannelUnknown."""
    if channel not in channels:
        raise ChannelUnknown
    return channels[channel]
