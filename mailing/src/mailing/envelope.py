"""Envelope senders that say which mail came back (VERP), signed and expiring, so that nobody makes up a bounce."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

PREFIX = "bounce-"
_EPOCH = date(2020, 1, 1)
_MAC_BYTES = 11
_TENANT_BYTES = 5
# of all but the prefix: kind, id, day, tenant, and the code; 35 bytes are 56 letters without a rest, so that each has
# one form, and with the prefix they fill what RFC 5321 allows
_BYTES = 35


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
    """What an envelope sender was made for; whose it is can be asked, not read."""

    id: UUID
    kind: Kind
    tenant_code: bytes

    def is_of(self, tenant: str) -> bool:
        """Return whether it was made for this tenant; of a thousand million others, one would be taken for it."""
        return self.tenant_code == _tenant_code(tenant)


@dataclass(frozen=True, slots=True)
class Envelopes:
    """Makes and reads envelope senders of a domain; the first key signs, the others are of former times."""

    domain: str
    keys: Sequence[bytes] = field(repr=False)
    lifetime: timedelta = timedelta(days=30)

    def bounce_address(self, tenant: str, sent: UUID, kind: Kind, now: datetime) -> str:
        """Return the envelope sender of a mail; it expires by the day (UTC), a lifetime from now."""
        day = ((now + self.lifetime).astimezone(UTC).date() - _EPOCH).days
        content = kind.encode() + sent.bytes + day.to_bytes(2, "big") + _tenant_code(tenant)
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
        return Sent(UUID(bytes=content[1:17]), Kind(content[:1].decode()), content[19:])

    def _mac(self, key: bytes, content: bytes) -> bytes:
        """Sign for this domain alone (HMAC-SHA-256, cut to 88 bits)."""
        return hmac.digest(key, content + self.domain.lower().encode(), "sha256")[:_MAC_BYTES]


def _tenant_code(tenant: str) -> bytes:
    return hashlib.sha256(tenant.encode()).digest()[:_TENANT_BYTES]


def _decoded(code: str) -> bytes | None:
    try:
        content = base64.b32decode(code.upper())
    except (binascii.Error, ValueError):
        return None
    return content if len(content) == _BYTES else None
