"""Asking whether a key counts (E11)."""

from dataclasses import dataclass, field

from chassis.db import Read
from chassis.lists import typed

from licensing.domain import keys
from licensing.domain.licenses import KeyState, Verdict, counting, verdict_on
from licensing.store import activations, licenses
from licensing.usecases.vault import Vault


@dataclass(frozen=True, slots=True)
class TypedKey:
    """A key as somebody has typed or pasted it, of which tenant's products, and which one if only one will do."""

    text: str = field(repr=False)
    tenant: str
    sku: str | None


async def validate_key(read: Read, key: TypedKey, device: str | None, vault: Vault) -> Verdict:
    """Return the verdict on a key; a serial in stock is unknown. With a device it counts only where it is active."""
    verdict, found = await look_up(read, key, vault)
    if device is None or found is None:
        return verdict
    fingerprint = fingerprint_of(device, key.tenant, vault)
    active = await activations.is_active(read, key.tenant, found.order_id, found.license_id, fingerprint)
    return Verdict.VALID if active else Verdict.NOT_ACTIVATED


async def look_up(read: Read, key: TypedKey, vault: Vault) -> tuple[Verdict, KeyState | None]:
    """Return the verdict on a key, and the key itself where it is good.

    What looks mistyped is looked up as well: it may be a serial of another maker.
    """
    found, otherwise = await known(read, key, vault)
    return (verdict_on(found, key.sku) if found else otherwise), counting(found, key.sku)


async def known(read: Read, key: TypedKey, vault: Vault) -> tuple[list[KeyState], Verdict]:
    """Return what was issued under a text, and what is to be said of it where nothing was."""
    try:
        forms, otherwise = keys.forms(typed(key.text)), Verdict.UNKNOWN
    except keys.KeyMistyped as mistyped:
        forms, otherwise = mistyped.forms, Verdict.MISTYPED
    return await licenses.by_fingerprint(read, [vault.fingerprint(form) for form in forms], key.tenant), otherwise


def fingerprint_of(device: str, tenant: str, vault: Vault) -> bytes:
    """Return by what a device is known to a tenant."""
    return vault.fingerprint(f"device {tenant} {device}")
