"""The keys that sign tokens; they are the house's, not a tenant's. Their times are real, read from the database."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from chassis.db import Tx

TURN = """
select pg_advisory_xact_lock(hashtextextended('signing keys', 0))
"""

ADD = """
insert into signing_keys (kid, wrapped, public, signs_from)
values ($1, $2, $3, clock_timestamp() + $4)
"""

ALL = """
select kid, public, made_at, signs_from
from signing_keys
order by signs_from, kid
"""

SIGNER = """
select kid, wrapped
from signing_keys
where signs_from <= clock_timestamp()
order by signs_from desc, kid desc
limit 1
"""

REMOVE_OLD = """
delete from signing_keys
where signs_from < (
  select max(signs_from)
  from signing_keys
  where signs_from <= clock_timestamp() - $1::interval
)
"""

REMOVE_ALL = """
delete from signing_keys
"""


@dataclass(frozen=True, slots=True)
class Published:
    """The public half of a key that signs, signed or will sign."""

    kid: UUID
    public: bytes
    made_at: datetime
    signs_from: datetime


@dataclass(frozen=True, slots=True)
class Signer:
    """The key that signs now."""

    kid: UUID
    wrapped: bytes = field(repr=False)


async def turn(tx: Tx) -> None:
    """Wait until nobody else makes or removes signing keys."""
    await tx.execute(TURN)


async def add(tx: Tx, kid: UUID, wrapped: bytes, public: bytes, signs_after: timedelta) -> None:
    """Publish a key that signs after so much real time."""
    await tx.execute(ADD, kid, wrapped, public, signs_after)


async def published(tx: Tx) -> list[Published]:
    """All keys, in the order in which they sign."""
    return [Published(**dict(row)) for row in await tx.fetch(ALL)]


async def signer(tx: Tx) -> Signer | None:
    """The key that signs now."""
    row = await tx.row(SIGNER)
    return None if row is None else Signer(**dict(row))


async def remove_old(tx: Tx, after: timedelta) -> None:
    """Remove keys whose successor has signed for at least so long."""
    await tx.execute(REMOVE_OLD, after)


async def remove_all(tx: Tx) -> None:
    """Remove every key: no token holds any more."""
    await tx.execute(REMOVE_ALL)
