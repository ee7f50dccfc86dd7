"""Where mail comes in, and how many sessions there may be."""

from collections import Counter
from dataclasses import dataclass, field
from ssl import SSLContext


@dataclass(frozen=True, slots=True)
class Door:
    """Where mail comes in: address, limits, and the TLS context that STARTTLS begins, None where there is none."""

    host: str
    port: int
    tls: SSLContext | None
    largest: int
    connections: int
    of_one_address: int
    idle_seconds: float = 60
    session_seconds: float = 600
    ports: list[int] = field(default_factory=list[int])


@dataclass(slots=True)
class Open:
    """The sessions that are open, in all and of each address."""

    door: Door
    of_address: Counter[str] = field(default_factory=Counter[str])

    def admit(self, address: str) -> bool:
        """Count one in, or refuse it."""
        if self.of_address.total() >= self.door.connections or self.of_address[address] >= self.door.of_one_address:
            return False
        self.of_address[address] += 1
        return True

    def leave(self, address: str) -> None:
        """Count one out."""
        self.of_address[address] -= 1
        if not self.of_address[address]:
            del self.of_address[address]
