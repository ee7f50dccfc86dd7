"""What somebody wants to be for sale, compared with what is: the rules of an assortment."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from catalog.domain.errors import (
    CatalogError,
    DaysUnused,
    DaysWrong,
    ExclusiveProduct,
    KeysUnused,
    NetForConsumers,
    NeverSellable,
    PrefixUnused,
    PriceMissing,
    PriceNotRrp,
)
from catalog.domain.money import Series, WantedPrice, extended, valid
from catalog.domain.product import BOXED, Channel, Edition, Kind, Listing, Product, Settings, Variant, known, product_id

T = TypeVar("T")
RRP = ""
CONSUMER = "consumer"
EVERYBODY = frozenset({CONSUMER, "business"})
BUSINESSES = EVERYBODY - {CONSUMER}

# All prices ever recorded, by SKU and channel; the recommended ones under RRP.
History = Mapping[tuple[str, str], Series]


@dataclass(frozen=True, slots=True)
class WantedListing:
    """A variant in a channel; what is None stays as it is, or is the channel's or the article's default."""

    channel: str
    prices: tuple[WantedPrice, ...] | None = None
    sellable_from: datetime | None = None
    sellable_until: datetime | None = None
    markets: frozenset[str] | None = None
    customer_types: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class WantedVariant:
    """An article; settings that are not named stay as they are."""

    sku: str
    fulfilment: str
    tax_class: str
    rrp: tuple[WantedPrice, ...]
    settings: Mapping[str, Any]
    listings: tuple[WantedListing, ...]


@dataclass(frozen=True, slots=True)
class WantedEdition:
    """An edition and its articles."""

    code: str
    name: str
    description: str
    variants: tuple[WantedVariant, ...]


@dataclass(frozen=True, slots=True)
class WantedProduct:
    """A whole product: what it does not name is no longer part of it."""

    line: str
    family: str
    version: str
    exclusive: bool
    editions: tuple[WantedEdition, ...]


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that is broken, and by what: (SKU, channel), (SKU, "") for its recommended price, (SKU,), or () at all."""

    at: tuple[str, ...]
    error: Exception


@dataclass(frozen=True, slots=True)
class Market:
    """What a wanted product is compared with; `settings` are those of articles by SKU, whatever became of them."""

    tenant: str
    channels: Mapping[str, Channel]
    history: History
    settings: Mapping[str, Settings]
    now: datetime


@dataclass(slots=True)
class Merging:
    """Builds the product that is wanted and gathers every breach on the way."""

    market: Market
    current: Product | None
    breaches: list[Breach] = field(default_factory=list[Breach])

    def product(self, wanted: WantedProduct) -> Product:
        """Return the product as it is to be; to be used only where nothing is breached."""
        merged = Product(
            id=product_id(self.market.tenant, wanted.family, wanted.version),
            line=wanted.line,
            family=wanted.family,
            version=wanted.version,
            exclusive=wanted.exclusive,
            editions=tuple(self._edition(edition) for edition in wanted.editions),
        )
        self.breaches += breaches(merged, self.market.channels)
        return merged

    def _edition(self, wanted: WantedEdition) -> Edition:
        variants = tuple(self._variant(variant) for variant in wanted.variants)
        return Edition(wanted.code, wanted.name, wanted.description, variants)

    def _variant(self, wanted: WantedVariant) -> Variant:
        before = self.current.find(wanted.sku) if self.current else None
        rrp = self._extended((wanted.sku, RRP), wanted.rrp)
        settings = replace(self.market.settings.get(wanted.sku, Settings()), **wanted.settings)
        if "key_source" in wanted.settings and "key_prefix" not in wanted.settings:
            settings = settings.without_unused_prefix()
        if "key_source" in wanted.settings and "keys_per" not in wanted.settings:
            settings = settings.without_unused_sharing()
        if wanted.fulfilment != BOXED and "delivery_days" not in wanted.settings:
            settings = replace(settings, delivery_days=None)  # it was a box before
        listings: list[Listing] = []
        for listing in wanted.listings:
            at = (wanted.sku, listing.channel)
            channel = self._try(at, lambda code=listing.channel: known(self.market.channels, code))
            if channel is not None:
                # a recommended price that could not be had is no price to hold others against
                listings.append(self._listing(at, channel, listing, before, rrp if wanted.rrp else ()))
        ordered = tuple(sorted(listings, key=lambda listing: listing.channel))
        return Variant(wanted.sku, wanted.fulfilment, wanted.tax_class, settings, rrp, ordered)

    def _listing(
        self, at: tuple[str, str], channel: Channel, wanted: WantedListing, before: Variant | None, rrp: Series
    ) -> Listing:
        listed = before.listing(channel.code) if before else None
        if channel.kind is Kind.DIRECT:
            # Its prices are the recommended ones by making; a price that is named anyway must be the same.
            self._try(at, lambda: equal_rrp(wanted.prices or (), rrp, self.market.now))
            prices = rrp
        else:
            if wanted.prices is None:
                self.breaches.append(Breach(at, PriceMissing()))
            prices = self._extended(at, wanted.prices or ())
        begins = wanted.sellable_from or (listed.sellable_from if listed else self.market.now)
        return Listing(
            channel=channel.code,
            prices=prices,
            sellable_from=begins,
            sellable_until=wanted.sellable_until,
            markets=wanted.markets or frozenset({channel.market}),
            customer_types=wanted.customer_types or (BUSINESSES if channel.net else EVERYBODY),
        )

    def _extended(self, at: tuple[str, str], wanted: tuple[WantedPrice, ...]) -> Series:
        recorded = self.market.history.get(at, ())
        series = self._try(at, lambda: extended(recorded, wanted, self.market.now))
        return recorded if series is None else series

    def _try(self, at: tuple[str, ...], rule: Callable[[], T]) -> T | None:
        try:
            return rule()
        except CatalogError as error:
            self.breaches.append(Breach(at, error))
            return None


def breaches(product: Product, channels: Mapping[str, Channel]) -> list[Breach]:
    """Return every rule that a product as a whole breaks, whoever changed it and how."""
    found: list[Breach] = []
    direct = {code for code, channel in channels.items() if channel.kind is Kind.DIRECT}
    net = {code for code, channel in channels.items() if channel.net}
    if product.exclusive and product.channels & direct:
        found.append(Breach((), ExclusiveProduct()))
    for variant in product.variants:
        try:
            variant.settings.check(variant.fulfilment)
        except (PrefixUnused, KeysUnused, DaysUnused, DaysWrong) as error:
            found.append(Breach((variant.sku,), error))
        for listing in variant.listings:
            at = (variant.sku, listing.channel)
            if listing.channel in direct and listing.prices and listing.prices != variant.rrp:
                found.append(Breach(at, PriceNotRrp()))
            if listing.channel in net and CONSUMER in listing.customer_types:
                found.append(Breach(at, NetForConsumers()))
            if listing.sellable_until is not None and listing.sellable_until <= listing.sellable_from:
                found.append(Breach(at, NeverSellable()))
    return found


def equal_rrp(wanted: tuple[WantedPrice, ...], rrp: Series, now: datetime) -> None:
    """Raise `PriceNotRrp` where a price for the direct channel is another than the recommended one (CAT-3, M12)."""
    for price in wanted:
        starts = [known.valid_from for known in rrp if known.currency == price.currency]
        at = price.valid_from or max(now, min(starts, default=now))
        recommended = valid(rrp, price.currency, at)
        if rrp and (recommended is None or recommended.amount != price.amount):
            raise PriceNotRrp
