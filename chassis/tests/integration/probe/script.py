"""What a test wants to happen when the probe next meets an id: an exception raised, or a step taken."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from chassis.db import Tx

Step = Exception | Callable[[Tx | None], Awaitable[None]]
planned: dict[UUID, list[Step]] = {}
always: dict[UUID, Step] = {}
met: list[UUID] = []


async def play(id_: UUID, tx: Tx | None = None) -> None:
    met.append(id_)
    step = planned[id_].pop(0) if planned.get(id_) else always.get(id_)
    if isinstance(step, Exception):
        raise step
    if step is not None:
        await step(tx)
