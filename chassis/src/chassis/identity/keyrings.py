"""The key rings of a service."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from chassis.config.clock import Clock
from chassis.identity.keys import Fetch, KeyRing


@dataclass(slots=True)
class KeyRings:
    """A service's key rings, one for each purpose for which accounts hands keys out; `fetch_for` asks it for them."""

    fetch_for: Callable[[str], Fetch]
    clock: Clock
    rings: dict[str, KeyRing] = field(default_factory=dict[str, KeyRing])

    def ring(self, purpose: str) -> KeyRing:
        """Return the ring of a purpose; accounts refuses a purpose that its table does not name."""
        if purpose not in self.rings:
            self.rings[purpose] = KeyRing(self.fetch_for(purpose), elapsed=self.clock.elapsed, purpose=purpose)
        return self.rings[purpose]

    def forget(self, key: UUID) -> None:
        """Drop a destroyed key from every ring."""
        for ring in self.rings.values():
            ring.forget(key)
