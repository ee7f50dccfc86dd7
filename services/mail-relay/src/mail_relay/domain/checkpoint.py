"""Checkpoints: how far both chains of a conversation are, signed, so that a missing end is found (MAIL-6)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

CHECKPOINT, ARCHIVE = b"kontor checkpoint\n", b"kontor archive\n"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Of a conversation so many messages and proofs were there, and these were the digests of the last ones."""

    conversation_id: UUID
    messages: int
    head: bytes | None
    proofs: int
    proofs_head: bytes | None
    made_at: datetime

    def link(self) -> Sequence[object]:
        """Return what is signed."""
        made = self.made_at.astimezone(UTC).isoformat(timespec="microseconds")
        heads = [(head or b"").hex() for head in (self.head, self.proofs_head)]
        return [str(self.conversation_id), self.messages, heads[0], self.proofs, heads[1], made]

    def statement(self) -> bytes:
        """Return the octets that are signed: what they are, and one JSON array without blanks."""
        return CHECKPOINT + json.dumps(self.link(), separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint with the id of the key that signed it, and the signature (Ed25519, RFC 8032)."""

    checkpoint: Checkpoint
    key: str
    signature: bytes
