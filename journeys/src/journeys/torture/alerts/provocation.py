"""A provocation: which alerts a real fault lets fire, and how it is mended."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from journeys.torture.alerts.scene import Scene

Stage = Callable[[Scene], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True)
class Provocation:
    """The alerts must fire in the block of the stage, and end when it has ended: on leaving, the fault is mended.

    `jobs` are the services that they name, where they name any.
    """

    alerts: tuple[str, ...]
    fault: str
    stage: Stage
    job: str | None = None
