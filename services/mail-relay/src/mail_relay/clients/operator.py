"""Mail for the operator: postmaster@ and abuse@ of the domains of the aliases (RFC 5321 4.5.1, RFC 2142 4)."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime

from mailing.server import Answer, End, MailServer

from mail_relay.domain.admission import MOST_HOPS, REFUSALS, Reason, hops, malformed
from mail_relay.domain.alias import Domains

NAMES = frozenset({"postmaster", "abuse"})
MINUTE, MOST_IN_A_MINUTE = timedelta(minutes=1), 10
TAKEN = "250 2.0.0 Handed to the operator"
NOT_TAKEN = "550 5.7.1 The operator's mail server does not take this"


@dataclass(frozen=True, slots=True)
class Operator:
    """Who answers for this installation, at `address`; where that is empty, these names are as unknown as any other.

    What is written to them is handed on while its sender waits, whoever that is, and kept nowhere. `taken` is when this
    replica has last handed something on.
    """

    address: str
    domains: Domains
    server: MailServer
    taken: deque[datetime] = field(default_factory=lambda: deque[datetime](maxlen=MOST_IN_A_MINUTE))

    def is_named(self, address: str) -> bool:
        """Return whether an address is one of these names; a server's postmaster needs no domain."""
        local, at, domain = address.lower().rpartition("@")
        if not self.address:
            return False
        return (local in NAMES and domain.rstrip(".") in self.domains.names) if at else domain == "postmaster"

    async def hand_on(self, content: bytes, peer: str, now: datetime) -> str:
        """Hand a message on as it is, below a line that says where it came in; return what its sender is answered.

        It leaves without an envelope sender, so that nothing comes back to a forged one.
        """
        if malformed(content):
            return str(REFUSALS[Reason.MALFORMED])
        if hops(content) > MOST_HOPS:
            return str(REFUSALS[Reason.LOOP])
        if len(self.taken) == MOST_IN_A_MINUTE and now - self.taken[0] < MINUTE:
            return str(REFUSALS[Reason.RATE])
        self.taken.append(now)
        host = f"IPv6:{peer}" if ":" in peer else peer
        trace = f"Received: from [{host}] by {self.domains.name} with SMTP;\r\n {format_datetime(now)}\r\n"
        return _answer(await self.server.hand_over("", self.address, trace.encode() + content))


def _answer(answer: Answer) -> str:
    match answer.end:
        case End.ACCEPTED:
            return TAKEN
        case End.BOUNCED:
            return NOT_TAKEN
        case _:
            return str(REFUSALS[Reason.AWAY])
