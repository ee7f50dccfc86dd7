"""What a site asks of accounts for one browser: a secret beside the question, so that no other's answer counts.

Nothing is kept: the state that comes back is sealed with the secret in the browser's cookie, and the verifier is made
of both (RFC 7636; RFC 9700, 2.1.1). Whoever brings an answer to another browser brings a state that opens nothing.
"""

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Self

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

LIFETIME: Final = timedelta(hours=1)
NONCE_BYTES: Final = 12
LONGEST: Final = 1800
HOME: Final = "/"


@dataclass(frozen=True, slots=True)
class Asking:
    """A question to accounts, from one browser: where it leads afterwards, and what proves that it was asked here.

    `client` is as whom the site has asked.
    """

    client: str
    after: str
    state: str
    verifier: str = field(repr=False)

    @property
    def challenge(self) -> str:
        """The hash of the verifier, which accounts is shown at first (RFC 7636, 4.2)."""
        return _text(hashlib.sha256(self.verifier.encode()).digest())

    @classmethod
    def begin(cls, visitor: str, now: datetime, client: str, after: str) -> Self:
        """Ask for the browser with this secret."""
        nonce = os.urandom(NONCE_BYTES)
        place = after if len(after.encode()) <= LONGEST else HOME
        content = orjson.dumps({"client": client, "after": place, "until": (now + LIFETIME).isoformat()})
        state = _text(nonce + _cipher(visitor).encrypt(nonce, content, None))
        return cls(client, place, state, _verifier(visitor, nonce))

    @classmethod
    def found(cls, visitor: str, now: datetime, state: str) -> Self | None:
        """Return what the browser with this secret has asked within the hour; None where it has not."""
        try:
            sealed = base64.urlsafe_b64decode(state + "=" * (-len(state) % 4))
            nonce = sealed[:NONCE_BYTES]
            content: dict[str, Any] = orjson.loads(_cipher(visitor).decrypt(nonce, sealed[NONCE_BYTES:], None))
        except (ValueError, InvalidTag):
            return None
        if datetime.fromisoformat(content["until"]) <= now:
            return None
        return cls(content["client"], content["after"], state, _verifier(visitor, nonce))


def _verifier(visitor: str, nonce: bytes) -> str:
    return _text(hmac.digest(visitor.encode(), b"verifier " + nonce, "sha256"))


def _cipher(visitor: str) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, None, b"kontor sign-in").derive(visitor.encode()))


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
