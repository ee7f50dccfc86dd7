"""Hints of who signs in once more: made for whoever is signed in, and of use for minutes, and at accounts alone."""

import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

LIFETIME: Final = timedelta(minutes=10)

# the hash of a text, under a key that only accounts has
Hash = Callable[[str], bytes]


def made(subject_id: UUID, now: datetime, hashed: Hash) -> str:
    """Return a hint of somebody; it names nobody to whom it is shown, and nobody else can make one."""
    text = f"{subject_id.hex}.{int((now + LIFETIME).timestamp()):x}"
    return f"{text}.{hashed(text).hex()}"


def read(hint: str, now: datetime, hashed: Hash) -> UUID | None:
    """Return whom a hint means; None where it is none, or too old."""
    text, _, proof = hint.rpartition(".")
    if not proof.isascii() or not hmac.compare_digest(hashed(text).hex(), proof):
        return None
    subject, _, until = text.partition(".")
    return UUID(hex=subject) if datetime.fromtimestamp(int(until, 16), UTC) > now else None
