"""What runs again and again."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from chassis.config.provision import Provision
from chassis.db.database import Database

second = timedelta(seconds=1)
minute = timedelta(minutes=1)

Fault = Callable[[str], Any]


@dataclass(frozen=True, eq=False, slots=True)
class Trigger:
    """What a use case wakes a job by:  `tx.wake(trigger)`; known by itself, `name` is for logs and metrics."""

    name: str


@dataclass(frozen=True, slots=True)
class Turns:
    """A job as the runner sees it: `turn` does one turn and says whether there is more.

    What a turn leaves unfinished it leaves to the group, which ends with the runner.
    """

    trigger: Trigger
    every: timedelta
    turn: Callable[[Database, Fault, asyncio.TaskGroup], Awaitable[bool]]


class Job(Protocol):
    """A row of a service's table of jobs."""

    def bound(self, provision: Provision) -> Turns:
        """Return its turns, with what its functions ask for by type; raises NotProvided."""
        ...


def trigger_of(name: str | Trigger) -> Trigger:
    """Return the trigger, made of its name for a job that no use case wakes."""
    return Trigger(name) if isinstance(name, str) else name
