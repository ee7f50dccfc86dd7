"""An event as it is kept for partners."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

AggregateKey = tuple[str, str]
"""The tenant and the record key."""
DIGITS: Final = 19


@dataclass(frozen=True, slots=True)
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
    """Return facts with their numbers and channels; `known` counts them already."""
    left: dict[AggregateKey, int] = {}
    for fact in facts:
        left[fact.aggregate] = left.get(fact.aggregate, 0) + 1
    found: list[Fact] = []
    for fact in facts:
        aggregate = known[fact.aggregate]
        left[fact.aggregate] -= 1
        number = aggregate.events - left[fact.aggregate]
        found.append(replace(fact, number=number, channel=fact.channel or aggregate.channel))
    return found
