"""How many codes a mailbox gets in a day: so few that nobody floods it, and one for each network that asks."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

DAY: Final = timedelta(days=1)
# Whoever has one line has 2^16 networks of IPv6, or 2^8, but one site (RFC 6177).
SITE: Final = 48
# So many times what one site gets in a day go to new sites, and as many to those that have asked before.
SITES: Final = 3
MORE: Final = 3


@dataclass(frozen=True, slots=True)
class Letters:
    """The codes mailed to a mailbox within a day: to all, for how many sites, for accounts opened from this one.

    `oldest` is when the first of all was mailed, `oldest_here` when the first for this site.
    """

    all: int = 0
    sites: int = 0
    here: int = 0
    oldest: datetime | None = None
    oldest_here: datetime | None = None


def site_of(network: str) -> str:
    """Return the site of a network: the first 48 bits of IPv6; an IPv4 address is its own."""
    try:
        return str(ipaddress.IPv6Network(network).supernet(new_prefix=SITE))
    except ValueError:
        return network


def wait(letters: Letters, of_site: int, now: datetime) -> timedelta:
    """Return the time left until a mailbox gets another code for an account that was opened from this site.

    The first of a day is counted apart from all others, so that nobody who asks often keeps it from somebody else.
    """
    if letters.here >= of_site:
        return _left(letters.oldest_here, now)
    first, more = letters.sites, letters.all - letters.sites
    full = first >= SITES * of_site if letters.here == 0 else more >= MORE * of_site
    return _left(letters.oldest, now) if full else timedelta()


def _left(since: datetime | None, now: datetime) -> timedelta:
    return max(since + DAY - now, timedelta(seconds=1)) if since is not None else timedelta()
