"""A message: a record consumed from Kafka, with what could be read of it."""

import dataclasses
import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Generic, TypeAlias, TypeVar, cast
from uuid import UUID

from contracts.event import Event, type_of
from contracts.topics import may_publish
from contracts.wire import Attributes, ContractViolation, decode

from chassis.telemetry.cards import cards_in_json, holds_card

if TYPE_CHECKING:  # the commands about parked events should not wait for it
    from aiokafka import ConsumerRecord

# where several services run in one process, they read the same records within a moment; one alone is slower for it
READ_AGAIN = 512
READERS: Final = set[str]()
Record: TypeAlias = "ConsumerRecord[bytes | None, bytes | None]"
Identity = tuple[str, UUID]
E = TypeVar("E", bound=Event)


@dataclass(slots=True)
class Message(Generic[E]):
    """A consumed record; `fault` says why the rest of it could not be read.

    Its `identity`, source and id, makes the fact unique. `cause` are its attributes as whatever follows from it should
    name them: with the traceparent of the span in which it is handled.
    """

    record: Record
    topic: str
    parsed: Attributes | None = None
    content: E | None = None
    fault: ContractViolation | None = None
    identity: Identity | None = None
    handled_in: str | None = None
    _hash: bytes = field(default=b"", repr=False)

    @property
    def event(self) -> E:
        """The event; reactions get messages that have one."""
        return cast("E", self.content)

    @property
    def attributes(self) -> Attributes:
        """The CloudEvents attributes; reactions get messages that have them."""
        return cast("Attributes", self.parsed)

    @property
    def cause(self) -> Attributes:
        """The event's attributes, in the trace of its handling."""
        return dataclasses.replace(self.attributes, traceparent=self.handled_in) if self.handled_in else self.attributes

    @property
    def sequence(self) -> int:
        """The number that grows with each event of one aggregate; 0 where the producer gave none."""
        return self.attributes.sequence or 0

    @property
    def key(self) -> bytes:
        """The record's key; records without one are ordered among each other."""
        return self.record.key or b""

    @property
    def hash(self) -> bytes:
        """A fingerprint of the payload."""
        if not self._hash:
            self._hash = hashlib.blake2b(self.record.value or b"", digest_size=16).digest()
        return self._hash


def read_message(record: Record, prefix: str) -> Message[Event]:
    """Read a record; never raises, for what is wrong with it is its `fault`."""
    message: Message[Event] = Message(record, record.topic.removeprefix(prefix))
    read_attributes, read_event = (_attributes, _event) if len(READERS) > 1 else (_read_attributes, _read_event)
    try:
        attributes = read_attributes(tuple(record.headers))
        message.parsed, message.identity = attributes, (attributes.source, attributes.id)
        if attributes.type != type_of(message.topic):
            raise ContractViolation("ce_type is not the type of the topic's event")
        event = read_event(message.topic, record.value or b"")
        if not may_publish(attributes.source, message.topic):
            raise ContractViolation(f"{message.topic}: its source is none that publishes it")
        message.content = event
    except ContractViolation as fault:
        message.fault = fault
    return message


def _read_attributes(headers: tuple[tuple[str, bytes | None], ...]) -> Attributes:
    attributes = Attributes.parse(headers)
    if any(text and holds_card(text) for text in (attributes.source, attributes.subject, attributes.tenant)):
        raise ContractViolation("a header holds a card number")
    return attributes


def _read_event(topic: str, value: bytes) -> Event:
    event = decode(topic, value)
    # Whoever published it: what follows from events goes into tables and events, and a card number into neither.
    if cards_in_json(value):
        raise ContractViolation(f"{topic}: a text holds a card number")
    return event


_attributes = lru_cache(maxsize=READ_AGAIN)(_read_attributes)
_event = lru_cache(maxsize=READ_AGAIN)(_read_event)
