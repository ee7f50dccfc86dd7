"""Keeping copies of what this service sells by: offers, coupons, sellers."""

from collections.abc import Callable
from uuid import UUID

from chassis.db import Tx
from contracts.accounts import KeyDestroyed, TenantChanged, TenantOpened
from contracts.catalog import CouponOffered, ProductPublished, ProductWithdrawn
from contracts.shared import ErasureConfirmed

from orders.store import offers, sellers


async def copy_sellers(tx: Tx, opened: TenantOpened | TenantChanged) -> None:
    """Know the sellers of a tenant, their legal data and record keys."""
    for seller in opened.sellers:
        await sellers.put(tx, opened.tenant, seller, _sequence(tx))


async def copy_offers(tx: Tx, product: ProductPublished) -> None:
    """Know what a product is sold for, replacing what was known."""
    sequence = _sequence(tx)
    if await offers.advance(tx, product.tenant, product.product, sequence):
        await offers.clear(tx, product.tenant, product.product)
        await offers.put(tx, product, sequence)


async def withdraw_offers(tx: Tx, withdrawn: ProductWithdrawn) -> None:
    """Sell a product no longer."""
    if await offers.advance(tx, withdrawn.tenant, withdrawn.product, _sequence(tx)):
        await offers.clear(tx, withdrawn.tenant, withdrawn.product)


async def copy_coupon(tx: Tx, coupon: CouponOffered) -> None:
    """Know a coupon and how often it may be used."""
    await offers.put_coupon(tx, coupon, _sequence(tx))


async def confirm_erasure(tx: Tx, destroyed: KeyDestroyed, forget: Callable[[UUID], None]) -> None:
    """Drop a destroyed key; what was sealed to it stays where it is and can never be read again."""
    forget(destroyed.key)
    tx.publish(
        ErasureConfirmed(tenant=destroyed.tenant, customer=destroyed.customer, key=destroyed.key, service="orders")
    )


def _sequence(tx: Tx) -> int:
    return tx.cause.sequence or 0 if tx.cause is not None else 0
