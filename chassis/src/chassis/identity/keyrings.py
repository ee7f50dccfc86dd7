"""The key rings of a service."""

from dataclasses import dataclass, field
from uuid import UUID

import aiohttp

from chassis.config.clock import Clock
from chassis.identity.accounts import ServiceIdentity, remote_fetch
from chassis.identity.keys import KeyRing


@dataclass(slots=True)
class KeyRings:
    """A service's key rings, one for each purpose for which accounts hands keys out."""

    session: aiohttp.ClientSession
    accounts_url: str
    identity: ServiceIdentity
    clock: Clock
    rings: dict[str, KeyRing] = field(default_factory=dict[str, KeyRing])

    def ring(self, purpose: str) -> KeyRing:
        """Return the ring of a purpose; accounts refuses a purpose that its table does not name."""
        if purpose not in self.rings:
            fetch = remote_fetch(self.session, self.accounts_url, self.identity, purpose)
            self.rings[purpose] = KeyRing(fetch, elapsed=self.clock.elapsed, purpose=purpose)
        return self.rings[purpose]

    def forget(self, key: UUID) -> None:
        """Drop a destroyed key from every ring."""
        for ring in self.rings.values():
            ring.forget(key)
