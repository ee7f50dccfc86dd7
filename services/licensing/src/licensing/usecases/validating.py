"""Asking whether a key counts (E11)."""

from collections.abc import Sequence

from chassis.db import Tx

from licensing.domain.licenses import Verdict, judge
from licensing.store import licenses
from licensing.usecases.vault import Vault


async def validate_key(tx: Tx, forms: Sequence[str], sku: str | None, tenant: str | None, vault: Vault) -> Verdict:
    """The verdict on a key that may stand in these forms; only what was issued is known, a serial in stock is not."""
    found = await licenses.by_fingerprint(tx, [vault.fingerprint(form) for form in forms], tenant)
    return judge(found, sku)
