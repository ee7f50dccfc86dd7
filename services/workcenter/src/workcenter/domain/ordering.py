"""Rows of a table in the order of a column, and those that contain words."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]


def ordered(rows: Iterable[Row], column: str, *, descending: bool = False) -> list[Row]:
    """Return rows by a column; those that have nothing there come last, whatever the order."""
    found = list(rows)
    having = [row for row in found if row.get(column) not in (None, "")]
    lacking = [row for row in found if row.get(column) in (None, "")]
    return sorted(having, key=lambda row: _key(row[column]), reverse=descending) + lacking


def containing(rows: Iterable[Row], columns: Sequence[str], words: str) -> list[Row]:
    """Return the rows in whose columns each of the words stands, in capitals or not."""
    wanted = words.casefold().split()
    return [row for row in rows if all(word in _text(row, columns) for word in wanted)]


def _key(value: Any) -> tuple[int, float, str]:
    if isinstance(value, bool | int | float):
        return (0, value, "")
    return (1, 0, str(value).casefold())


def _text(row: Row, columns: Sequence[str]) -> str:
    return " ".join(str(row.get(column) or "") for column in columns).casefold()
