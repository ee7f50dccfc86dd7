"""Asking whether a key counts (E11)."""

from collections.abc import Sequence

from chassis.db import Read

from licensing.domain.licenses import Verdict, verdict_on
from licensing.store import licenses
from licensing.usecases.vault import Vault


async def validate_key(read: Read, forms: Sequence[str], sku: str | None, tenant: str | None, vault: Vault) -> Verdict:
    """Return the verdict on a key that may be written in these forms; a serial in stock is unknown."""
    found = await licenses.by_fingerprint(read, [vault.fingerprint(form) for form in forms], tenant)
    return verdict_on(found, sku)
