"""Lists, a page at a time, with opaque cursors."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from chassis.web.problems import Problem

T = TypeVar("T")
R = TypeVar("R")
V = TypeVar("V")


class Page(BaseModel):
    """Which part of a list: at most `limit` entries after `cursor`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    cursor: str | None = Field(default=None, max_length=200)
    limit: int = Field(default=50, ge=1, le=500)

    def after(self, position: type[T]) -> T | None:
        """Return the position behind which the page begins, such as `tuple[datetime, UUID]`; None at the start.

        Raises Problem 400 `bad-cursor`.
        """
        if self.cursor is None:
            return None
        try:
            text = base64.urlsafe_b64decode(self.cursor + "=" * (-len(self.cursor) % 4))
            return TypeAdapter(position).validate_json(text)
        except (ValidationError, binascii.Error, ValueError):
            raise Problem(400, "bad-cursor", "Take the cursor from the list's `next`.") from None


class Listing(BaseModel, Generic[V]):
    """One page of a list; `next` is the cursor of the following page, None at the end."""

    model_config = ConfigDict(frozen=True)

    items: list[V]
    next: str | None = None


def listing(
    rows: Sequence[R], page: Page, position: Callable[[R], tuple[Any, ...]], view: Callable[[R], V]
) -> "Listing[V]":
    """Return the page of these rows, of which the store was asked for `page.limit + 1`."""
    shown = rows[: page.limit]
    following = cursor(*position(shown[-1])) if len(rows) > page.limit else None
    return Listing[V](items=[view(row) for row in shown], next=following)


def cursor(*position: Any) -> str:
    """Return a position as an opaque text that is safe in addresses."""
    return base64.urlsafe_b64encode(orjson.dumps(position, default=str)).rstrip(b"=").decode()
