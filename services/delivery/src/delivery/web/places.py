"""A place in a list that is newest first, as an opaque cursor."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

from chassis.web import Page, Problem

T = TypeVar("T")
FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
Place = tuple[datetime, UUID]


def place(page: Page) -> Place | None:
    """The place behind which a page begins."""
    if page.cursor is None:
        return None
    at, _, key = page.cursor.partition("_")
    try:
        return datetime.strptime(at, FORMAT).replace(tzinfo=UTC), UUID(key)
    except ValueError:
        raise Problem(400, "bad-cursor", "Take the cursor from the list's `next`.") from None


def page_of(rows: Sequence[T], page: Page) -> Sequence[T]:
    """What of one row too many belongs to the page."""
    return rows[: page.limit]


def following(rows: Sequence[T], page: Page, last: Place | None) -> str | None:
    """The cursor of the next page, if there is one."""
    return f"{last[0].astimezone(UTC):{FORMAT}}_{last[1]}" if last is not None and len(rows) > page.limit else None
