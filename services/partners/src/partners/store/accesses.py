"""What Kafka is still to be given: who may read which topics, by which password."""

from collections.abc import Sequence

from asyncpg import Record
from chassis.db import Tx

CLAIM = """
with due as (
  select id
  from partners
  where applied < version
    and claimed_until < clock_timestamp()
  order by claimed_until
  limit $1
  for update skip locked
)
update partners p
set claimed_until = clock_timestamp() + interval '20 seconds'
from due
where p.id = due.id
returning p.id, p.state, p.version, p.secret
"""


async def claim(tx: Tx, limit: int) -> Sequence[Record]:
    """Claim partners of whom Kafka does not know the latest, for 20 seconds of real time."""
    return await tx.fetch(CLAIM, limit)


SETTLE = """
update partners
set applied = $2, claimed_until = '-infinity', secret = case when version = $2 then null else secret end
where id = $1
"""


async def settle(tx: Tx, id_: str, version: int) -> None:
    """Record what Kafka has been given of a partner, and forget the password unless there is a newer one."""
    await tx.execute(SETTLE, id_, version)


APPLIED = """
select coalesce(bool_and(applied = version), true)
from partners
where id = $1
"""


async def applied(tx: Tx, id_: str) -> bool:
    """Return whether Kafka knows the latest of a partner."""
    return bool(await tx.value(APPLIED, id_))


EXCHANGE = """
update partners
set version = version + 1, secret = $2
where id = $1
"""


async def exchange(tx: Tx, id_: str, secret: bytes) -> None:
    """Have Kafka given another password of a partner."""
    await tx.execute(EXCHANGE, id_, secret)
