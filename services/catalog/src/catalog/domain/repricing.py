"""New prices for what is for sale already."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from catalog.domain.assortment import equal_rrp
from catalog.domain.errors import NotListed
from catalog.domain.money import WantedPrice, extended
from catalog.domain.product import Channel, Kind, Product, known


def with_price(product: Product, sku: str, channel: Channel, wanted: WantedPrice, now: datetime) -> Product:
    """Return the product with a price in a channel from its date on.

    Raises `NotListed`, `PriceNotRrp` for the direct channel (CAT-3), `PriceTaken` and `PriceBackdated`.
    """
    variant = product.variant(sku)
    listing = variant.listing(channel.code)
    if listing is None:
        raise NotListed
    if channel.kind is Kind.DIRECT:
        # It has the recommended price already, and follows when that changes.
        equal_rrp((wanted,), variant.rrp, now)
        return product
    priced = replace(listing, prices=extended(listing.prices, (wanted,), now))
    listings = tuple(priced if other is listing else other for other in variant.listings)
    return product.with_variant(replace(variant, listings=listings))


def with_rrp(
    product: Product, sku: str, channels: Mapping[str, Channel], wanted: WantedPrice, now: datetime
) -> Product:
    """Return the product with a recommended price from its date on, which the direct channel follows (M12).

    Raises `PriceTaken` and `PriceBackdated`.
    """
    variant = product.variant(sku)
    rrp = extended(variant.rrp, (wanted,), now)
    listings = tuple(
        replace(listing, prices=rrp) if known(channels, listing.channel).kind is Kind.DIRECT else listing
        for listing in variant.listings
    )
    return product.with_variant(replace(variant, rrp=rrp, listings=listings))
