"""Devices on which a key is active, and how many there may be (LIC-5)."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final

from licensing.domain.licenses import Verdict

# how old the last sign of a device may be before another is written
SEEN_EVERY: Final = timedelta(hours=1)


class DeviceUnknown(Exception):
    """This key is not active on such a device."""


class EndedBy(StrEnum):
    """Who has ended an activation."""

    PROGRAM = "program"
    CUSTOMER = "customer"
    STAFF = "staff"


class WhyFreed(StrEnum):
    """Why staff has freed a device; no words of their own, for those may name somebody."""

    ASKED = "asked"
    LOST = "lost"
    MISUSED = "misused"


@dataclass(frozen=True, slots=True)
class Device:
    """What a program calls the device it runs on, which tells it from others, and what people call it."""

    text: str = field(repr=False)
    name: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Activation:
    """What came of asking for an activation; counts are known where the key itself counts, `limit` None: any number."""

    verdict: Verdict
    devices: int | None = None
    limit: int | None = None


def admits(devices: int, limit: int | None) -> bool:
    """Return whether a key that is active on so many devices may be on another."""
    return limit is None or devices < limit
