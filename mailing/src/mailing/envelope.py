"""Envelope senders that say which mail came back (VERP), signed and expiring, so that nobody makes up a bounce."""

import base64
import binascii
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

PREFIX = "bounce-"
_EPOCH = date(2020, 1, 1)
_MAC_BYTES = 11
# of all but the prefix: kind, id, day, and the code; 30 bytes are 48 letters without a rest, so that each has one form
_BYTES = 30


class Kind(StrEnum):
    """What was sent."""

    LETTER = "l"
    MESSAGE = "m"
    NOTICE = "n"


class Refusal(StrEnum):
    """Why an address says nothing."""

    FOREIGN = "it is none of ours"
    FORGED = "it was not signed by us"
    EXPIRED = "it has expired"


@dataclass(frozen=True, slots=True)
class Sent:
    """What an envelope sender was made for."""

    id: UUID
    kind: Kind


@dataclass(frozen=True, slots=True)
class Envelopes:
    """Makes and reads envelope senders of a domain; the first key signs, the others are of former times."""

    domain: str
    keys: Sequence[bytes] = field(repr=False)
    lifetime: timedelta = timedelta(days=30)

    def bounce_address(self, sent: UUID, kind: Kind, now: datetime) -> str:
        """Return the envelope sender of a mail; it expires by the day (UTC), a lifetime from now."""
        day = ((now + self.lifetime).astimezone(UTC).date() - _EPOCH).days
        content = kind.encode() + sent.bytes + day.to_bytes(2, "big")
        code = base64.b32encode(content + self._mac(self.keys[0], content)).decode().lower()
        return f"{PREFIX}{code}@{self.domain}"

    def read(self, address: str, now: datetime) -> Sent | Refusal:
        """Return what a bounce is about, or why it is not believed; servers on the way may have changed the case."""
        local, _, domain = address.lower().rpartition("@")
        content = _decoded(local.removeprefix(PREFIX)) if local.startswith(PREFIX) else None
        if domain != self.domain.lower() or content is None:
            return Refusal.FOREIGN
        content, mac = content[:-_MAC_BYTES], content[-_MAC_BYTES:]
        if not any(hmac.compare_digest(mac, self._mac(key, content)) for key in self.keys):
            return Refusal.FORGED
        if _EPOCH + timedelta(days=int.from_bytes(content[17:19], "big")) < now.astimezone(UTC).date():
            return Refusal.EXPIRED
        return Sent(UUID(bytes=content[1:17]), Kind(content[:1].decode()))

    def _mac(self, key: bytes, content: bytes) -> bytes:
        """Sign for this domain alone (HMAC-SHA-256, cut to 88 bits)."""
        return hmac.digest(key, content + self.domain.lower().encode(), "sha256")[:_MAC_BYTES]


def _decoded(code: str) -> bytes | None:
    try:
        content = base64.b32decode(code.upper())
    except (binascii.Error, ValueError):
        return None
    return content if len(content) == _BYTES else None
