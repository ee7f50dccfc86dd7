"""The events that licensing publishes."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from contracts.bounds import Count, Time
from contracts.event import Event, Internal, Public, Sealed, days
from contracts.examples import SALE
from contracts.shared import SaleEvent


class RevocationReason(StrEnum):
    """Why a key was revoked."""

    REFUNDED = "refunded"
    STAFF = "staff"


class FreedBy(StrEnum):
    """Who has freed a device: on the page of the customer's account, or staff for them."""

    CUSTOMER = "customer"
    STAFF = "staff"


_LINE = "0192d3a4-0000-7000-8000-000000000302"
_UNIT = "0192d3a4-0000-7000-8000-000000000303"
_LICENSE = "0192d3a4-0000-7000-8000-000000000601"


class LicenseIssued(SaleEvent, key="order", subject="license", retention=days(90)):
    """A unit has its serial or key, sealed to the customer's contact (E10).

    A key for a whole purchase names all `units` it has been given for so far, `unit` the first of them, and is said
    again with more when more are paid; without `units` it is for `unit` alone. By `fingerprint` and `tail`, the key's
    end for people, licensing itself knows after a restore what it has given out.
    """

    line: Public[UUID]
    unit: Public[UUID]
    license: Public[UUID]
    sku: Public[str]
    license_key: Sealed
    issued_at: Public[Time]
    units: Public[list[UUID] | None] = None
    fingerprint: Internal[str | None] = None
    tail: Internal[str | None] = None

    EXAMPLE: ClassVar = {
        **SALE,
        "line": _LINE,
        "unit": _UNIT,
        "license": _LICENSE,
        "sku": "VISTA-HP-ESD",
        "license_key": {"key": "0192d3a4-0000-7000-8000-000000000103", "kind": "license_key", "box": "AAAA"},
        "issued_at": "2026-11-02T09:01:00Z",
        "units": [_UNIT],
        "fingerprint": "9f86d081884c7d659a2feaa0c55ad015",
        "tail": "GT4D",
    }


class LicenseBackordered(SaleEvent, key="order", subject="unit", retention=days(90)):
    """No serial is in stock for this unit; it is delivered on refill, in the order of payment (LIC-3)."""

    line: Public[UUID]
    unit: Public[UUID]
    sku: Public[str]

    EXAMPLE: ClassVar = {**SALE, "line": _LINE, "unit": _UNIT, "sku": "VISTA-HP-ESD"}


class LicenseRevoked(SaleEvent, key="order", subject="license", retention=days(90)):
    """A key no longer validates (LIC-10): the last of the `units` it was given for is taken back, `unit` the first."""

    line: Public[UUID]
    unit: Public[UUID]
    license: Public[UUID]
    reason: Public[RevocationReason]
    revoked_at: Public[Time]
    units: Public[list[UUID] | None] = None

    EXAMPLE: ClassVar = {
        **SALE,
        "line": _LINE,
        "unit": _UNIT,
        "license": _LICENSE,
        "reason": "refunded",
        "revoked_at": "2026-11-05T09:00:01Z",
        "units": [_UNIT],
    }


class DeviceFreed(SaleEvent, key="order", subject="license", retention=days(90)):
    """A key is no longer active on a device, for its customer or staff has freed it there (LIC-5).

    `activation` is that of the key on this device, which ends once; `device` is what the program calls it, if anything.
    """

    license: Public[UUID]
    activation: Public[UUID]
    sku: Public[str]
    line: Public[UUID]
    by: Public[FreedBy]
    freed_at: Public[Time]
    device: Sealed | None = None

    EXAMPLE: ClassVar = {
        **SALE,
        "license": _LICENSE,
        "activation": "0192d3a4-0000-7000-8000-000000000611",
        "sku": "VISTA-HP-ESD",
        "line": _LINE,
        "by": "customer",
        "freed_at": "2026-11-20T18:30:00Z",
        "device": {"key": "0192d3a4-0000-7000-8000-000000000103", "kind": "device name", "box": "AAAA"},
    }


class SerialStockLow(Event, key="sku", retention=days(90)):
    """So few serials of a SKU are left that somebody should import more (LIC-1)."""

    sku: Public[str]
    left: Public[Count]
    low_stock: Public[Count]

    EXAMPLE: ClassVar = {"tenant": "kontor", "sku": "VISTA-HP-ESD", "left": 4, "low_stock": 5}
