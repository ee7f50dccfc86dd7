"""What a test wants to happen when the probe next handles an id: an exception is raised, or a step is taken."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from chassis.db import Tx

Step = Exception | Callable[[Tx | None], Awaitable[None]]
planned: dict[UUID, list[Step]] = {}
always: dict[UUID, Step] = {}
played: list[UUID] = []


async def play(id_: UUID, tx: Tx | None = None) -> None:
    """Do what is planned for this id."""
    played.append(id_)
    step = planned[id_].pop(0) if planned.get(id_) else always.get(id_)
    if isinstance(step, Exception):
        raise step
    if step is not None:
        await step(tx)
