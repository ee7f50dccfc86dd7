"""Checkpointing: how far a conversation is is signed again and again, and whenever it is exported (MAIL-6)."""

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from uuid import UUID

from chassis.db import Tx
from chassis.jobs import in_parts
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mail_relay.domain.checkpoint import Checkpoint, Signed
from mail_relay.store import checkpoints

KEY_BYTES = 32
AT_ONCE = 200


class ArchiveKeys:
    """The keys that sign checkpoints and archives: the first one signs, what the others have signed is still valid."""

    def __init__(self, lines: Sequence[str]) -> None:
        """Take keys of 32 bytes, each in url-safe base64. Raises ValueError, which names none."""
        try:
            secrets = [base64.urlsafe_b64decode(line) for line in lines]
        except (binascii.Error, ValueError):
            secrets = [b""]
        if not secrets or any(len(secret) != KEY_BYTES for secret in secrets):
            raise ValueError("the key of the archive is 32 bytes in url-safe base64, one key a line")
        keys = [Ed25519PrivateKey.from_private_bytes(secret) for secret in secrets]
        public = [key.public_key().public_bytes_raw() for key in keys]
        self._first = keys[0]
        self.public: Mapping[str, bytes] = {hashlib.sha256(one).hexdigest()[:16]: one for one in public}
        self.key = next(iter(self.public))

    def sign(self, statement: bytes) -> bytes:
        """Return the signature of a statement by the first key, whose id is `key`."""
        return self._first.sign(statement)


async def checkpoint_due(tx: Tx, keys: ArchiveKeys) -> bool:
    """Sign the state of conversations that grew since their last checkpoint; true where there may be more."""
    found = await checkpoints.due(tx, AT_ONCE)

    async def add(some: Sequence[tuple[str, Checkpoint]]) -> None:
        for tenant, one in some:
            await _add(tx, tenant, one, keys)

    done = await in_parts(tx, "sign checkpoints", found, add, lambda one: (one[0], one[1].conversation_id))
    return done > 0 and len(found) == AT_ONCE


async def checkpoint(tx: Tx, tenant: str, conversation_id: UUID, keys: ArchiveKeys) -> None:
    """Sign the state of a conversation as it is now."""
    await _add(tx, tenant, await checkpoints.of_now(tx, tenant, conversation_id), keys)


async def _add(tx: Tx, tenant: str, one: Checkpoint, keys: ArchiveKeys) -> None:
    await checkpoints.add(tx, tenant, Signed(one, keys.key, keys.sign(one.statement())))
