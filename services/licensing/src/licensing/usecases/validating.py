"""Asking whether a key counts (E11)."""

from chassis.db import Read
from chassis.lists import typed

from licensing.domain import keys
from licensing.domain.licenses import Verdict, verdict_on
from licensing.store import licenses
from licensing.usecases.vault import Vault


async def validate_key(read: Read, license_key: str, sku: str | None, tenant: str, vault: Vault) -> Verdict:
    """Return the verdict on a key of a tenant as somebody has typed or pasted it; a serial in stock is unknown.

    What looks mistyped is looked up as well: it may be a serial of another maker.
    """
    try:
        forms, otherwise = keys.forms(typed(license_key)), Verdict.UNKNOWN
    except keys.KeyMistyped as mistyped:
        forms, otherwise = mistyped.forms, Verdict.MISTYPED
    found = await licenses.by_fingerprint(read, [vault.fingerprint(form) for form in forms], tenant)
    return verdict_on(found, sku) if found else otherwise
