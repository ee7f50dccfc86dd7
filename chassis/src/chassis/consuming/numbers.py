"""Producers whose numbers begin again, because their outbox was restored to an earlier state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from contracts.topics import SERVICES

from chassis.consuming.message import Message

# Transactions that overlap publish out of order; none of those that do lasts as long.
OVERLAP = timedelta(minutes=1)
REMEMBERED = 20_000
Place = tuple[str, int]
"""A topic, without the installation's prefix, and a partition."""
Highest = tuple[int, datetime]
"""The highest number that came in a partition, and the time of its event."""


def number_of(message: Message[Any]) -> Highest | None:
    """Return number and time of what a topic's own service publishes; it numbers all that it publishes, once.

    What others number, and for which of their things, nobody knows.
    """
    if message.content is None or message.fault is not None:
        return None
    sequence, at, source = message.attributes.sequence, message.attributes.time, message.attributes.source
    own = source == message.content.DECLARED.published_by and source in SERVICES
    return None if sequence is None or at is None or not own else (sequence, at)


def highest_of(messages: Sequence[Message[Any]]) -> dict[Place, Highest]:
    """Return the highest number of each partition of a batch."""
    highest: dict[Place, Highest] = {}
    for message in messages:
        place, number = (message.topic, message.record.partition), number_of(message)
        if number is not None and (place not in highest or number > highest[place]):
            highest[place] = number
    return highest


@dataclass(slots=True)
class Numbers:
    """The numbers that came: the highest of each partition, and whose the last 20,000 of each service were.

    A producer's numbers begin again where one that was given comes with another id, or a lower one with a later time.
    Readers that go by the sequence would take what it publishes now for older than what it published before.
    """

    highest: dict[Place, Highest] = field(default_factory=dict[Place, Highest])
    _given: dict[str, dict[int, UUID]] = field(default_factory=dict[str, dict[int, UUID]])

    def knows(self, highest: Mapping[Place, Highest]) -> None:
        """Take note of the highest numbers that came to this service before."""
        self.highest = {**highest, **self.highest}

    def forget(self, place: Place) -> None:
        """Take what comes next in a partition for the producer's numbers from now on."""
        self.highest.pop(place, None)
        self._given.clear()

    def doubtful(self, messages: Sequence[Message[Any]]) -> list[Message[Any]]:
        """Return the messages whose numbers were given before, to others or long ago; remember the others."""
        return [
            message for message in messages if (number := number_of(message)) and self._begins_again(message, *number)
        ]

    def _begins_again(self, message: Message[Any], sequence: int, at: datetime) -> bool:
        given, id_ = self._given.setdefault(message.attributes.source, {}), message.attributes.id
        if given.setdefault(sequence, id_) != id_:
            return True
        if len(given) > REMEMBERED:
            del given[next(iter(given))]
        place = message.topic, message.record.partition
        highest = self.highest.get(place)
        if highest is not None and sequence < highest[0]:
            return at > highest[1] + OVERLAP
        self.highest[place] = sequence, at
        return False
