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
    """At most `calls` in `seconds` for each client's network or caller, and `total` for all of them together."""

    calls: int
    seconds: float
    total: int | None = None


@dataclass(slots=True)
class Limiter:
    """Token buckets of one route, of a bounded number of clients: the longest unseen are forgotten first."""

    rate: Rate
    buckets: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict[str, tuple[float, float]])

    def wait(self, client: str, cost: int = 1) -> float:
        """Take so many calls for a client; 0, or the seconds to wait where it has not so many left."""
        now = time.monotonic()
        seconds = self._take(client, self.rate.calls, now, cost)
        if not seconds and self.rate.total is not None:
            seconds = self._take("", self.rate.total, now, cost)
        while len(self.buckets) > REMEMBERED:
            self.buckets.popitem(last=False)
        return seconds

    def _take(self, client: str, calls: int, now: float, cost: int) -> float:
        level, since = self.buckets.pop(client, (float(calls), now))
        level = min(calls, level + (now - since) * calls / self.rate.seconds)
        allowed = level >= cost
        self.buckets[client] = (level - cost if allowed else level, now)
        return 0.0 if allowed else (cost - level) * self.rate.seconds / calls


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
