import asyncio
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from chassis.db import Tx
from chassis.jobs import Jobs, minute, outbound, sweep

from probe import script

TAKE_TURN = """
insert into turns (began, ended)
values (clock_timestamp(), null)
returning id
"""
END_TURN = """
update turns
set ended = clock_timestamp()
where id = $1
"""
CLAIM = """
update wishes
set leased_until = clock_timestamp() + interval '700 milliseconds', tries = tries + 1
where id in (
  select id
  from wishes
  where done is null
    and (leased_until is null or leased_until < clock_timestamp())
  order by id
  limit $1
  for update skip locked
)
returning id, traceparent
"""
SETTLE = """
update wishes
set done = $2
where id = $1
"""


@dataclass(frozen=True, slots=True)
class Wish:
    id: UUID
    traceparent: str | None


async def look(tx: Tx) -> bool:
    turn = await tx.value(TAKE_TURN)
    await asyncio.sleep(0.02)
    await tx.execute(END_TURN, turn)
    return False


async def nothing(_: Tx) -> None:
    pass


async def claim(tx: Tx, at_most: int) -> list[Wish]:
    return [Wish(row["id"], row["traceparent"]) for row in await tx.fetch(CLAIM, at_most)]


async def act(wish: Wish) -> str:
    await script.play(wish.id)
    return f"answer to {wish.id}"


async def settle(tx: Tx, wish: Wish, answer: str) -> None:
    await script.play(UUID(int=wish.id.int + 1), tx)
    await tx.execute(SETTLE, wish.id, answer)


def jobs(look_every: timedelta) -> Jobs:
    return [
        sweep("look around", every=look_every, do=look),
        outbound("post letters", claim=claim, act=act, settle=settle, every=timedelta(milliseconds=300)),
        sweep("never by itself", every=60 * minute, do=nothing),
    ]
