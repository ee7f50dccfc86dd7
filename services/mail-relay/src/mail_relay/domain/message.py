"""Messages as they are kept: each bound to the one before it, so that one changed byte is found (MAIL-6)."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from mail_relay.domain.alias import Side


class State(StrEnum):
    """What has become of a message: `bounced` was refused by the other side's server, `returned` came back later.

    `erased` was still to be sent when its buyer's key was destroyed. By the policy `held` waits for a reviewer, and
    `blocked` is not passed on.
    """

    WAITING = "waiting"
    RELAYED = "relayed"
    BOUNCED = "bounced"
    RETURNED = "returned"
    ERASED = "erased"
    HELD = "held"
    BLOCKED = "blocked"


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

    def digest(self, before: bytes | None) -> bytes:
        """Return the SHA-256 of the digest of the message before it and of all that is kept of this one.

        A verifier needs nothing but these fields: they are written as one JSON array without blanks, times in UTC with
        microseconds, hashes in hexadecimal digits.
        """
        facts = [
            (before or b"").hex(),
            str(self.conversation_id),
            self.number,
            str(self.id),
            self.side.value,
            self.received_at.astimezone(UTC).isoformat(timespec="microseconds"),
            self.size,
            self.content_hash.hex(),
        ]
        return hashlib.sha256(json.dumps(facts, separators=(",", ":")).encode()).digest()
