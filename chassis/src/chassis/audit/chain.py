"""Whether the audit log is as it was written: each row leads to the next, and to the heads that were published."""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import asyncpg
import orjson
import structlog

from chassis.db.audit import COLUMNS, FIRST, HEAD, AuditRow
from chassis.db.transaction import Tx

log = structlog.get_logger("audit")

PUBLISHED = "head of the audit log"
AT_ONCE = 1000


class Source(Protocol):
    """Where rows are read: a transaction, or a connection."""

    async def fetch(self, query: str, /, *args: Any) -> list[asyncpg.Record]:
        """Return all rows."""
        ...


@dataclass(frozen=True, slots=True)
class Head:
    """The last row at some time, and its mark: the first half of its hash, as a UUID, which no log masks."""

    number: int
    mark: UUID


ROWS = f"""
select {", ".join(COLUMNS)}, hash
from chassis.audit
where $1::bigint is null or number > $1
order by number
limit $2
"""  # noqa: S608 -- our own names


async def rows(source: Source, after: int | None = None) -> AsyncIterator[tuple[AuditRow, bytes]]:
    """Yield all rows in their order, each with the hash that is stored for it."""
    while found := await source.fetch(ROWS, after, AT_ONCE):
        for row in found:
            *fields, stored = row
            yield AuditRow(*fields), stored
        after = found[-1]["number"]


async def verify(source: Source, published: Iterable[Head] = ()) -> list[str]:
    """Return what is wrong with the log, by the numbers of rows; nothing where it is as it was written.

    Without the heads that were published, nobody can know whether the end was cut off or all was written anew.
    """
    faults: list[str] = []
    marks: dict[int, set[UUID]] = {}
    for head in published:  # two of one number were published where the log was cut off and went on
        marks.setdefault(head.number, set()).add(head.mark)
    number, previous = 0, FIRST
    async for row, stored in rows(source):
        if row.number < 1:
            faults.append(f"row {row.number} was put in: the first one is row 1")
            continue
        if row.number != number + 1:
            faults.append(_missing(number + 1, row.number - 1))
        elif row.previous != previous:
            faults.append(f"row {row.number} does not follow row {number}: one of them was replaced")
        if row.hash != stored:
            faults.append(f"row {row.number} was changed")
        elif marks.get(row.number, set()) - {mark_of(stored)}:
            faults.append(f"row {row.number} is not the one whose hash was published")
        number, previous = row.number, stored
    if (last := max(marks, default=0)) > number:
        faults.append(f"{_missing(number + 1, last)}: the end was cut off")
    return faults


def mark_of(row_hash: bytes) -> UUID:
    """Return the mark of a row by its hash."""
    return UUID(bytes=row_hash[:16])


async def head_of(source: Source) -> Head | None:
    """Return the last row's number and mark, None where there is no row yet."""
    found = await source.fetch(HEAD)
    return Head(found[0]["number"], mark_of(found[0]["hash"])) if found else None


async def publish_head(tx: Tx) -> None:
    """Publish the head as a log line, which is kept where the database's owner cannot write."""
    if (head := await head_of(tx)) is not None:
        log.info(PUBLISHED, number=head.number, mark=head.mark)


def published_heads(lines: Iterable[bytes], service: str) -> set[Head]:
    """Return the heads that a service has published, out of the lines of a log."""
    found: set[Head] = set()
    for line in lines:
        if PUBLISHED.encode() not in line:
            continue
        try:
            entry: Mapping[str, Any] = orjson.loads(line)
            if entry["body"] == PUBLISHED and entry["service.name"] == service:
                found.add(Head(int(entry["number"]), UUID(entry["mark"])))
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            continue  # another program's line, or one that was cut off
    return found


def _missing(first: int, last: int) -> str:
    return f"row {first} is missing" if first == last else f"rows {first} to {last} are missing"
