"""Which events a service has already heard: each takes effect once."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiokafka import ConsumerRecord
from contracts.event import Event
from contracts.wire import Attributes, ContractViolation, decode

from chassis.db.outbox import Connection
from chassis.telemetry.redaction import cards_in_json, holds_card

ADMIT = """
with heard as (
  insert into chassis.inbox (source, id, payload_hash, expires_at)
  select source, id, payload_hash, expires_at
  from unnest($1::text[], $2::uuid[], $3::bytea[], $4::timestamptz[]) as said (source, id, payload_hash, expires_at)
  order by source, id
  on conflict do nothing
  returning source, id
)
select 'new' as kind, source as a, id as b, null::bytea as c
from heard
union all
select 'held', topic, null, key
from chassis.parked
where state = 'waiting'
  and (topic, key) in (select * from unnest($5::text[], $6::bytea[]))
"""

HELD = """
select distinct topic, key
from chassis.parked
where state = 'waiting'
  and (topic, key) in (select * from unnest($1::text[], $2::bytea[]))
"""

KNOWN = """
select source, id, payload_hash
from chassis.consuming.inbox
where (source, id) in (select * from unnest($1::text[], $2::uuid[]))
"""

SWEEP = """
delete from chassis.inbox
where (source, id) in (
  select source, id
  from chassis.consuming.inbox
  where expires_at < $1
  limit 10000
)
"""

DIFFERS = "this id was heard before with another payload"

Record = ConsumerRecord[bytes | None, bytes | None]


class PayloadDiffers(ContractViolation):
    """An event id was heard before with another payload."""


@dataclass(slots=True)
class Heard:
    """A record from the log, with what could be read of it; `fault` says why the rest could not.

    Its `identity`, source and id, makes the fact unique.
    """

    record: Record
    topic: str
    attributes: Attributes | None = None
    event: Event | None = None
    fault: ContractViolation | None = None
    identity: tuple[str, Any] | None = None
    _hash: bytes = b""

    @property
    def key(self) -> bytes:
        """The record's key; a missing one is a story of its own."""
        return self.record.key or b""

    @property
    def hash(self) -> bytes:
        """A fingerprint of the payload."""
        if not self._hash:
            self._hash = hashlib.blake2b(self.record.value or b"", digest_size=16).digest()
        return self._hash


def read(record: Record, prefix: str) -> Heard:
    """Read a record without ever raising."""
    heard = Heard(record, record.topic.removeprefix(prefix))
    try:
        said = Attributes.parse(record.headers)
        if any(text and holds_card(text) for text in (said.source, said.subject, said.tenant)):
            raise ContractViolation("a header holds a card number")
        heard.attributes, heard.identity = said, (said.source, said.id)
        if heard.attributes.type != heard.topic:
            raise ContractViolation("ce_type is not the name of the topic")
        event = decode(heard.topic, record.value or b"")
        # Whoever wrote it: what follows from events goes into tables and events, and a card number into neither.
        if cards_in_json(record.value or b""):
            raise ContractViolation(f"{heard.topic}: a text holds a card number")
        heard.event = event
    except ContractViolation as fault:
        heard.fault = fault
    return heard


@dataclass(frozen=True, slots=True)
class Admission:
    """Of a chunk: what is new, and which stories wait behind a parked event."""

    new: set[tuple[str, Any]]
    held: set[tuple[str, bytes]]


async def admit(connection: Connection, chunk: Sequence[Heard], now: datetime) -> Admission:
    """Write the ids of a chunk, in one order for all, so that chunks never deadlock; one round trip."""
    known: dict[tuple[str, Any], Heard] = {}
    for heard in chunk:
        if heard.identity is not None:
            known.setdefault(heard.identity, heard)
    rows = await connection.fetch(
        ADMIT,
        [identity[0] for identity in known],
        [identity[1] for identity in known],
        [heard.hash for heard in known.values()],
        [_expiry(heard, now) for heard in known.values()],
        [heard.topic for heard in chunk],
        [heard.key for heard in chunk],
    )
    held = {(row["a"], row["c"]) for row in rows if row["kind"] == "held"}
    fresh = [row for row in rows if row["kind"] == "new"]
    new = set(known) if len(fresh) == len(known) else {(row["a"], row["b"]) for row in fresh}
    repeated = [heard for heard in chunk if heard.identity is not None and heard.identity not in new]
    if repeated:
        await _compare(connection, repeated)
        # who had them first may have parked them while we waited for it, unseen by the statement that waited
        rows = await connection.fetch(HELD, [heard.topic for heard in chunk], [heard.key for heard in chunk])
        held = {(row["topic"], row["key"]) for row in rows}
    for heard in chunk:
        first = heard if heard.identity is None else known[heard.identity]
        if first is not heard and heard.identity in new and first.hash != heard.hash:
            heard.fault = PayloadDiffers(DIFFERS)
    return Admission(new, held)


async def _compare(connection: Connection, repeated: Sequence[Heard]) -> None:
    """A repetition with another payload is no repetition: it is refused, and says so."""
    identities = [heard.identity for heard in repeated if heard.identity is not None]
    rows = await connection.fetch(KNOWN, [source for source, _ in identities], [id_ for _, id_ in identities])
    hashes = {(row["source"], row["id"]): row["payload_hash"] for row in rows}
    for heard in repeated:
        if hashes.get(heard.identity or ("", None), heard.hash) != heard.hash:
            heard.fault = PayloadDiffers(DIFFERS)


def _expiry(heard: Heard, now: datetime) -> datetime | None:
    declared = Event.ALL.get(heard.topic)
    retention = timedelta(days=30) if declared is None else declared.DECLARED.retention
    return None if retention is None else now + retention
