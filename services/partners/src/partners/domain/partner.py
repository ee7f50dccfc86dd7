"""A partner: who reads events outside, of which channels, on topics of its own."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

# It stands between dots in the names of topics, and a prefix that ends with a dot covers no other partner.
ID: Final = r"^[a-z][a-z0-9-]{0,29}$"
CHANNEL: Final = r"^[a-z0-9][a-z0-9-]{0,62}$"
MOST_CHANNELS: Final = 100


class PartnerUnknown(Exception):
    """There is no such partner."""


class PartnerClosed(Exception):
    """The partner is closed; open it again first."""


class PartnerOfAnother(Exception):
    """Another tenant has a partner of this id; ids are the names of topics, and so of the whole installation."""


class TenantUnknown(Exception):
    """There is no such tenant."""


class State(StrEnum):
    """Whether a partner may read."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner; `since` it is in this state.

    `replayed` is how far it is sent the past again, None where it is not; after `present` nothing was sent it at once.
    """

    id: str
    tenant: str
    channels: tuple[str, ...]
    state: State
    since: datetime
    replayed: int | None = None
    replay_since: datetime | None = None
    present: int | None = None


def topic_of(partner: str, event_topic: str) -> str:
    """Return the topic on which a partner is sent an event, without an installation's prefix."""
    return f"{prefix_of(partner)}{event_topic}"


def prefix_of(partner: str) -> str:
    """Return what the names of a partner's topics and consumer groups begin with, and of nobody else's."""
    return f"partner.{partner}."


def pseudonym(key: bytes, customer: bytes) -> str:
    """Return what a partner knows a customer by: the same for the same key, and not to be joined with another's."""
    return hmac.digest(key, customer, hashlib.sha256).hex()[:32]
