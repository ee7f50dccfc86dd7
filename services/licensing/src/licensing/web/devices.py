"""Devices: activated and given back by programs, and freed by customers or for them by support (LIC-5)."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read, Tx
from chassis.identity import Caller, KeyRings, Keys
from chassis.lists import visible
from chassis.web import Body, Listing, Page, Rate, Routes, View, listing
from contracts.event import Sealed
from contracts.organisations import looker
from pydantic import AfterValidator, StringConstraints

from licensing.domain import licenses
from licensing.domain.devices import Device, WhyFreed
from licensing.store import activations, orders
from licensing.store import licenses as issued
from licensing.usecases import activating
from licensing.usecases.vault import Vault
from licensing.web.bodies import CUSTOMER, DEVICES, OWN_KEYS, STAFF, DeviceText, KeyBody
from licensing.web.limits import WrongKeys

DeviceName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$"),
    AfterValidator(visible),
]
routes = Routes()


class Activate(KeyBody):
    """A key, the device on which it is to count, and by what name its owner knows that device."""

    device: DeviceText
    name: DeviceName | None = None


class Deactivate(KeyBody):
    """A key, and the device on which it is to count no more."""

    device: DeviceText


class FreeFor(Body):
    """Why staff frees a device."""

    reason: WhyFreed


class ActivationView(View):
    """Whether a key is active on the device now, why not, and on how many devices it is of how many (null: any)."""

    activated: bool
    code: licenses.Verdict
    devices: int | None
    limit: int | None


class DeactivationView(View):
    """Whether the key was active on the device until now, and why not."""

    deactivated: bool
    code: licenses.Verdict


class DeviceView(View):
    """A device on which a key is active; `name` is null where the program gave none, or nobody can read it any more."""

    device: UUID
    name: str | None
    activated_at: datetime
    seen_at: datetime


@routes.post("/activations", limit=Rate)
async def activate(tx: Tx, request: web.Request, body: Activate, vault: Vault, wrong: WrongKeys) -> ActivationView:
    """Make a key active on a device, for programs, without a token; the same device again changes nothing."""
    wrong.admit(request, body)
    got = await activating.activate(tx, body.key, Device(body.device, body.name or None), vault)
    wrong.count(request, body, got.verdict)
    good = got.verdict is licenses.Verdict.VALID
    return ActivationView(activated=good, code=got.verdict, devices=got.devices, limit=got.limit)


@routes.post("/deactivations", limit=Rate)
async def deactivate(
    tx: Tx, request: web.Request, body: Deactivate, vault: Vault, wrong: WrongKeys
) -> DeactivationView:
    """Free a device, for programs, without a token; also of a key that counts no more."""
    wrong.admit(request, body)
    verdict = await activating.deactivate(tx, body.key, body.device, vault)
    wrong.count(request, body, verdict)
    return DeactivationView(deactivated=verdict is licenses.Verdict.VALID, code=verdict)


@routes.get("/orders/{order}/licenses/{license}/devices", allow=(CUSTOMER, *STAFF))
async def list_devices(
    begin: Begin,
    caller: Caller,
    order: UUID,
    license: UUID,  # noqa: A002 -- the address calls it so
    page: Page,
    keys: KeyRings,
) -> Listing[DeviceView]:
    """The devices on which a key is active, with the names that programs gave: the customer's own, or any for staff.

    They come by pages, the oldest first. Owners who act for an organisation see those of what was bought for it. That
    staff has read names is recorded.
    """
    own = CUSTOMER in caller.roles
    async with begin() as tx:
        await (_own if own else _ours)(tx, caller, order, license)
        after = page.after(tuple[datetime, UUID])
        found = await activations.of_license(tx, (caller.tenant, order, license), after, page.limit + 1)
        boxes = [one.name for one in found[: page.limit] if one.name is not None]
        if boxes and not own:
            tx.audit_reading("order", [order], DEVICES, f"key {license}")
    names: dict[Sealed, str | None] = {}
    if boxes:
        opened = await keys.ring(OWN_KEYS if own else DEVICES).unlock(boxes)
        # beside the event loop: each takes a while, and others ask meanwhile
        names = await asyncio.to_thread(_names, opened, boxes)
    return listing(found, page, lambda one: (one.activated_at, one.id), lambda one: _view(one, names))


@routes.post("/orders/{order}/licenses/{license}/devices/{device}/freeing", allow=CUSTOMER)
async def free_device(tx: Tx, caller: Caller, order: UUID, license: UUID, device: UUID) -> None:  # noqa: A002 -- the address calls it so
    """Let a key of the customer's own count on a device no more, so that it can be activated on another."""
    await _own(tx, caller, order, license)
    await activating.free(tx, caller.tenant, order, license, device)


@routes.post("/orders/{order}/licenses/{license}/devices/{device}/freeing-for", allow="support")
async def free_device_for(
    tx: Tx,
    caller: Caller,
    body: FreeFor,
    order: UUID,
    license: UUID,  # noqa: A002 -- the address calls it so
    device: UUID,
) -> None:
    """Free a device for its customer, with a reason; both are recorded."""
    await _ours(tx, caller, order, license)
    await activating.free_for(tx, caller.tenant, order, license, device, body.reason)


async def _ours(read: Read, caller: Caller, order: UUID, license: UUID) -> None:  # noqa: A002 -- as above
    if await issued.find(read, caller.tenant, order, license) is None:
        raise licenses.LicenseUnknown


async def _own(read: Read, caller: Caller, order: UUID, license: UUID) -> None:  # noqa: A002 -- as above
    buyer = await orders.buyer(read, caller.tenant, order)
    usable = buyer is not None and looker(caller.subject, caller.claims).uses(*buyer)
    if not usable or await issued.find(read, caller.tenant, order, license) is None:
        raise licenses.LicenseUnknown


def _names(opened: Keys, boxes: Iterable[Sealed]) -> dict[Sealed, str | None]:
    texts = {box: opened.open(box) for box in boxes}
    return {box: (visible(text) or None) if isinstance(text, str) else None for box, text in texts.items()}


def _view(one: activations.ActiveDevice, names: Mapping[Sealed, str | None]) -> DeviceView:
    name = names[one.name] if one.name is not None else None
    return DeviceView(device=one.id, name=name, activated_at=one.activated_at, seen_at=one.seen_at)
