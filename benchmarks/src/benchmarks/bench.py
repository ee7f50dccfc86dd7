"""What one benchmark is."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from benchmarks.home import Home
from benchmarks.rounds import Metric, Sides


@dataclass(frozen=True, slots=True)
class Bench:
    """A named comparison: `open` prepares both sides on a home (less work where the second argument is true)."""

    name: str
    question: str
    metrics: tuple[Metric, ...]
    open: Callable[[Home, bool], AbstractAsyncContextManager[Sides]]
