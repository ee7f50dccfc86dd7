"""What the probe does by the clock."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from chassis.db import Tx
from chassis.exporting import answer_exports
from chassis.jobs import Trigger, minute, outbound, second, sweep

from probe import script, shares
from probe.domain import Pace

WOKEN = Trigger("never by itself")

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


async def look(tx: Tx, pace: Pace) -> bool:
    """Record when a turn began and ended."""
    turn = await tx.value(TAKE_TURN)
    await asyncio.sleep(0.02)
    await tx.execute(END_TURN, turn)
    return pace.restless


async def nothing(_: Tx) -> None:
    """Do nothing; the test sees that it ran."""


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do outside."""

    id: UUID
    traceparent: str | None


CLAIM = """
update tasks
set leased_until = clock_timestamp() + interval '700 milliseconds', tries = tries + 1
where id in (
  select id
  from tasks
  where done is null
    and (leased_until is null or leased_until < clock_timestamp())
  order by id
  limit $1
  for update skip locked
)
returning id, traceparent
"""


async def claim(tx: Tx, limit: int) -> list[Task]:
    """Lease tasks for 0.7 seconds."""
    return [Task(row["id"], row["traceparent"]) for row in await tx.fetch(CLAIM, limit)]


async def act(task: Task) -> str:
    """Answer as the test's script says."""
    await script.play(task.id)
    return f"answer to {task.id}"


SETTLE = """
update tasks
set done = $2
where id = $1
"""


async def settle(tx: Tx, task: Task, answer: str) -> None:
    """Record the answer; the script plays the id that follows the task's."""
    await script.play(UUID(int=task.id.int + 1), tx)
    await tx.execute(SETTLE, task.id, answer)


JOBS = [
    sweep("look around", every=second, do=look),
    outbound("post letters", claim=claim, act=act, settle=settle, every=timedelta(milliseconds=300)),
    sweep(WOKEN, every=60 * minute, do=nothing),
    answer_exports(shares.of_person, purposes=("export", "export more")),
]
