"""What is going on, as server-sent events (HTML, 9.2): the same piece of page each time that it has changed."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web
from chassis.web import Problem
from pages.streams import has_left

from storefront.web.front import Call, Front

EVENTS: Final = "text/event-stream"
# how often is asked whether the session goes on, which may be ended elsewhere
ALIVE_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How often is looked: so many times quickly, and then slowly, at most so often in all."""

    quick_seconds: float
    slow_seconds: float
    quick_looks: int
    most_looks: int


async def follow(
    front: Front,
    call: Call,
    request: web.Request,
    template: str,
    pace: Pace,
    look: Callable[[], Awaitable[dict[str, Any]]],
) -> web.StreamResponse:
    """Send a piece of page whenever what `look` returns has changed it, until its `done` is true."""
    facts = await look()
    with front.streams.hold(call.session.subject):
        response = web.StreamResponse(
            headers={"Content-Type": EVENTS, "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        )
        await response.prepare(request)
        shown, asked_at = "", time.monotonic()
        for number in range(pace.most_looks):
            piece = front.site.piece(call.visit, template, **front.around(call), **facts)
            if piece != shown:
                await response.write(_event("page", piece))
                shown = piece
            if facts["done"]:
                break
            await asyncio.sleep(pace.quick_seconds if number < pace.quick_looks else pace.slow_seconds)
            if has_left(request):
                return response
            if time.monotonic() - asked_at > ALIVE_SECONDS:
                asked_at = time.monotonic()
                if not await front.site.sessions.lives(call.visit):
                    return response
            try:
                facts = await look()
            except Problem:  # the session ends, or a service is away: the browser comes again by itself (HTML, 9.2.3)
                return response
        await response.write(_event("end", ""))
        return response


def _event(name: str, text: str) -> bytes:
    lines = "".join(f"data: {line}\n" for line in text.split("\n"))
    return f"event: {name}\n{lines}\n".encode()
