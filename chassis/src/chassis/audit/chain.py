"""Whether the audit log is as it was written: each row leads to the next, and to the heads that were published."""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
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


HASH = """
select hash
from chassis.audit
where number = $1
"""


async def rows(source: Source, after: int | None = None) -> AsyncIterator[tuple[AuditRow, bytes]]:
    """Yield all rows in their order, each with the hash that is stored for it."""
    while found := await source.fetch(ROWS, after, AT_ONCE):
        for row in found:
            *fields, stored = row
            yield AuditRow(*fields), stored
        after = found[-1]["number"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row, and what kind of wrong that is."""

    number: int
    kind: Literal["put-in", "missing", "replaced", "changed", "unpublished"]
    text: str


@dataclass(slots=True)
class Walk:
    """A walk along the chain, from behind a row with its hash: each row leads to the next."""

    number: int = 0
    previous: bytes = FIRST
    marks: Mapping[int, set[UUID]] = field(default_factory=dict[int, set[UUID]])
    faults: list[Fault] = field(default_factory=list[Fault])

    def step(self, row: AuditRow, stored: bytes) -> None:
        """Go on to the next row, which has this hash stored."""
        number = self.number
        if row.number < 1:
            self.faults.append(Fault(row.number, "put-in", f"row {row.number} was put in: the first one is row 1"))
            return
        if row.number != number + 1:
            self.faults.append(Fault(number + 1, "missing", _missing(number + 1, row.number - 1)))
        elif row.previous != self.previous:
            text = f"row {row.number} does not follow row {number}: one of them was replaced"
            self.faults.append(Fault(row.number, "replaced", text))
        if row.hash != stored:
            self.faults.append(Fault(row.number, "changed", f"row {row.number} was changed"))
        elif self.marks.get(row.number, set()) - {mark_of(stored)}:
            text = f"row {row.number} is not the one whose hash was published"
            self.faults.append(Fault(row.number, "unpublished", text))
        self.number, self.previous = row.number, stored


async def verify(source: Source, published: Iterable[Head] = ()) -> list[str]:
    """Return what is wrong with the log, by the numbers of rows; nothing where it is as it was written.

    Without the heads that were published, nobody can know whether the end was cut off or all was written anew.
    """
    marks: dict[int, set[UUID]] = {}
    for head in published:  # two of one number were published where the log was cut off and went on
        marks.setdefault(head.number, set()).add(head.mark)
    walk = Walk(marks=marks)
    async for row, stored in rows(source):
        walk.step(row, stored)
    faults = [fault.text for fault in walk.faults]
    if (last := max(marks, default=0)) > walk.number:
        faults.append(f"{_missing(walk.number + 1, last)}: the end was cut off")
    return faults


async def verify_part(source: Source, after: int, limit: int) -> Walk:
    """Walk along so many rows behind a row, or behind the beginning, and return where that has led."""
    walk = Walk()
    if after:
        before = await source.fetch(HASH, after)
        walk.number = after
        if before:
            walk.previous = before[0]["hash"]
        else:
            walk.faults.append(Fault(after, "missing", _missing(after, after)))
    for found in await source.fetch(ROWS, after or None, limit):
        *fields, stored = found
        walk.step(AuditRow(*fields), stored)
    return walk


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
