"""Recording what orders publish as facts, in whatever order it arrives, and concluding which keys end."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from chassis.consuming import Message, Touched
from chassis.db import Tx
from chassis.identity import SealBroken, seal
from contracts.catalog import ProductPublished
from contracts.licensing import LicenseRevoked, RevocationReason
from contracts.mail_relay import ClaimDecided, ClaimOpened
from contracts.orders import DeliveryReleased, Line, OrderCancelled, OrderPaid, OrderPlaced, OrderRefunded
from contracts.payments import DisputeClosed, DisputeOpened, DisputeOutcome
from contracts.shared import KeySource, KeysPer, SaleEvent

from licensing.domain.licenses import ContactBroken
from licensing.store import licenses, orders, stocks, units
from licensing.usecases.issuing import ISSUE_KEYS


async def copy_settings(tx: Tx, product: ProductPublished) -> None:
    """Copy from how few serials on the stock of a SKU is low, and on how many devices its keys count (CAT-9)."""
    variants = [variant for edition in product.editions for variant in edition.variants]
    await stocks.set_up(tx, product.tenant, {variant.sku: variant.license for variant in variants}, tx.sequence)


async def record_orders(tx: Tx, messages: Sequence[Message[OrderPlaced]]) -> None:
    """Count what is ordered from stock, until it is paid or cancelled (LIC-2)."""
    await orders.reserve(
        tx,
        [
            {**_unit(message.event, unit), "sku": line.sku, "line_id": line.line if _shares(line) else None}
            for message in messages
            for line in message.event.lines
            if line.key_source is KeySource.IMPORTED
            for unit in line.units
        ],
    )


async def record_cancellations(tx: Tx, messages: Sequence[Message[OrderCancelled]]) -> None:
    """Count what was cancelled no longer."""
    await orders.end_reservations(tx, _units(messages))


async def record_disputes(tx: Tx, messages: Sequence[Message[DisputeOpened | DisputeClosed]]) -> None:
    """Suspend the keys of orders whose money is wanted back, or is lost, and release them once it is won (F-P21)."""
    await orders.dispute(
        tx,
        [
            {
                "tenant": event.tenant,
                "order_id": event.order,
                "id": event.dispute,
                "won": isinstance(event, DisputeClosed) and event.outcome is DisputeOutcome.WON,
            }
            for event in (message.event for message in messages)
        ],
    )


async def record_claims(tx: Tx, messages: Sequence[Message[ClaimOpened | ClaimDecided]]) -> None:
    """Suspend the keys of units that a buyer wants to give back, until that is decided otherwise (DEL-12)."""
    await orders.claim(
        tx,
        [
            {
                "tenant": event.tenant,
                "order_id": event.order,
                "id": event.claim,
                "revision": event.revision,
                "unit_ids": event.units,
            }
            for event in (message.event for message in messages)
        ],
    )


async def record_payments(tx: Tx, messages: Sequence[Message[OrderPaid]]) -> None:
    """Let paid units have their keys as soon as they are released; raises ContactBroken."""
    keyed = [message for message in messages if _keyed(message.event)]
    if not keyed:
        return
    await orders.lock(tx, [_paid_order(message) for message in keyed])
    paid = [row for message in keyed for row in _paid_units(message)]
    await orders.end_reservations(
        tx,
        [
            {"tenant": row["tenant"], "order_id": row["order_id"], "unit_id": row["id"]}
            for row in paid
            if row["key_source"] is KeySource.IMPORTED
        ],
    )
    await units.add(tx, paid)
    tx.wake(ISSUE_KEYS)


async def record_releases(tx: Tx, messages: Sequence[Message[DeliveryReleased]]) -> None:
    """Deliver lines from an earlier moment on."""
    await orders.lock(tx, [_order(message.event) for message in messages])
    await orders.release(
        tx,
        [
            {"tenant": event.tenant, "order_id": event.order, "line_id": line, "release_at": event.deliver_from}
            for event in (message.event for message in messages)
            for line in event.lines
        ],
    )
    tx.wake(ISSUE_KEYS)


async def record_refunds(tx: Tx, messages: Sequence[Message[OrderRefunded]]) -> None:
    """Record which units were refunded; one that has no key yet will never get one (LIC-10)."""
    await orders.lock(tx, [_order(message.event) for message in messages])
    await orders.refund(tx, [_unit(one.event, unit.unit) for one in messages for unit in one.event.units])


async def conclude(tx: Tx, touched: Touched) -> None:
    """End the keys of refunded units at once; a key that several share ends with its last unit."""
    revoked_keys = await licenses.revoke_refunded(tx, touched)
    headers = await orders.headers(tx, touched) if revoked_keys else {}
    for key in revoked_keys:
        order = (key.tenant, key.order_id)
        revoked = LicenseRevoked(
            **headers[order],
            line=key.line_id,
            unit=key.unit_ids[0],
            license=key.license_id,
            reason=RevocationReason.REFUNDED,
            revoked_at=tx.now,
            units=key.unit_ids,
        )
        tx.publish(revoked, cause=touched[order])


def _shares(line: Line) -> bool:
    return line.keys_per is KeysPer.PURCHASE


def _keyed(paid: OrderPaid) -> list[Line]:
    return [line for line in paid.lines if line.key_source is not KeySource.NONE]


def _order(event: SaleEvent) -> dict[str, Any]:
    names = ("tenant", "channel", "market", "seller", "order_number", "ordered_at")
    return {"id": event.order, **{name: getattr(event, name) for name in names}}


def _paid_order(message: Message[OrderPaid]) -> dict[str, Any]:
    paid, contact = message.event, message.event.keys.contact
    try:
        seal("", contact, "license_key")
    except SealBroken:
        raise ContactBroken from None
    return {
        **_order(paid),
        "customer_id": paid.customer,
        "organisation_id": paid.organisation,
        "contact_key": contact.key,
        "contact_public": f"\\x{contact.public.hex()}",
        "traceparent": message.cause.traceparent,
    }


def _paid_units(message: Message[OrderPaid]) -> Iterator[dict[str, Any]]:
    paid = message.event
    each = [(line, unit) for line in _keyed(paid) for unit in line.units]
    for position, (line, unit) in enumerate(each, 1):
        yield {
            "tenant": paid.tenant,
            "order_id": paid.order,
            "id": unit,
            "line_id": line.line,
            "position": position,
            "paid_at": paid.paid_at,
            "paid_sequence": message.sequence,
            **line.model_dump(include={"sku", "key_source", "key_prefix", "keys_per", "deliver_from"}),
        }


def _unit(event: SaleEvent, unit: UUID) -> dict[str, Any]:
    return {"tenant": event.tenant, "order_id": event.order, "unit_id": unit}


def _units(messages: Sequence[Message[OrderCancelled]]) -> list[dict[str, Any]]:
    return [_unit(message.event, unit) for message in messages for unit in message.event.units]
