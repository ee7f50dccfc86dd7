"""Limits on what can be guessed: so many calls in so many seconds for each network."""

import ipaddress
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from aiohttp import web

REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `calls` in `seconds` for each client's network, and `total` for all of them together."""

    calls: int
    seconds: float
    total: int | None = None


@dataclass(slots=True)
class Limiter:
    """Token buckets of one route, of a bounded number of networks: the longest unseen are forgotten first."""

    rate: Rate
    buckets: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict[str, tuple[float, float]])

    def wait(self, address: str) -> float:
        """Take one call for an address and its network; 0, or the seconds to wait where that has none left."""
        now = time.monotonic()
        seconds = self._take(_network(address), self.rate.calls, now)
        if not seconds and self.rate.total is not None:
            seconds = self._take("", self.rate.total, now)
        while len(self.buckets) > REMEMBERED:
            self.buckets.popitem(last=False)
        return seconds

    def _take(self, address: str, calls: int, now: float) -> float:
        level, since = self.buckets.pop(address, (float(calls), now))
        level = min(calls, level + (now - since) * calls / self.rate.seconds)
        allowed = level >= 1
        self.buckets[address] = (level - 1 if allowed else level, now)
        return 0.0 if allowed else (1 - level) * self.rate.seconds / calls


def _network(address: str) -> str:
    """Return what one client may be given: an IPv4 address, or the first 64 bits of an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return address
    return str(parsed.ipv4_mapped or ipaddress.IPv6Network((int(parsed), 64), strict=False))


def address_of(request: web.Request, trusted_proxies: int) -> str:
    """Return the peer's address, or what the outermost of so many trusted proxies saw; the client is not believed."""
    if trusted_proxies:
        forwarded = ",".join(request.headers.getall("X-Forwarded-For", []))
        hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
        if len(hops) >= trusted_proxies:
            return hops[-trusted_proxies]
    return request.remote or ""
