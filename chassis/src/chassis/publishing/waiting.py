"""Waiting for one of several things."""

import asyncio


async def first_of(*events: asyncio.Event, seconds: float | None = None) -> None:
    """Wait for one of these."""
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
