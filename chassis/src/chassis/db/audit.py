"""The audit log: a row for each act of staff and operators and each reading of sealed records, in one chain of hashes.

A row is written by the transaction of its act, as the last thing before the commit (ADR 15).
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import orjson
from contracts.event import Sealed

from chassis.db.connections import Connection
from chassis.identity.acting import Act
from chassis.telemetry.masking import mask_field
from chassis.telemetry.traces import current_traceparent

Facts = Mapping[str, Any]
FIRST: Final = bytes(32)
SEALED: Final = "sealed"


@dataclass(frozen=True, slots=True)
class Entry:
    """What an act does to one object: what was so before, and what is so after it; or what it is read for."""

    kind: str
    object_id: str
    before: Facts | None = None
    after: Facts | None = None
    purpose: str = ""
    opens: str = ""
    tenant: str | None = None


@dataclass(frozen=True, slots=True)
class AuditRow:
    """A row of the audit log; `before` and `after` are JSON, with sealed boxes where they are personal."""

    number: int
    tenant: str
    at: datetime
    actor: str
    permission: str
    operation: str
    kind: str
    object_id: str
    purpose: str
    before: str
    after: str
    request_id: UUID
    traceparent: str
    previous: bytes

    @property
    def hash(self) -> bytes:
        """The SHA-256 of this row, the hash of the row before it included."""
        fields = [getattr(self, name) for name in COLUMNS[:-1]]
        fields[2] = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        return hashlib.sha256(self.previous + orjson.dumps(fields, default=str)).digest()


COLUMNS: Final = tuple(AuditRow.__dataclass_fields__)

# Acts of a service get their numbers one after the other: in the order in which they commit, without a gap. What
# PostgreSQL has counted on this connection is put away with the commit, and is not taken for the next act's (CHANGED).
LOCK = """
select pg_advisory_xact_lock(hashtextextended('audit', 0)), pg_stat_force_next_flush()
"""

HEAD = """
select number, hash
from chassis.audit
order by number desc
limit 1
"""

# locks assign an id, too: what was only read has none
WROTE = """
select pg_current_xact_id_if_assigned() is not null
"""

# An act that locks what it compares, and finds nothing to change, has an id and no changed row. PostgreSQL counts them
# where it counts at all, those of savepoints that were rolled back included; that a request was answered is no change.
CHANGED = """
select current_setting('track_counts') <> 'on'
  or coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) > 0
from pg_stat_xact_all_tables
where (schemaname, relname) <> ('chassis', 'idempotency')
"""
UNCHANGED: Final = {"unchanged": True}

ADD = """
insert into chassis.audit
  (number, tenant, at, actor, permission, operation, kind, object_id, purpose, before, after, request_id, traceparent,
   previous, hash)
select number, tenant, $10, $11, $12, $13, kind, object_id, purpose, before::json, after::json, $14, $15,
       previous, hash
from unnest(
  $1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bytea[], $9::bytea[]
) as row (number, tenant, kind, object_id, purpose, before, after, previous, hash)
"""


async def record(connection: Connection, act: Act, entries: Sequence[Entry], now: datetime) -> bool:
    """Add the rows of an act, and return whether there are any.

    One that wrote something and does not say what has a row all the same, about what its address names; it says so
    where nothing was changed.
    """
    if not entries:
        if not await connection.fetchval(WROTE):
            return False
        changed: bool = await connection.fetchval(CHANGED)
        entries = [Entry(act.kind, act.object_id, after=None if changed else UNCHANGED)]
    await connection.execute(LOCK)
    head = await connection.fetchrow(HEAD)
    number, previous = head or (0, FIRST)
    common = (now, act.actor, act.permission, act.operation)
    traceparent = current_traceparent() or ""
    added: list[tuple[Any, ...]] = []
    for entry in entries:
        number += 1
        tenant = act.tenant if entry.tenant is None else entry.tenant
        about = (entry.kind, entry.object_id, entry.purpose, as_json(entry.before), as_json(entry.after))
        row = AuditRow(number, tenant, *common, *about, act.id, traceparent, previous)
        previous, before = row.hash, previous
        added.append((number, tenant, *about, before, previous))
    await connection.execute(ADD, *map(list, zip(*added, strict=True)), *common, act.id, traceparent)
    return True


def as_json(facts: Facts | None) -> str:
    """Return what is kept of facts: boxes as they are, all else masked as in a log line."""
    kept = {
        name: {SEALED: str(fact)} if isinstance(fact, Sealed) else mask_field(name, fact)
        for name, fact in (facts or {}).items()
    }
    return orjson.dumps(kept, option=orjson.OPT_SORT_KEYS).decode()


def readings(kind: str, object_ids: Iterable[object], purpose: str, why: str, of: Facts | None = None) -> list[Entry]:
    """Return the entries of a reading, one for each object."""
    stated = f"{purpose}: {why}" if why else purpose
    return [Entry(kind, str(object_id), after=of, purpose=stated, opens=purpose) for object_id in object_ids]
