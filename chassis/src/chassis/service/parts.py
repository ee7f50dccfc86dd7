"""The parts of a running service: each lasts until it is told to stop."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from chassis.db.failure import is_end

log = structlog.get_logger(__name__)

DRAIN_SECONDS = 10.0
Part = Callable[[asyncio.Event], Coroutine[Any, Any, None]]  # runs until told to stop


async def lasting(name: str, part: Part, stopping: asyncio.Event) -> None:
    """Run a part; where something it awaited was cancelled by somebody else, it begins anew."""
    while True:
        try:
            return await part(stopping)
        except asyncio.CancelledError as error:
            if is_end(error):
                raise
            log.exception("a part of the backbone begins anew", part=name)
            await asyncio.sleep(1)


async def end(tasks: list[asyncio.Task[Any]], seconds: float = DRAIN_SECONDS) -> None:
    """Wait for tasks to end, and cancel those that take longer."""
    _, late = await asyncio.wait(tasks, timeout=seconds)
    for task in late:
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks, return_exceptions=True)
