"""An event as it is kept for partners."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

AggregateKey = tuple[str, str]
"""The tenant and the record key."""
DIGITS: Final = 19


@dataclass(slots=True)
class Fact:
    """An event as partners see it.

    `number` counts the events of its aggregate (an order or coupon), whatever their topics: 1, 2, 3, ... `content` is
    the CloudEvent as a JSON object; `customer` is a keyed hash that tells customers apart and nobody who they are.
    `channel` is None until some event has named the channel of the aggregate.
    """

    tenant: str
    topic: str
    key: str
    channel: str | None
    at: datetime
    content: bytes
    customer: bytes | None
    expires_at: datetime | None
    number: int = 0

    @property
    def aggregate(self) -> AggregateKey:
        """What it is about."""
        return self.tenant, self.key

    def content_for(self, pseudonym: str | None) -> bytes:
        """Return the CloudEvent with its number, and with what the reader knows the customer by."""
        more = f',"sequence":"{self.number:0{DIGITS}d}"'
        if pseudonym is not None:
            more += f',"customer":"{pseudonym}"'
        return self.content[:-1] + more.encode() + b"}"


@dataclass(frozen=True, slots=True)
class Aggregate:
    """What is known of an order or coupon: its channel, and how many events it has had."""

    tenant: str
    key: str
    channel: str | None
    events: int


def numbered(facts: Sequence[Fact], known: dict[AggregateKey, Aggregate]) -> list[Fact]:
    """Give facts their numbers and channels, and return them; `known` counts them already."""
    last = {key: aggregate.events for key, aggregate in known.items()}
    for fact in reversed(facts):
        key = fact.tenant, fact.key
        fact.number = last[key]
        last[key] -= 1
        fact.channel = fact.channel or known[key].channel
    return list(facts)
