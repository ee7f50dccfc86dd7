"""What clients see."""

from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from chassis.web import View

from catalog.domain.product import Channel, Offering, Settings, edition_id, family_id, line_id, price_ranges
from catalog.store.documents import REMEMBERED, ListedProduct, parse
from catalog.store.prices import RecordedPrice


class AmountView(View):
    """A gross price in minor units."""

    amount: int
    currency: str


class RangeView(View):
    """The lowest and the highest price, in minor units."""

    currency: str
    lowest: int
    highest: int


class DeliveryDaysView(View):
    """How many working days a box takes from payment to its buyer."""

    least: int
    most: int


class VariantView(View):
    """An article that can be ordered now; `devices` on how many a unit's key may be active, null: on any number.

    `delivery_days` is null for downloads, and for boxes of which nobody has named them.
    """

    sku: str
    fulfilment: str
    tax_class: str
    prices: list[AmountView]
    rrp: list[AmountView]
    sellable_until: datetime | None
    markets: list[str]
    customer_types: list[str]
    link_validity_days: int
    download_limit: int
    key_source: str
    devices: int | None
    delivery_days: DeliveryDaysView | None


class EditionView(View):
    """An edition with its articles."""

    edition: UUID
    code: str
    name: str
    description: str
    variants: list[VariantView]


class ProductView(View):
    """A product as a channel shows it now."""

    product: UUID
    family_id: UUID
    line_id: UUID
    line: str
    family: str
    version: str
    price_ranges: list[RangeView]
    editions: list[EditionView]


class ChannelView(View):
    """A place where things are sold; where `net` is true, prices are shown without VAT, to businesses alone."""

    channel: str
    kind: str
    seller: str
    market: str
    net: bool


class SettingsView(View):
    """How an article is delivered and licensed."""

    sku: str
    link_validity_days: int
    download_limit: int
    key_source: str
    key_prefix: str
    low_stock: int
    keys_per: str
    devices: int | None
    delivery_days: DeliveryDaysView | None


class WithdrawalView(View):
    """A product that is no longer for sale."""

    product: UUID
    withdrawn_at: datetime


class PublicationView(View):
    """A product that is for sale from now on."""

    product: UUID


class PriceView(View):
    """A price as it was recorded; `channel` is null for a recommended one."""

    price: UUID
    sku: str
    channel: str | None
    amount: int
    currency: str
    valid_from: datetime


def product_view(tenant: str, listed: ListedProduct, offers: list[Offering]) -> ProductView:
    """Return what a channel offers of a product, for reading."""
    return _view(tenant, listed.document, offers[0].listing.channel, tuple(offer.variant.sku for offer in offers))


@lru_cache(REMEMBERED)
def _view(tenant: str, document: str, channel: str, skus: tuple[str, ...]) -> ProductView:
    """These articles of a document, which holds the prices in force; made once, as the document is read once."""
    product = parse(document)
    offers = [
        Offering(edition, variant, listing, listing.prices, variant.rrp)
        for edition in product.editions
        for variant in edition.variants
        if variant.sku in skus and (listing := variant.listing(channel)) is not None
    ]
    editions: dict[str, list[dict[str, Any]]] = {}
    for offer in offers:
        editions.setdefault(offer.edition.code, []).append(_variant(offer))
    facts = {
        "product": product.id,
        "family_id": family_id(tenant, product.family),
        "line_id": line_id(tenant, product.line),
        "line": product.line,
        "family": product.family,
        "version": product.version,
        "price_ranges": price_ranges(offers),
        "editions": [
            {
                "edition": edition_id(product.id, edition.code),
                "code": edition.code,
                "name": edition.name,
                "description": edition.description,
                "variants": editions[edition.code],
            }
            for edition in product.editions
            if edition.code in editions
        ],
    }
    return ProductView.model_validate(facts, from_attributes=True)


def channel_view(channel: Channel) -> ChannelView:
    """Return a channel for reading."""
    return ChannelView(
        channel=channel.code, kind=channel.kind, seller=channel.seller, market=channel.market, net=channel.net
    )


def settings_view(sku: str, settings: Settings) -> SettingsView:
    """Return settings for reading."""
    return SettingsView(
        sku=sku,
        link_validity_days=settings.link_validity_days,
        download_limit=settings.download_limit,
        key_source=settings.key_source,
        key_prefix=settings.key_prefix,
        low_stock=settings.low_stock,
        keys_per=settings.keys_per,
        devices=settings.devices,
        delivery_days=days_view(settings),
    )


def days_view(settings: Settings) -> DeliveryDaysView | None:
    """Return how long boxes take, for reading; None where nobody has named it."""
    days = settings.delivery_days
    return None if days is None else DeliveryDaysView(least=days.least, most=days.most)


def price_view(price: RecordedPrice) -> PriceView:
    """Return a recorded price for reading."""
    return PriceView(
        price=price.id,
        sku=price.sku,
        channel=price.channel or None,
        amount=price.amount,
        currency=price.currency,
        valid_from=price.valid_from,
    )


def _variant(offer: Offering) -> dict[str, Any]:
    settings = offer.variant.settings
    return {
        "sku": offer.variant.sku,
        "fulfilment": offer.variant.fulfilment,
        "tax_class": offer.variant.tax_class,
        "prices": offer.prices,
        "rrp": offer.rrp,
        "sellable_until": offer.listing.sellable_until,
        "markets": sorted(offer.listing.markets),
        "customer_types": sorted(offer.listing.customer_types),
        "link_validity_days": settings.link_validity_days,
        "download_limit": settings.download_limit,
        "key_source": settings.key_source,
        "devices": settings.devices,
        "delivery_days": settings.delivery_days,
    }
