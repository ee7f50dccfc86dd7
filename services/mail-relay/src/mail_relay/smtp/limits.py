"""Where mail comes in, and how many sessions there may be."""

from collections import Counter
from dataclasses import dataclass, field
from ssl import SSLContext

from mail_relay.domain.client import Network, is_of


@dataclass(frozen=True, slots=True)
class Door:
    """Where mail comes in: address, limits, and the TLS context that STARTTLS begins, None where there is none.

    `edges` are the mail servers in front of it: they say who their clients are, they alone speak LMTP, at a port of its
    own, and they bound by themselves how many sessions one client has. A session ends after `idle_seconds` in which
    nothing came, or `session_seconds` in all. `ports` and `lmtp_ports` are those that are open.
    """

    host: str
    port: int
    tls: SSLContext | None
    largest: int
    connections: int
    of_one_address: int
    lmtp_port: int | None = None
    edges: tuple[Network, ...] = ()
    idle_seconds: float = 60
    session_seconds: float = 600
    ports: list[int] = field(default_factory=list[int])
    lmtp_ports: list[int] = field(default_factory=list[int])


@dataclass(slots=True)
class Open:
    """The sessions that are open, in all and of each address."""

    door: Door
    of_address: Counter[str] = field(default_factory=Counter[str])

    def is_edge(self, address: str) -> bool:
        """Say whether an address is that of a mail server in front of the door."""
        return is_of(address, self.door.edges)

    def admit(self, address: str) -> bool:
        """Count one in, or refuse it."""
        of_one = self.door.connections if self.is_edge(address) else self.door.of_one_address
        if self.of_address.total() >= self.door.connections or self.of_address[address] >= of_one:
            return False
        self.of_address[address] += 1
        return True

    def leave(self, address: str) -> None:
        """Count one out."""
        self.of_address[address] -= 1
        if not self.of_address[address]:
            del self.of_address[address]
