"""Following orders: what was ordered, paid, released, cancelled and taken back, in whatever order it is heard."""

from typing import Any

from chassis.db import Tx
from chassis.identity.sealing import SealBroken, seal
from contracts.accounts import KeyDestroyed
from contracts.catalog import ProductPublished
from contracts.licensing import LicenseRevoked, RevocationReason
from contracts.orders import DeliveryReleased, OrderCancelled, OrderPaid, OrderPlaced, OrderRefunded
from contracts.shared import ErasureConfirmed, KeySource, KeysPer, SaleEvent

from licensing.domain.licenses import ContactBroken
from licensing.store import licenses, orders, stocks, units
from licensing.usecases.importing import ISSUE_KEYS


async def copy_settings(tx: Tx, product: ProductPublished) -> None:
    """Know from how few serials on the stock of a SKU is low (CAT-9)."""
    variants = [variant for edition in product.editions for variant in edition.variants]
    low_stocks = {variant.sku: variant.license.low_stock for variant in variants}
    await stocks.set_low(tx, product.tenant, low_stocks, _sequence(tx))


async def reserve(tx: Tx, placed: OrderPlaced) -> None:
    """Count what is ordered from stock, until it is paid or cancelled (LIC-2)."""
    lines = [line for line in placed.lines if line.key_source is KeySource.IMPORTED]
    wanted = [
        (unit, line.sku, line.line if line.keys_per is KeysPer.PURCHASE else None)
        for line in lines
        for unit in line.units
    ]
    if wanted:
        await orders.reserve(tx, placed.tenant, placed.order, wanted)


async def free(tx: Tx, cancelled: OrderCancelled) -> None:
    """Count what was cancelled no longer."""
    await orders.end_reservations(tx, cancelled.tenant, cancelled.order, cancelled.units)


async def expect_keys(tx: Tx, paid: OrderPaid) -> None:
    """Let paid units have their keys as soon as they are released; raises ContactBroken."""
    lines = [line for line in paid.lines if line.key_source is not KeySource.NONE]
    if not lines:
        return
    try:
        seal("", paid.keys.contact, "license_key")
    except SealBroken:
        raise ContactBroken from None
    traceparent = tx.cause.traceparent if tx.cause is not None else None
    await orders.lock_paid(tx, paid, paid.customer, paid.keys.contact, traceparent)
    named = [unit for line in lines if line.key_source is KeySource.IMPORTED for unit in line.units]
    await orders.end_reservations(tx, paid.tenant, paid.order, named)
    await units.add(tx, paid.tenant, paid.order, paid.paid_at, _sequence(tx), lines, effects=tx.effects)
    tx.wake(ISSUE_KEYS)


async def release(tx: Tx, released: DeliveryReleased) -> None:
    """Deliver lines from an earlier moment on."""
    await orders.lock(tx, released)
    await orders.release(tx, released.tenant, released.order, released.lines, released.deliver_from)
    tx.wake(ISSUE_KEYS)


async def take_back(tx: Tx, refunded: OrderRefunded) -> None:
    """End the keys of refunded units at once; a unit that has none yet will never get one (LIC-10).

    A key that several share ends with the last of them.
    """
    await orders.lock(tx, refunded)
    named = [unit.unit for unit in refunded.units]
    await orders.refund(tx, refunded.tenant, refunded.order, named)
    header: dict[str, Any] = {name: getattr(refunded, name) for name in SaleEvent.model_fields}
    for key in await licenses.take_back(tx, refunded.tenant, refunded.order, named):
        revoked: dict[str, Any] = header | {"line": key.line, "unit": key.units[0], "license": key.license}
        tx.publish(LicenseRevoked(**revoked, reason=RevocationReason.REFUNDED, revoked_at=tx.now, units=key.units))


async def confirm_erasure(tx: Tx, destroyed: KeyDestroyed) -> None:
    """What was sealed to a destroyed key can never be read again, and keys issued to it are kept in no other form."""
    tx.publish(
        ErasureConfirmed(tenant=destroyed.tenant, customer=destroyed.customer, key=destroyed.key, service="licensing")
    )


def _sequence(tx: Tx) -> int:
    return tx.cause.sequence or 0 if tx.cause is not None else 0
