"""Places in lists, as the opaque cursors that clients send back."""

from datetime import datetime
from uuid import UUID

from chassis.web import Problem

HIGHEST = 2**63 - 1


def number(cursor: str | None) -> int | None:
    """The number of a cursor."""
    if cursor is None:
        return None
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 19 or int(cursor) > HIGHEST:
        raise _bad()
    return int(cursor)


def identity(cursor: str | None) -> UUID | None:
    """The id of a cursor."""
    try:
        return None if cursor is None else UUID(cursor)
    except ValueError:
        raise _bad() from None


def moment(cursor: str | None) -> tuple[datetime, UUID] | None:
    """The moment and id of a cursor."""
    if cursor is None:
        return None
    at, _, what = cursor.partition("_")
    try:
        return datetime.fromtimestamp(float(at)).astimezone(), UUID(what)
    except (ValueError, OverflowError, OSError):
        raise _bad() from None


def moment_cursor(at: datetime, what: UUID) -> str:
    """A moment and id as text."""
    return f"{at.timestamp():.6f}_{what}"


def _bad() -> Problem:
    return Problem(400, "bad-cursor", "Take the cursor from the list's `next`.")
