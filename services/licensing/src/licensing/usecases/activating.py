"""Activating a key on devices, and freeing them (LIC-5)."""

from uuid import UUID

from chassis.db import Tx
from chassis.identity import seal
from contracts.event import Sealed, SubjectKey
from contracts.licensing import FreedBy

from licensing.domain.devices import Activation, Device, DeviceUnknown, EndedBy, WhyFreed, admits
from licensing.domain.licenses import Verdict
from licensing.store import activations
from licensing.usecases import freeing
from licensing.usecases.validating import TypedKey, fingerprint_of, known, look_up
from licensing.usecases.vault import Vault

KIND = "device name"


async def activate(tx: Tx, key: TypedKey, device: Device, vault: Vault) -> Activation:
    """Make a key active on a device, if it counts and is not on as many as it may be.

    The same device again changes nothing. Of many that ask at once no more are admitted than the limit allows.
    Raises DevicesUsedUp.
    """
    verdict, found = await look_up(tx, key, vault)
    if found is None:
        return Activation(verdict)
    of = key.tenant, found.order_id, found.license_id
    locked = await activations.lock(tx, *of)
    # it may have ended while somebody else held it
    verdict, still = await look_up(tx, key, vault)
    if still != found:
        return Activation(verdict if still is None else Verdict.REVOKED)
    fingerprint = fingerprint_of(device.text, of[0], vault)
    devices = await activations.count(tx, *of)
    if await activations.is_active(tx, *of, fingerprint):
        await activations.see(tx, *of, fingerprint, _sealed(device.name, locked.contact))
    elif admits(devices, locked.limit, locked.most):
        await activations.add(tx, *of, fingerprint, _sealed(device.name, locked.contact))
        devices += 1
    else:
        return Activation(Verdict.TOO_MANY_DEVICES, devices, locked.limit)
    return Activation(Verdict.VALID, devices, locked.limit)


async def deactivate(tx: Tx, key: TypedKey, device: str, vault: Vault) -> Verdict:
    """End a key's activation on a device, also where the key counts no more; VALID where there was one."""
    found, otherwise = await known(tx, key, vault)
    fingerprint = fingerprint_of(device, key.tenant, vault)
    for one in found:
        if await activations.end_device(tx, key.tenant, one.order_id, one.license_id, fingerprint, EndedBy.PROGRAM):
            return Verdict.VALID
    return Verdict.NOT_ACTIVATED if found else otherwise


async def free(tx: Tx, tenant: str, order_id: UUID, license_id: UUID, activation_id: UUID) -> None:
    """End an activation for the customer; one that has ended stays so. Raises DeviceUnknown."""
    await freeing.announce(tx, tenant, order_id, license_id, activation_id, FreedBy.CUSTOMER)
    if not await activations.end(tx, tenant, order_id, license_id, activation_id, EndedBy.CUSTOMER):
        raise DeviceUnknown


async def free_for(tx: Tx, tenant: str, order_id: UUID, license_id: UUID, activation_id: UUID, why: WhyFreed) -> None:
    """End an activation as staff, with a reason that the audit log keeps. Raises DeviceUnknown."""
    await freeing.announce(tx, tenant, order_id, license_id, activation_id, FreedBy.STAFF)
    if not await activations.end(tx, tenant, order_id, license_id, activation_id, EndedBy.STAFF):
        raise DeviceUnknown
    tx.audit("device", activation_id, after={"order": order_id, "license": license_id, "freed": True, "reason": why})


def _sealed(name: str | None, contact: SubjectKey) -> Sealed | None:
    return None if name is None else seal(name, contact, KIND)
