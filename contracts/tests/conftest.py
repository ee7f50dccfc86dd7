"""What the tests of the contracts share: events declared for one test only."""

import types
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, ClassVar
from unittest.mock import patch

import pytest
from contracts.event import Event, days

A_MONTH = days(30)
Declare = Callable[..., type[Event]]


@pytest.fixture
def declare() -> Iterator[Declare]:
    """Declares an event `Sold` out of fields (an annotation, or annotation and default); forgotten after the test."""

    def declared(
        fields: dict[str, Any],
        *,
        example: dict[str, Any] | None = None,
        name: str = "Sold",
        key: str = "sale",
        subject: str = "",
        retention: timedelta | None = A_MONTH,
        version: int = 1,
        words: str = "Something is sold.",
        module: str = "contracts.shop",
    ) -> type[Event]:
        pairs: dict[str, tuple[Any, ...]] = {
            field: what if isinstance(what, tuple) else (what,) for field, what in fields.items()
        }
        body: dict[str, Any] = {
            "__module__": module,
            "__doc__": words,
            "__annotations__": {field: pair[0] for field, pair in pairs.items()} | {"EXAMPLE": ClassVar},
            "EXAMPLE": example or {},
            **{field: pair[1] for field, pair in pairs.items() if len(pair) > 1},
        }
        line = {"key": key, "subject": subject, "retention": retention, "version": version}
        Event.ALL.pop(name, None)
        return types.new_class(name, (Event,), line, lambda namespace: namespace.update(body))

    with patch.dict(Event.ALL):
        yield declared
