"""Answers that stay open: so many for each customer at a time, and none whose browser has left."""

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web
from chassis.web import Problem

MOST_EACH: Final = 8


@dataclass(slots=True)
class Streams:
    """How many answers each customer holds open in this process."""

    held: Counter[str] = field(default_factory=Counter[str])

    @contextmanager
    def hold(self, subject: str) -> Generator[None]:
        """Hold one more open; raises Problem 429 where a customer has as many as they may."""
        if self.held[subject] >= MOST_EACH:
            after = {"Retry-After": "60"}
            raise Problem(429, "too-many-requests", "Too many pages are open; close some of them.", after)
        self.held[subject] += 1
        try:
            yield
        finally:
            self.held[subject] -= 1
            if not self.held[subject]:
                del self.held[subject]


def has_left(request: web.Request) -> bool:
    """Return whether nobody reads the answer any more; aiohttp lets a handler go on that writes nothing."""
    return request.transport is None or request.transport.is_closing()
