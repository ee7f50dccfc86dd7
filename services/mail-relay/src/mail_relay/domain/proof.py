"""Proofs: what happened to a conversation beside its messages, each bound to the one before it (K10, MAIL-6)."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

Details = Mapping[str, str | int | None]


class Fact(StrEnum):
    """What a proof is of; `about` is the message, or, for a refusal, a hold, an export or a claim, that one's id.

    `warned`, `held` and `blocked` is what the policy did, `passed_on` and `denied` what a reviewer decided of that.
    `reported` is what a server says of a message that went on: delivered, relayed to where no reports are made, or
    expanded to several.
    """

    REFUSED = "refused"
    WARNED = "warned"
    HELD = "held"
    BLOCKED = "blocked"
    PASSED_ON = "passed_on"
    DENIED = "denied"
    RELAYED = "relayed"
    REPORTED = "reported"
    BOUNCED = "bounced"
    RETURNED = "returned"
    ERASED = "erased"
    HOLD_PLACED = "hold_placed"
    HOLD_RELEASED = "hold_released"
    EXPORTED = "exported"
    CONTENT_REMOVED = "content_removed"
    CLAIM_OPENED = "claim_opened"
    CLAIM_DECIDED = "claim_decided"
    CLAIM_APPEALED = "claim_appealed"
    CLAIM_WITHDRAWN = "claim_withdrawn"


@dataclass(frozen=True, slots=True)
class Proof:
    """One fact; its details name nobody."""

    conversation_id: UUID
    number: int
    at: datetime
    fact: Fact
    about: UUID
    details: Details

    def link(self) -> Sequence[object]:
        """Return all that is kept, as it is bound to the proof before."""
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        return [str(self.conversation_id), self.number, at, self.fact.value, str(self.about), dict(self.details)]


def digest(link: Sequence[object], before: bytes | None) -> bytes:
    """Return the SHA-256 of a link of a chain and of the digest of the link before it.

    A verifier needs nothing but these: they are written as one JSON array without blanks, names in their order, times
    in UTC with microseconds, hashes in hexadecimal digits.
    """
    facts = [(before or b"").hex(), *link]
    return hashlib.sha256(json.dumps(facts, separators=(",", ":"), sort_keys=True).encode()).digest()
