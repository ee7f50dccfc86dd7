"""Lists, a page at a time, with opaque cursors."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar, cast

import orjson
from contracts.bounds import YEARS
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from chassis.web.problems import Problem
from chassis.web.written import AS_WRITTEN

T = TypeVar("T")
R = TypeVar("R")
V = TypeVar("V")


class Page(BaseModel):
    """Which part of a list: at most `limit` entries after `cursor`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cursor: str | None = Field(default=None, max_length=200)
    limit: Annotated[int, AS_WRITTEN] = Field(default=50, ge=1, le=500)

    def after(self, position: type[T]) -> T | None:
        """Return the position behind which the page begins, such as `tuple[datetime, UUID]`; None at the start.

        Raises Problem 400 `bad-cursor`.
        """
        if self.cursor is None:
            return None
        try:
            text = base64.urlsafe_b64decode(self.cursor + "=" * (-len(self.cursor) % 4))
            found = TypeAdapter(position).validate_json(text)
            if not all(map(_fits, cast("tuple[Any, ...]", found))):
                raise ValueError
        except (ValidationError, binascii.Error, ValueError):
            raise Problem(400, "bad-cursor", "Take the cursor from the list's `next`.") from None
        return found


class Listing(BaseModel, Generic[V]):
    """One page of a list; `next` is the cursor of the following page, None at the end."""

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)

    items: list[V]
    next: str | None = None


def listing(
    rows: Sequence[R], page: Page, position: Callable[[R], tuple[Any, ...]], view: Callable[[R], V]
) -> "Listing[V]":
    """Return the page of these rows, of which the store was asked for `page.limit + 1`."""
    shown = rows[: page.limit]
    following = cursor(*position(shown[-1])) if len(rows) > page.limit else None
    return Listing[V](items=[view(row) for row in shown], next=following)


def _fits(part: Any) -> bool:
    """Return whether a table can hold a part of a position that the client may have made up: times of our years."""
    return not isinstance(part, datetime) or (part.tzinfo is not None and part.year in YEARS)


def cursor(*position: Any) -> str:
    """Return a position as an opaque text that is safe in addresses."""
    return base64.urlsafe_b64encode(orjson.dumps(position, default=str)).rstrip(b"=").decode()
