"""Taking back which keys were given out, as published, where a restored database does not know it (LIC-3)."""

from collections.abc import Sequence

from chassis.consuming import Message
from chassis.db import Tx
from contracts.licensing import LicenseIssued

from licensing.store import taken_back


async def take_back(tx: Tx, messages: Sequence[Message[LicenseIssued]]) -> None:
    """Let units keep the keys that they got, and nobody else get their serials."""
    for event in (message.event for message in messages):
        fingerprint = bytes.fromhex(event.fingerprint) if event.fingerprint else None
        about = event.tail or "", str(event.license_key), event.issued_at
        order = event.tenant, event.order
        await taken_back.keep(tx, order, event.units or [event.unit], event.license, fingerprint, about)
    await taken_back.issue(tx)
