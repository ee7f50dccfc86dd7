"""Letters that come late: their service stands still while customers pay."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from journeys.torture.alerts.provocation import Provocation
from journeys.torture.alerts.scene import Scene

RATE: Final = 1.0
LATE_SECONDS: Final = 75.0
"""An e-mail is late after a minute."""


@asynccontextmanager
async def letters_frozen(scene: Scene) -> AsyncGenerator[None]:
    """What was paid for a minute is delivered late, which shows when it is delivered: trade goes on meanwhile."""
    async with scene.trade(RATE):
        try:
            await asyncio.to_thread(scene.suite.stack.freeze, "letters")
            await asyncio.sleep(LATE_SECONDS)
        finally:
            scene.mended = time.monotonic()
            await scene.kill("letters")
        yield


PROVOCATIONS: Final = (
    Provocation(
        ("KontorDeliveryLateFast", "KontorDeliveryLateSlowly"),
        f"letters frozen for {LATE_SECONDS:.0f} s while orders are paid",
        letters_frozen,
    ),
)
