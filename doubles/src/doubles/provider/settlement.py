"""What comes later by itself: debits and refunds end, sessions expire."""

import asyncio
import logging
import time

from . import checkout, refund
from . import session as sessions
from .provider import Provider
from .shapes import Json, now

KIND = "_settlement"
LOG = logging.getLogger("provider")


def settle(provider: Provider, key: str, outcome: str | None = None) -> Json:
    """Ends what is under way, as foreseen or as told."""
    entry = provider.need(KIND, key, "payment or refund under way", param="id")
    provider.state.forget(KIND, key)
    thing = provider.need(entry["kind"], key, entry["kind"])
    end = outcome or entry["outcome"]
    if entry["kind"] == refund.KIND:
        refund.settle(provider, thing, end)
    else:
        checkout.settle(provider, thing, end)
    return thing


async def keep_settling(provider: Provider) -> None:
    """Looks about twice a second for what is due."""
    while True:
        await asyncio.sleep(0.25)
        try:
            sweep(provider)
        except Exception:
            LOG.exception("a sweep failed")


def sweep(provider: Provider) -> None:
    """Ends what is due and closes sessions nobody paid in time."""
    after = provider.switches.now.settle_after
    if after is not None:
        for entry in provider.state.all(KIND):
            if time.time() >= entry["since"] + after:
                settle(provider, entry["id"])
    for session in provider.state.all(sessions.KIND):
        if session["status"] == "open" and session["expires_at"] <= now():
            sessions.expire(provider, session)
