"""Limits on what can be guessed or overdone: so many calls in so many seconds for each network or caller."""

import ipaddress
import re
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from aiohttp import web

REMEMBERED = 10_000
# as some proxies write an address into X-Forwarded-For; each connection has another port
WITH_PORT = re.compile(r"\[(?P<six>[^\]]*)\](:[0-9]{1,5})?|(?P<four>[0-9.]+):[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `calls` in `seconds` for each client's network or caller."""

    calls: int
    seconds: float


@dataclass(slots=True)
class Limiter:
    """Token buckets of one route, of a bounded number of clients: the longest unseen are forgotten first."""

    rate: Rate
    buckets: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict[str, tuple[float, float]])

    def wait(self, client: str, cost: int = 1) -> float:
        """Take so many calls for a client; 0, or the seconds to wait where it has not so many left."""
        level, now = self._level(client)
        allowed = level >= cost
        self.buckets.pop(client, None)
        self.buckets[client] = (level - cost if allowed else level, now)
        while len(self.buckets) > REMEMBERED:
            self.buckets.popitem(last=False)
        return 0.0 if allowed else self._until(level, cost)

    def left(self, client: str) -> float:
        """Return as `wait` does whether a client has a call left, and take none."""
        level, _ = self._level(client)
        return 0.0 if level >= 1 else self._until(level, 1)

    def _level(self, client: str) -> tuple[float, float]:
        now = time.monotonic()
        level, since = self.buckets.get(client, (float(self.rate.calls), now))
        return min(self.rate.calls, level + (now - since) * self.rate.calls / self.rate.seconds), now

    def _until(self, level: float, cost: int) -> float:
        return (cost - level) * self.rate.seconds / self.rate.calls


def network_of(address: str) -> str:
    """Return the network that one client has: an IPv4 address, or the first 64 bits of an IPv6 one (RFC 6177).

    What is no address is a network of its own; an IPv4 address may be written as an IPv6 one (RFC 4291, 2.5.5.2), and
    each with a port.
    """
    if (found := WITH_PORT.fullmatch(address)) is not None:
        address = found["six"] or found["four"] or ""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ipaddress.IPv6Network((int(parsed), 64), strict=False))


def address_of(request: web.Request, trusted_proxies: int) -> str:
    """Return the peer's address, or what the outermost of so many trusted proxies saw; the client is not believed."""
    if trusted_proxies:
        forwarded = ",".join(request.headers.getall("X-Forwarded-For", []))
        hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
        if len(hops) >= trusted_proxies:
            return hops[-trusted_proxies]
    return request.remote or ""
