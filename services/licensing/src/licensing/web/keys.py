"""Keys: whether one counts, which an order has, and what one's own says."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from aiohttp import web
from chassis.db import Read
from chassis.identity import Caller, KeyRings
from chassis.web import Listing, Rate, Routes, View
from contracts.organisations import looker
from pydantic import Field

from licensing.domain import licenses
from licensing.store import activations, orders, units
from licensing.store import licenses as issued
from licensing.usecases.validating import validate_key
from licensing.usecases.vault import Vault
from licensing.web.bodies import CUSTOMER, OWN_KEYS, STAFF, ValidateKey
from licensing.web.limits import WrongKeys

routes = Routes()
MOST_FOUND: Final = 20
Ending = Annotated[str, Field(pattern=r"^[A-Za-z0-9]{4}$")]


class ValidationView(View):
    """Whether a key counts, and why not."""

    valid: bool
    code: licenses.Verdict


class LicenseView(View):
    """A unit and its key, of which only the end is shown; units that share a key name the same license.

    `devices` says on how many the key is active, `device_limit` how many this unit allows: null for any number.
    """

    unit: UUID
    line: UUID
    sku: str
    state: str
    license: UUID | None
    masked_key: str | None
    issued_at: datetime | None
    revoked_at: datetime | None
    devices: int
    device_limit: int | None


class FoundView(View):
    """A key that ends as was asked, and its order."""

    order: UUID
    sku: str
    license: UUID
    masked_key: str
    state: str
    issued_at: datetime


class OpenedView(View):
    """A key as its customer reads it."""

    license: UUID
    license_key: str


@routes.post("/validate", limit=Rate)
async def validate(
    read: Read, request: web.Request, body: ValidateKey, vault: Vault, wrong: WrongKeys
) -> ValidationView:
    """Ask whether a key counts; for programs, without a token, so many times a minute."""
    wrong.admit(request, body)
    verdict = await validate_key(read, body.key, body.device, vault)
    wrong.count(request, body, verdict)
    return ValidationView(valid=verdict is licenses.Verdict.VALID, code=verdict)


@routes.get("/orders/{order}/licenses", allow=(CUSTOMER, *STAFF))
async def view_licenses(read: Read, caller: Caller, order: UUID) -> Listing[LicenseView]:
    """The keys of an order, masked: the customer's own, or any of the tenant for its staff.

    Owners and auditors who act for an organisation see those of all its orders.
    """
    buyer = await orders.buyer(read, caller.tenant, order)
    if buyer is None or (CUSTOMER in caller.roles and not looker(caller.subject, caller.claims).sees(*buyer)):
        raise licenses.OrderUnknown
    devices = await activations.counts(read, caller.tenant, order)
    return Listing(items=[_license(row, devices) for row in await units.of_order(read, caller.tenant, order)])


@routes.get("/licenses", allow=STAFF)
async def find_licenses(read: Read, caller: Caller, ending: Ending) -> Listing[FoundView]:
    """The newest keys of the tenant that end in these four characters, as many as are shown of a key; at most 20."""
    found = await units.of_ending(read, caller.tenant, ending, MOST_FOUND)
    return Listing(items=[FoundView(masked_key=f"…{row.pop('tail')}", **row) for row in found])


@routes.post("/orders/{order}/licenses/{license}/opening", allow=CUSTOMER)
async def open_license(read: Read, caller: Caller, order: UUID, license: UUID, keys: KeyRings) -> OpenedView:  # noqa: A002 -- the address calls it so
    """Show a key of the customer's own, once more; accounts records that it was opened. Nobody else can ask for it.

    Owners who act for an organisation open what was bought for it; its auditors do not.
    """
    buyer = await orders.buyer(read, caller.tenant, order)
    usable = buyer is not None and looker(caller.subject, caller.claims).uses(*buyer)
    found = await issued.find(read, caller.tenant, order, license) if usable else None
    if found is None:
        raise licenses.LicenseUnknown
    box, counts = found
    if not counts:
        raise licenses.LicenseEnded
    text = (await keys.ring(OWN_KEYS).unlock([box])).open(box)
    if not isinstance(text, str):
        raise licenses.LicenseErased
    return OpenedView(license=license, license_key=text)


def _license(row: dict[str, Any], devices: Mapping[UUID | None, int]) -> LicenseView:
    end = row.pop("tail")
    masked = f"…{end}" if row["license"] is not None else None
    return LicenseView(**row, masked_key=masked, devices=devices.get(row["license"], 0))
