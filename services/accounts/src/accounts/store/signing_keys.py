"""The keys that sign tokens, which belong to the installation; their times are real, read from the database."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from chassis.db import Read, Tx

LOCK = """
select pg_advisory_xact_lock(hashtextextended('signing keys', 0))
"""


async def lock(tx: Tx) -> None:
    """Let nobody else make or remove signing keys before the transaction ends."""
    await tx.execute(LOCK)


ADD = """
insert into signing_keys (id, wrapped_key, public_key, signs_from)
values ($1, $2, $3, clock_timestamp() + $4)
"""


async def add(tx: Tx, id_: UUID, wrapped_key: bytes, public_key: bytes, signs_after: timedelta) -> None:
    """Publish a key that signs after so much real time."""
    await tx.execute(ADD, id_, wrapped_key, public_key, signs_after)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The public half of a key that signs, signed or will sign."""

    id: UUID
    public_key: bytes
    created_at: datetime
    signs_from: datetime


PUBLISHED = """
select id, public_key, created_at, signs_from
from signing_keys
order by signs_from, id
"""


async def published(read: Read) -> list[PublicKey]:
    """Return all keys, in the order in which they sign."""
    return [PublicKey(**dict(row)) for row in await read.fetch(PUBLISHED)]


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The key that signs now."""

    id: UUID
    wrapped_key: bytes = field(repr=False)


CURRENT = """
select id, wrapped_key
from signing_keys
where signs_from <= clock_timestamp()
order by signs_from desc, id desc
limit 1
"""


async def current(read: Read) -> SigningKey | None:
    """Return the key that signs now, if there is one."""
    row = await read.row(CURRENT)
    return None if row is None else SigningKey(**dict(row))


REMOVE_OLD = """
delete from signing_keys
where signs_from < (
  select max(signs_from)
  from signing_keys
  where signs_from <= clock_timestamp() - $1::interval
)
"""


async def remove_old(tx: Tx, after: timedelta) -> None:
    """Remove keys whose successor has signed for at least so long."""
    await tx.execute(REMOVE_OLD, after)


REMOVE_ALL = """
delete from signing_keys
"""


async def remove_all(tx: Tx) -> None:
    """Remove every key, so that no token is valid any more."""
    await tx.execute(REMOVE_ALL)
