"""Publishing what is for sale."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.db import Tx
from contracts.catalog import CouponOffered, ProductPublished, ProductWithdrawn
from contracts.shared import CustomerType, DeliveryDays, Fulfilment, KeySource, KeysPer

from catalog.domain.coupon import Coupon
from catalog.domain.money import Series, lasting
from catalog.domain.product import Channel, Edition, Listing, Product, Variant
from catalog.store import coupons, prices, products
from catalog.store.documents import DRAFT
from contracts import catalog

# What was in force so long before is published too: the clocks of those who sell may be behind.
OVERLAP = timedelta(hours=1)


async def publish(tx: Tx, tenant: str, changed: list[Product], channels: Mapping[str, Channel]) -> None:
    """Store products as they are now, and publish each with its full state: of its prices those that count yet."""
    await products.put(tx, tenant, changed)
    for product in changed:
        await prices.add(tx, tenant, product)
    tx.publish(*(published(tenant, product, channels, tx.now) for product in changed))


async def draft(tx: Tx, tenant: str, changed: list[Product]) -> None:
    """Store products as they are now, of which nobody is told: they are not for sale until somebody publishes them."""
    await products.put(tx, tenant, changed)
    for product in changed:
        await prices.add(tx, tenant, product)
        await products.withdraw(tx, tenant, product.id, DRAFT)


async def withdraw(tx: Tx, tenant: str, product: Product, by: str) -> None:
    """Store that a product is no longer for sale, and publish it."""
    await products.withdraw(tx, tenant, product.id, by)
    tx.publish(ProductWithdrawn(tenant=tenant, product=product.id, withdrawn_at=tx.now))


async def offer(tx: Tx, tenant: str, coupon: Coupon) -> None:
    """Store a coupon as it is now, and publish it."""
    await coupons.put(tx, tenant, coupon)
    tx.publish(
        CouponOffered(
            tenant=tenant,
            coupon=coupon.id,
            code=coupon.code,
            channel=coupon.channel,
            discount_basis_points=coupon.discount_basis_points,
            valid_from=coupon.valid_from,
            valid_until=coupon.valid_until,
            uses=coupon.uses,
            uses_per_customer=coupon.uses_per_customer,
        )
    )


def published(tenant: str, product: Product, channels: Mapping[str, Channel], now: datetime) -> ProductPublished:
    """Return the event with the state of a product; of its prices with those in force and to come."""
    since = now - OVERLAP
    return ProductPublished(
        tenant=tenant,
        product=product.id,
        family=product.family,
        line=product.line,
        version=product.version,
        published_at=now,
        editions=[_edition(edition, channels, since) for edition in product.editions],
    )


def _edition(edition: Edition, channels: Mapping[str, Channel], since: datetime) -> catalog.Edition:
    variants = [_variant(variant, channels, since) for variant in edition.variants]
    return catalog.Edition(code=edition.code, name=edition.name, description=edition.description, variants=variants)


def _variant(variant: Variant, channels: Mapping[str, Channel], since: datetime) -> catalog.Variant:
    settings, days = variant.settings, variant.settings.delivery_days
    return catalog.Variant(
        sku=variant.sku,
        fulfilment=Fulfilment(variant.fulfilment),
        rrp=_prices(variant.rrp, since),
        tax_class=variant.tax_class,
        delivery=catalog.DeliverySettings(
            link_validity_days=settings.link_validity_days,
            download_limit=settings.download_limit,
            delivery_days=None if days is None else DeliveryDays(least=days.least, most=days.most),
        ),
        license=catalog.LicenseSettings(
            key_source=KeySource(settings.key_source),
            key_prefix=settings.key_prefix,
            low_stock=settings.low_stock,
            keys_per=KeysPer(settings.keys_per),
            devices=settings.devices,
        ),
        offers=[_offer(listing, channels[listing.channel], since) for listing in variant.listings],
    )


def _offer(listing: Listing, channel: Channel, since: datetime) -> catalog.Offer:
    until: Any = listing.sellable_until and listing.sellable_until.astimezone(UTC)
    return catalog.Offer(
        channel=channel.code,
        channel_kind=catalog.ChannelKind(channel.kind),
        seller=channel.seller,
        prices=_prices(listing.prices, since),
        sellable_from=listing.sellable_from.astimezone(UTC),
        sellable_until=until,
        markets=sorted(listing.markets),
        customer_types=[CustomerType(kind) for kind in sorted(listing.customer_types)],
    )


def _prices(series: Series, since: datetime) -> list[catalog.Price]:
    return [
        catalog.Price(amount=price.amount, currency=price.currency, valid_from=price.valid_from.astimezone(UTC))
        for price in lasting(series, since)
    ]
