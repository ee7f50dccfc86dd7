"""The places that connections take: so many in all, and so many of each network."""

import asyncio
import time
from collections import Counter
from typing import cast

import structlog

from chassis.service.bounds import Bounds
from chassis.web.limits import network_of

log = structlog.get_logger(__name__)

WARNING_SECONDS = 60


class Places:
    """Counts connections by the networks from which they come, and refuses those that are too many."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._taken = 0
        self._by_address: Counter[str] = Counter()
        self._warned_at: float | None = None

    def take(self, transport: asyncio.BaseTransport) -> str | None:
        """Count a connection and return its network; None where it is one too many, and is cut."""
        peer = transport.get_extra_info("peername")
        address = network_of(str(peer[0])) if peer else ""
        most = self._bounds.of_one_address
        if self._taken >= self._bounds.in_all or (most is not None and self._by_address[address] >= most):
            self._warn()
            cast("asyncio.Transport", transport).abort()
            return None
        self._taken += 1
        self._by_address[address] += 1
        return address

    def leave(self, address: str) -> None:
        """Count a connection of this network no more."""
        self._taken -= 1
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]

    def _warn(self) -> None:
        now = time.monotonic()
        if self._warned_at is None or now - self._warned_at >= WARNING_SECONDS:
            self._warned_at = now
            log.warning("connections are refused", open=self._taken, addresses=len(self._by_address))
