"""What Kafka is still to be given: who may read which topics, by which password."""

from collections.abc import Sequence

from asyncpg import Record
from chassis.db import Tx

CLAIM = """
with due as (
  select id
  from partners
  where wanted > 0
    and claimed_until < clock_timestamp()
  order by claimed_until
  limit $1
  for update skip locked
)
update partners p
set wanted = case when p.running then 2 else p.wanted end,
    running = true,
    claim = p.claim + 1,
    claimed_until = clock_timestamp() + make_interval(secs => $2)
from due
where p.id = due.id
returning p.id, p.state, p.version, p.claim, p.secret
"""


async def claim(tx: Tx, limit: int, seconds: float) -> Sequence[Record]:
    """Claim partners of whom Kafka does not know the latest, for so many seconds of real time.

    Where whoever had the claim before was not seen to end, it is to be given twice.
    """
    return await tx.fetch(CLAIM, limit, seconds)


SETTLE = """
update partners
set applied = $2,
    wanted = case when version = $2 then greatest(wanted - 1, 0) else greatest(wanted - 1, 1) end,
    running = false,
    claimed_until = case when version = $2 then clock_timestamp() + make_interval(secs => $4) else '-infinity' end,
    failures = 0,
    failure = null,
    secret = case when version = $2 and wanted <= 1 then null else secret end
where id = $1
  and claim = $3
"""


async def settle(tx: Tx, id_: str, version: int, claim_: int, again_after: float) -> bool:
    """Record what Kafka has been given of a partner; false where the claim is another's by now.

    The password is forgotten unless there is a newer one, or it is to be given again.
    """
    return await tx.execute(SETTLE, id_, version, claim_, again_after) == 1


PUT_ASIDE = """
update partners
set wanted = 2,
    running = false,
    claimed_until = case when version = $5
                         then clock_timestamp() + make_interval(secs => least(2.0 ^ least(failures, 20), $4))
                         else '-infinity' end,
    failures = failures + 1,
    failure = $3
where id = $1
  and claim = $2
"""


async def put_aside(tx: Tx, id_: str, version: int, claim_: int, reason: str, most_seconds: float) -> bool:
    """Let a partner of whom Kafka could not be given the latest wait, twice as long each time, with the reason.

    What is newer does not wait. False where the claim is another's by now.
    """
    return await tx.execute(PUT_ASIDE, id_, claim_, reason, most_seconds, version) == 1


REPEAT = """
update partners
set wanted = greatest(wanted, case when running then 2 else 1 end)
where id = $1
"""


async def repeat(tx: Tx, id_: str) -> None:
    """Have Kafka given the latest of a partner once more, for somebody who was overtaken did something of old."""
    await tx.execute(REPEAT, id_)


APPLIED = """
select applied = version as applied, failure
from partners
where id = $1
"""


async def applied(tx: Tx, id_: str) -> tuple[bool, str | None]:
    """Return whether Kafka knows the latest of a partner, and why it could not be given it, if it could not."""
    row = await tx.row(APPLIED, id_)
    return (True, None) if row is None else (bool(row["applied"]), row["failure"])


FAULTS = """
select id, coalesce(failure, replay_failure) as reason, greatest(failures, replay_failures) as times
from partners
where failures > 0
   or replay_failures > 0
"""


async def faults(tx: Tx) -> dict[str, tuple[str, int]]:
    """Return what could not be done for partners, and how often it was tried since it last could."""
    return {row["id"]: (row["reason"], row["times"]) for row in await tx.fetch(FAULTS)}


EXCHANGE = """
update partners
set version = version + 1,
    wanted = greatest(wanted, 1),
    claimed_until = case when running then claimed_until else '-infinity' end,
    secret = $2
where id = $1
"""


async def exchange(tx: Tx, id_: str, secret: bytes) -> None:
    """Have Kafka given another password of a partner."""
    await tx.execute(EXCHANGE, id_, secret)
