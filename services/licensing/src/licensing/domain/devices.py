"""Devices on which a key is active, and how many there may be (LIC-5)."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final

from licensing.domain.licenses import Verdict

# how old the last sign of a device may be before another is written
SEEN_EVERY: Final = timedelta(hours=1)
# on how many devices a unit's key may be active whose article has no limit: more than one customer has, and few enough
# to be counted and listed at once, whoever asks; without it one key could fill the tables
MOST_WITHOUT_LIMIT: Final = 500
# how many of a key's activations that have ended are kept, for the same reason; exports show them
ENDED_KEPT: Final = 100


class DeviceUnknown(Exception):
    """This key is not active on such a device."""


class DevicesUsedUp(Exception):
    """This key is active on as many devices as any may be: free one in the account, or ask the shop for another key."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.facts = {"most": most}


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


def admits(devices: int, limit: int | None, most: int) -> bool:
    """Return whether a key that is active on so many devices may be on another.

    Raises DevicesUsedUp where its article has no limit, and it is active on as many as any key may be.
    """
    if limit is None and devices >= most:
        raise DevicesUsedUp(most)
    return limit is None or devices < limit
