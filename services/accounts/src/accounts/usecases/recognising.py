"""Recognising the devices with which somebody signs in: of another one they are written to, once an hour at most."""

from uuid import UUID

from chassis.db import Tx
from contracts.security import NewDevice, NewDeviceSignedIn

from accounts.domain.device import KNOWN_FOR, LETTER_EVERY, NAMED, Device
from accounts.store import known_devices as store
from accounts.usecases import warning
from accounts.usecases.key_management import KeyManagement


async def see(tx: Tx, tenant: str, subject_id: UUID, device: Device, kms: KeyManagement) -> None:
    """Record with which device somebody has signed in; the first one of an account is its owner's."""
    device_hmac = (await kms.blind_index(tx, tenant)).device(subject_id, device.mark)
    if await store.use(tx, tenant, subject_id, device_hmac):
        return
    others = await store.others(tx, tenant, subject_id)
    if not others.any:
        await store.add(tx, tenant, subject_id, device_hmac, device, "none")
    elif others.written_at is not None and others.written_at > tx.now - LETTER_EVERY:
        await store.add(tx, tenant, subject_id, device_hmac, device, "waits")
    else:
        await store.add(tx, tenant, subject_id, device_hmac, device, "written")
        await warning.publish(tx, NewDeviceSignedIn, tenant, subject_id, kms, device)


async def write_waiting(tx: Tx, kms: KeyManagement) -> bool:
    """Write to somebody about all devices that had to wait for an hour, in one letter, which names each of them.

    Returns whether there may be more.
    """
    found = await store.waiting(tx, tx.now - LETTER_EVERY)
    if found is None:
        return False
    await _write_waiting(tx, *found, kms)
    return True


async def _write_waiting(tx: Tx, tenant: str, subject_id: UUID, kms: KeyManagement) -> None:
    new = await store.written(tx, tenant, subject_id)
    if not new:
        return
    (device, at), *before = new
    earlier = [NewDevice(browser=one.browser, system=one.system, at=came_at) for one, came_at in before[:NAMED]]
    unnamed = len(before) - len(earlier)
    of = (NewDeviceSignedIn, tenant, subject_id, kms, device)
    await warning.publish(tx, *of, happened_at=at, earlier=earlier, more=unnamed)


async def know_only(tx: Tx, tenant: str, subject_id: UUID, device: Device, kms: KeyManagement) -> None:
    """Know but the device with which the password was changed: a thief's, too, causes a letter from now on.

    One is known in any case, for the first of an account causes none. Of those that wait a letter is written before.
    """
    await _write_waiting(tx, tenant, subject_id, kms)
    await store.forget(tx, tenant, subject_id)
    device_hmac = (await kms.blind_index(tx, tenant)).device(subject_id, device.mark)
    await store.add(tx, tenant, subject_id, device_hmac, device, "none")


async def remove_old(tx: Tx) -> bool:
    """Forget devices that nobody has used for 400 days, and return whether there may be more."""
    return await store.remove_old(tx, tx.now - KNOWN_FOR)
