"""The table of which event leads to which use case.

A reaction must converge in whatever order and however often events arrive. There are three forms:

- `on`: one event at a time, for rare events.
- `record`: all events of a type in a batch are recorded as facts by one statement, blind to order; then `conclude` runs
  once for all aggregates that the batch touched. For aggregates whose parts arrive in any order.
- `fold`: all events in a batch are followed by complete aggregates, which are loaded and saved once.
"""

from collections.abc import Awaitable, Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from contracts.event import Event
from contracts.wire import Attributes
from opentelemetry.trace import Span, SpanKind

from chassis.config.provision import Provision
from chassis.consuming.message import Message
from chassis.db.transaction import Tx
from chassis.telemetry.current import current_service
from chassis.telemetry.masking import class_of
from chassis.telemetry.traces import describe, fail, is_recorded, passed_on, span, traceparent_of

AT_ONCE = 300
E = TypeVar("E", bound=Event)
AggregateKey = tuple[str, Any]
"""The tenant and the record key of the events that touched an aggregate."""
Touched = Mapping[AggregateKey, Attributes | None]
"""The aggregates to conclude, each with the attributes of the event that touched it first, if one did."""


class Reaction(Protocol):
    """What a service does about the messages of some events."""

    @property
    def events(self) -> Sequence[type[Event]]:
        """The events it consumes."""
        ...

    def bound(self, provision: Provision) -> "Reaction":
        """Return it with what its functions ask for by type; raises NotProvided."""
        ...

    async def apply(self, tx: Tx, messages: Sequence[Message[Any]], beat: Callable[[], None]) -> None:
        """Let these messages of one batch take effect."""
        ...


@dataclass(frozen=True, slots=True)
class SingleReaction:
    """One event at a time."""

    event: type[Event]
    do: Callable[..., Awaitable[None]]

    @property
    def events(self) -> Sequence[type[Event]]:
        """The event it consumes."""
        return (self.event,)

    def bound(self, provision: Provision) -> "SingleReaction":
        """Return it with what `do` asks for beside transaction and event."""
        return SingleReaction(self.event, provision.bind(self.do, given=2))

    async def apply(self, tx: Tx, messages: Sequence[Message[Any]], beat: Callable[[], None]) -> None:
        """Handle each message, in its trace."""
        for message in messages:
            beat()
            with handling(message):
                tx.cause = message.cause
                await self.do(tx, message.event)


@dataclass(frozen=True, slots=True)
class FoldingReaction:
    """All events of a batch at once, in their order, for whole aggregates."""

    do: Callable[..., Awaitable[None]]
    events: Sequence[type[Event]]

    def bound(self, provision: Provision) -> "FoldingReaction":
        """Return it with what `do` asks for beside transaction and messages."""
        return FoldingReaction(provision.bind(self.do, given=2), self.events)

    async def apply(self, tx: Tx, messages: Sequence[Message[Any]], beat: Callable[[], None]) -> None:
        """Handle the messages together."""
        beat()
        with handling(*messages):
            await self.do(tx, messages)


@dataclass(frozen=True, slots=True)
class RecordingReaction:
    """Facts are recorded type by type; then what follows from them is concluded once for each aggregate."""

    recorders: Sequence[SingleReaction]
    conclude: Callable[..., Awaitable[None]]

    @property
    def events(self) -> Sequence[type[Event]]:
        """The events it consumes."""
        return [recorder.event for recorder in self.recorders]

    def bound(self, provision: Provision) -> "RecordingReaction":
        """Return it with what its functions ask for beside transaction and messages or aggregates."""
        recorders = [recorder.bound(provision) for recorder in self.recorders]
        return RecordingReaction(recorders, provision.bind(self.conclude, given=2))

    async def apply(self, tx: Tx, messages: Sequence[Message[Any]], beat: Callable[[], None]) -> None:
        """Record the messages of each event by one call, then conclude."""
        touched: dict[AggregateKey, Attributes | None] = {}
        with handling(*messages):
            for message in messages:
                event = message.event
                touched.setdefault((event.tenant, getattr(event, event.DECLARED.key)), message.cause)
            for recorder in self.recorders:
                beat()
                if recorded := [message for message in messages if type(message.event) is recorder.event]:
                    await recorder.do(tx, recorded)
            await self.conclude(tx, touched)


class Reactions:
    """All reactions of a service; each event has one. `at_once`: how many records are handled together at most."""

    def __init__(self, *reactions: Reaction, at_once: int = AT_ONCE) -> None:
        self._all, self.at_once = reactions, at_once
        self._of: dict[type[Event], Reaction] = {}
        for reaction in reactions:
            for event in reaction.events:
                if event in self._of:
                    raise TypeError(f"there are two reactions to {event.__name__}")
                self._of[event] = reaction

    def __bool__(self) -> bool:
        return bool(self._of)

    @property
    def topics(self) -> list[str]:
        """The topics that the service consumes."""
        return [event.DECLARED.topic for event in self._of]

    def bound(self, provision: Provision) -> "Reactions":
        """Return the reactions with what their functions ask for by type; raises NotProvided."""
        return Reactions(*(reaction.bound(provision) for reaction in self._all), at_once=self.at_once)

    def of(self, messages: Sequence[Message[Event]]) -> Iterator[tuple[Reaction, list[Message[Event]]]]:
        """Give each reaction its messages, in their order; those nobody reacts to are left out."""
        shares: dict[int, tuple[Reaction, list[Message[Event]]]] = {}
        for message in messages:
            if (reaction := self._of.get(type(message.event))) is not None:
                shares.setdefault(id(reaction), (reaction, []))[1].append(message)
        yield from shares.values()


@contextmanager
def handling(*messages: Message[Any]) -> Generator[None]:
    """Record the handling of these messages, each as a span of its own trace.

    Where several are handled together none is blamed for what fails: each is then handled by itself.
    """
    with ExitStack() as spans:
        for message in messages:
            # what is published belongs to the trace of the last of them, if nothing says otherwise
            if message is not messages[-1] and not is_recorded(parent := message.attributes.traceparent):
                message.handled_in = passed_on(parent)
                continue
            opened = spans.enter_context(_opened(message, blamed=len(messages) == 1))
            if opened.is_recording():
                describe(opened, _about(message, len(messages)))
            message.handled_in = traceparent_of(opened)
        yield


def mark_refused(message: Message[Any]) -> None:
    """Record that a message breaks the contract, as a failed span of its trace."""
    if message.parsed is not None and message.fault is not None:
        with _opened(message, blamed=True) as opened:
            if opened.is_recording():
                describe(opened, _about(message, 1))
                fail(opened, class_of(message.fault))


def _opened(message: Message[Any], *, blamed: bool) -> AbstractContextManager[Span]:
    # an empty traceparent begins a trace: one event's trace must not go on in that of the event before it
    parent = message.attributes.traceparent or ""
    return span(f"process {message.topic}", SpanKind.CONSUMER, traceparent=parent, blamed=blamed)


def _about(message: Message[Any], together: int) -> dict[str, Any]:
    record = message.record
    prefix = record.topic.removesuffix(message.topic)
    batch = {"messaging.batch.message_count": together} if together > 1 else {}
    return batch | {
        "messaging.system": "kafka",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.destination.name": record.topic,
        "messaging.destination.partition.id": str(record.partition),
        "messaging.consumer.group.name": f"{prefix}{current_service.get()}",
        "messaging.kafka.offset": record.offset,
        "messaging.message.id": str(message.attributes.id),
        "cloudevents.event_id": str(message.attributes.id),
        "cloudevents.event_source": message.attributes.source,
        "cloudevents.event_type": message.attributes.type,
    }


def on(event: type[E], do: Callable[..., Awaitable[None]]) -> SingleReaction:
    """When this event is consumed, do that:  `async def do(tx: Tx, event: E, ...) -> None`."""
    return SingleReaction(event, do)


def record(*recorders: SingleReaction, conclude: Callable[..., Awaitable[None]]) -> RecordingReaction:
    """Record events as facts, then conclude what follows.

    `record(on(OrderPaid, record_payments), ..., conclude=conclude)` with
    `async def record_payments(tx: Tx, messages: Sequence[Message[OrderPaid]], ...) -> None` and
    `async def conclude(tx: Tx, touched: Touched, ...) -> None`.
    """
    return RecordingReaction(recorders, conclude)


def fold(do: Callable[..., Awaitable[None]], *events: type[Event]) -> FoldingReaction:
    """Let complete aggregates follow these events:  `async def do(tx: Tx, messages: Sequence[Message[Event]], ...)`."""
    return FoldingReaction(do, events)
