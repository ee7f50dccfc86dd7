"""What staff changes in the back office, article by article."""

from dataclasses import asdict, replace
from datetime import datetime
from uuid import UUID

from chassis.db import Tx
from contracts.currencies import CURRENCIES

from catalog.domain.assortment import RRP
from catalog.domain.errors import NoDraft, NotListed, PriceNotPayable, ProductUnknown
from catalog.domain.money import WantedPrice
from catalog.domain.product import Product, Settings, known
from catalog.domain.repricing import with_price, with_rrp
from catalog.store import channels, documents, prices, products
from catalog.store.documents import StoredProduct
from catalog.usecases import publishing


async def set_settings(tx: Tx, tenant: str, product_id: UUID, sku: str, settings: Settings) -> None:
    """Deliver and license an article in another way from now on (CAT-9, E14)."""
    before = await _locked(tx, tenant, product_id)
    variant = before.product.variant(sku)
    settings.check(variant.fulfilment)
    await _publish(tx, tenant, before, before.product.with_variant(replace(variant, settings=settings)))
    tx.audit("settings", sku, before=asdict(variant.settings), after=asdict(settings))


async def publish(tx: Tx, tenant: str, product_id: UUID) -> None:
    """Sell a draft from now on; one that is for sale stays as it is. Raises ProductUnknown, NoDraft."""
    found = await _locked(tx, tenant, product_id, for_sale=False)
    if found.withdrawn_at is None:
        return
    if not found.is_draft:
        raise NoDraft
    await publishing.publish(tx, tenant, [found.product], await channels.of_tenant(tx, tenant))
    tx.audit("product", product_id, before={"draft": True}, after={"published_at": tx.now})


async def withdraw(tx: Tx, tenant: str, product_id: UUID) -> datetime:
    """Withdraw a product from sale; returns when that was, for it may be so already."""
    found = await _locked(tx, tenant, product_id, for_sale=False)
    if found.withdrawn_at is not None:
        return found.withdrawn_at
    await publishing.withdraw(tx, tenant, found.product, "staff")
    tx.audit("product", product_id, after={"withdrawn_at": tx.now})
    return tx.now


async def set_price(tx: Tx, tenant: str, channel: str, sku: str, wanted: WantedPrice) -> UUID:
    """Sell at another price in a channel from a date on; returns the id of the price in force then."""
    _check_payable(wanted)
    seller = known(await channels.of_tenant(tx, tenant), channel)
    product_id = await products.of_sku(tx, tenant, sku)
    if product_id is None:
        raise NotListed
    before = await _locked(tx, tenant, product_id)
    changed = with_price(before.product, sku, seller, wanted, tx.now)
    return await _reprice(tx, tenant, before, changed, sku, channel, wanted)


async def set_rrp(tx: Tx, tenant: str, product_id: UUID, sku: str, wanted: WantedPrice) -> UUID:
    """Recommend another price from a date on, which the direct channel follows; returns the id of the price then."""
    _check_payable(wanted)
    before = await _locked(tx, tenant, product_id)
    known_channels = await channels.of_tenant(tx, tenant)
    changed = with_rrp(before.product, sku, known_channels, wanted, tx.now)
    return await _reprice(tx, tenant, before, changed, sku, RRP, wanted)


def _check_payable(wanted: WantedPrice) -> None:
    currency = CURRENCIES.get(wanted.currency)
    if currency is None or not currency.prices(wanted.amount):
        raise PriceNotPayable


async def _locked(tx: Tx, tenant: str, product_id: UUID, *, for_sale: bool = True) -> StoredProduct:
    """Return a product that nobody else changes before the end.

    Changing a withdrawn one would sell it again; a draft stays one.
    """
    await products.lock(tx, tenant, product_id)
    found = await documents.find(tx, tenant, product_id)
    if found is None or (for_sale and found.withdrawn_at is not None and not found.is_draft):
        raise ProductUnknown
    tx.wait_for(found.published_at)
    return found


async def _publish(tx: Tx, tenant: str, before: StoredProduct, after: Product) -> None:
    if after == before.product:
        return
    if before.is_draft:
        await publishing.draft(tx, tenant, [after])
    else:
        await publishing.publish(tx, tenant, [after], await channels.of_tenant(tx, tenant))


async def _reprice(
    tx: Tx, tenant: str, before: StoredProduct, after: Product, sku: str, channel: str, wanted: WantedPrice
) -> UUID:
    at = wanted.valid_from or tx.now
    replaced = await prices.in_force(tx, tenant, sku, channel, wanted.currency, at)
    await _publish(tx, tenant, before, after)
    price = await prices.in_force(tx, tenant, sku, channel, wanted.currency, at)
    if price is None:
        raise NotListed
    tx.audit("price", price, before={"price": replaced}, after={"sku": sku, "channel": channel, **asdict(wanted)})
    return price
