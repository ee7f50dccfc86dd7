"""The table of which event leads to which use case."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from contracts.event import Event

from chassis.db.database import Tx

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Reaction:
    """What a service does when it hears an event."""

    event: type[Event]
    do: Callable[[Tx, Any], Awaitable[None]]


Reactions = list[Reaction]


def on(event: type[E], do: Callable[[Tx, E], Awaitable[None]]) -> Reaction:
    """When this is heard, do that; it must converge in whatever order and however often events arrive."""
    return Reaction(event, do)
