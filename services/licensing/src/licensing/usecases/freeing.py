"""Publishing that a device is freed: its customer is written to, for it may have been somebody else (LIC-5)."""

from uuid import UUID

from chassis.db import Tx
from contracts.licensing import DeviceFreed, FreedBy

from licensing.store import freed


async def announce(tx: Tx, tenant: str, order_id: UUID, license_id: UUID, activation_id: UUID, by: FreedBy) -> None:
    """Publish that an activation ends now, unless it has ended before or there is none."""
    active = await freed.lock(tx, tenant, order_id, license_id, activation_id)
    if active is None:
        return
    tx.publish(
        DeviceFreed(
            **active.header,
            license=license_id,
            activation=activation_id,
            sku=active.sku,
            line=active.line_id,
            by=by,
            freed_at=tx.now,
            device=active.device,
        )
    )
