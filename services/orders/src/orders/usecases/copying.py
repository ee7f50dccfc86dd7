"""Keeping copies of what this service sells by: offers, coupons, sellers."""

from chassis.db import Tx, record_tenants
from contracts.accounts import TenantChanged, TenantOpened
from contracts.catalog import CouponOffered, ProductPublished, ProductWithdrawn

from orders.domain.offers import article_name
from orders.store import offers, sellers


async def copy_sellers(tx: Tx, tenant: TenantOpened | TenantChanged) -> None:
    """Copy the sellers of a tenant, their legal data and record keys."""
    await record_tenants(tx, [tenant.tenant])
    await sellers.put(tx, tenant.tenant, tenant.sellers, tx.sequence)


async def copy_offers(tx: Tx, product: ProductPublished) -> None:
    """Copy what a product is sold for, replacing what was known."""
    if await offers.advance(tx, product.tenant, product.product, tx.sequence):
        await offers.clear(tx, product.tenant, product.product)
        await offers.put(tx, _named(product), tx.sequence)


async def withdraw_offers(tx: Tx, withdrawn: ProductWithdrawn) -> None:
    """Sell a product no longer."""
    if await offers.advance(tx, withdrawn.tenant, withdrawn.product, tx.sequence):
        await offers.clear(tx, withdrawn.tenant, withdrawn.product)


async def copy_coupon(tx: Tx, coupon: CouponOffered) -> None:
    """Copy a coupon and how often it may be used."""
    await offers.put_coupon(tx, coupon, tx.sequence)


def _named(product: ProductPublished) -> ProductPublished:
    """Return a product whose editions are called as on an order."""
    count = len(product.editions)
    editions = [
        edition.model_copy(update={"name": article_name(product.family, product.version, edition.name, count)})
        for edition in product.editions
    ]
    return product.model_copy(update={"editions": editions})
