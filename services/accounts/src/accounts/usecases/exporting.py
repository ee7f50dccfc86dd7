"""Exports of all that is known of a customer: asked for, told to the services, gathered, deleted (GDPR 15, 20)."""

from typing import Any
from uuid import UUID

from chassis.db import Tx
from chassis.exporting import sealed_share
from chassis.identity import Act
from contracts.event import Sealed
from contracts.exports import DataExportRequested, DataShareExported

from accounts.domain import exports as rules
from accounts.domain.erasure import expected_services
from accounts.domain.exports import OWN, ExportUnknown, TooManyExports
from accounts.domain.people import CUSTOMER_ROLE, AccountErased, CustomerUnknown
from accounts.domain.purposes import EXPORT
from accounts.store import customers, exports, own_share, services, subject_keys
from accounts.store.exports import Export
from accounts.usecases import signing_in
from accounts.usecases.key_management import KeyManagement

AT_ONCE = 50


async def request(
    tx: Tx, attempt: signing_in.Attempt, customer_id: UUID, code: str | None, kms: KeyManagement
) -> UUID | Exception:
    """Begin an export for a customer who has proved who they are, and return its id, or else the refusal.

    Raises CustomerUnknown and AccountErased.
    """
    tenant = attempt.tenant
    found = await customers.lock(tx, [(tenant, customer_id)])
    if not found:
        raise CustomerUnknown
    if (boxes := found[0].boxes) is None:
        raise AccountErased
    proved = await signing_in.authenticate(tx, attempt, code, kms)
    if isinstance(proved, Exception):
        return proved
    earlier = await exports.requested_since(tx, tenant, customer_id, tx.now - rules.DAY)
    if seconds := rules.seconds_to_wait(earlier, tx.now):
        return TooManyExports(seconds)
    export_id, expires_at = tx.new_id(), tx.now + rules.LIFETIME
    expected = expected_services(await services.names(tx))
    requested = DataExportRequested(
        tenant=tenant,
        customer=customer_id,
        contact=boxes.email_contact.key,
        export=export_id,
        requested_at=tx.now,
        expires_at=expires_at,
        expected=expected,
        sealed_to=await kms.new_key(tx, tenant, EXPORT, str(export_id)),
    )
    await exports.add(tx, tenant, export_id, customer_id, found[0].language, expires_at, expected)
    await _add_own_share(tx, requested, kms)
    tx.publish(requested)
    record(tx, tenant, customer_id, "POST /me/exports", export_id, {"expires_at": expires_at})
    return export_id


async def record_part(tx: Tx, exported: DataShareExported) -> None:
    """Keep a part of a service's share, also one that comes late, while its export is there."""
    await exports.add_part(
        tx,
        exported.tenant,
        exported.export,
        exported.customer,
        exported.service,
        exported.share,
        exported.part,
        exported.parts,
        exported.records,
    )


async def fetch(tx: Tx, tenant: str, customer_id: UUID, export_id: UUID) -> Export:
    """Return an export that is about to be fetched, and record that.

    Raises ExportUnknown, ExportGone and ExportUnready.
    """
    found = await exports.find(tx, tenant, customer_id, export_id)
    if found is None:
        raise ExportUnknown
    found.progress.check_offered(tx.now)
    missing = ", ".join(found.progress.missing)
    record(tx, tenant, customer_id, "GET /me/exports/{export}/file", export_id, {"missing": missing})
    return found


async def remove_of(tx: Tx, tenant: str, customer_id: UUID) -> None:
    """Delete all exports of a customer, and destroy their keys."""
    for export_id in await exports.remove(tx, tenant, customer_id):
        await subject_keys.destroy(tx, tenant, str(export_id), EXPORT)


async def remove_old(tx: Tx) -> bool:
    """Delete what can be fetched no more, and destroy the keys; true where there may be more."""
    expired = await exports.expire(tx, AT_ONCE)
    for tenant, export_id in expired:
        await subject_keys.destroy(tx, tenant, str(export_id), EXPORT)
    await exports.forget(tx, tx.now - rules.REMEMBERED)
    return len(expired) == AT_ONCE


def record(tx: Tx, tenant: str, customer_id: UUID, operation: str, export_id: UUID, facts: dict[str, Any]) -> None:
    """Put into the audit log what a customer does with an export, though else it holds what staff do."""
    tx.act = Act(str(customer_id), CUSTOMER_ROLE, operation, tenant, "export", str(export_id))
    tx.audit("export", export_id, after=facts)


async def _add_own_share(tx: Tx, requested: DataExportRequested, kms: KeyManagement) -> None:
    tenant, customer_id = requested.tenant, requested.customer
    share = await own_share.of_customer(tx, tenant, customer_id)
    boxes = [value for rows in share.values() for row in rows for value in row.values() if isinstance(value, Sealed)]
    texts = await kms.open(tx, tenant, boxes)
    if texts is None:
        raise AccountErased
    read = dict(zip(boxes, texts, strict=True))
    content = {
        name: [
            {field: read[value] if isinstance(value, Sealed) else value for field, value in row.items()} for row in rows
        ]
        for name, rows in share.items()
    }
    parts = sealed_share(OWN, tx.now, {"notes": [], **content}, requested.sealed_to)
    share_id = tx.new_id()
    for number, box in enumerate(parts, 1):
        await exports.add_part(tx, tenant, requested.export, customer_id, OWN, share_id, number, len(parts), box)
