"""Messages as they are kept: each bound to the one before it, so that one changed byte is found (MAIL-6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from mail_relay.domain.alias import Side
from mail_relay.domain.proof import digest


class State(StrEnum):
    """What has become of a message: `bounced` was refused by the other side's server, `returned` came back later.

    `relayed` was taken by that server, `delivered` it reports to have put into the mailbox.

    `erased` was still to be sent when its buyer's key was destroyed. By the policy `held` waits for a reviewer, and
    `blocked` is not passed on. `filed` was written to the desk, for reviewers.
    """

    WAITING = "waiting"
    RELAYED = "relayed"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    RETURNED = "returned"
    ERASED = "erased"
    HELD = "held"
    BLOCKED = "blocked"
    FILED = "filed"


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a received message beside its content, and never changes."""

    conversation_id: UUID
    number: int
    id: UUID
    side: Side
    received_at: datetime
    size: int
    content_hash: bytes

    def link(self) -> Sequence[object]:
        """Return all that is kept, as it is bound to the message before."""
        return [
            str(self.conversation_id),
            self.number,
            str(self.id),
            self.side.value,
            self.received_at.astimezone(UTC).isoformat(timespec="microseconds"),
            self.size,
            self.content_hash.hex(),
        ]

    def digest(self, before: bytes | None) -> bytes:
        """Return the digest of the message before it and of all that is kept of this one."""
        return digest(self.link(), before)


@dataclass(frozen=True, slots=True)
class Typed:
    """What a customer has typed: the id under which it is stored, the key of that, its size and its SHA-256."""

    id: UUID
    key: str
    size: int
    content_hash: bytes
