"""Sealing of personal fields to a subject's key, and wrapping of the keys' private halves for storage."""

import base64
import binascii
import hashlib
import secrets
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final
from uuid import UUID

from contracts.event import Sealed, SubjectKey
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from chassis.config.files import read_small

SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
MASTER_KEY_BYTES = 32
MARK_BYTES = 4
NONCE_BYTES = 12


class SealBroken(ValueError):
    """The box does not belong to this key and kind, or somebody has changed it."""


def new_key_pair() -> tuple[bytes, bytes]:
    """Make the private and the public half of an X25519 key, both as 32 raw bytes."""
    private = X25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def seal(text: str, to: SubjectKey, kind: str) -> Sealed:
    """Seal `text` so that only the private half of `to` opens it, and only as `kind` (HPKE, RFC 9180).

    Raises `SealBroken` where the public half is no X25519 key or the text is no Unicode.
    """
    try:
        public = _public_key(to.public)
        box = SUITE.encrypt(text.encode(), public, info=_info(to.key, kind))
    except Exception:
        raise SealBroken(f"nothing can be sealed to key {to.key}") from None
    return Sealed(key=to.key, kind=kind, box=box)


@lru_cache(maxsize=4096)
def _public_key(public: bytes) -> X25519PublicKey:
    """Load the public half of a key, which takes a quarter of the time of sealing."""
    return X25519PublicKey.from_public_bytes(public)


def private_key(private: bytes) -> X25519PrivateKey:
    """Load the private half of a key from its 32 raw bytes; raises `SealBroken` where they are no key."""
    try:
        return X25519PrivateKey.from_private_bytes(private)
    except Exception:
        raise SealBroken("this is no private half of a key") from None


def open_box(sealed: Sealed, private: bytes | X25519PrivateKey) -> str:
    """Open a box with the private half of its key, raw or as `private_key` made it; raises `SealBroken` on any fault.

    Loading takes half as long as opening a box: to open several boxes of one key, call `private_key` once.
    """
    try:
        key = private_key(private) if isinstance(private, bytes) else private
        return SUITE.decrypt(sealed.box, key, info=_info(sealed.key, sealed.kind)).decode()
    except Exception:
        raise SealBroken(f"a box of key {sealed.key} does not open") from None


class MasterKey:
    """Encrypts private halves for storage (AES-256-GCM), each bound to its key's id, with the newest master key."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Take master keys of 32 bytes, newest first; the others only unwrap, until everything is wrapped anew."""
        if not keys or any(len(key) != MASTER_KEY_BYTES for key in keys):
            raise ValueError(f"a master key is {MASTER_KEY_BYTES} bytes, and there is at least one")
        self._ciphers = {_mark(key): AESGCM(key) for key in keys}
        self._newest = _mark(keys[0])

    @classmethod
    def from_file(cls, file: Path) -> "MasterKey":
        """Read one key in url-safe base64 per line, newest first.

        Raises `ValueError` without quoting the file, and `OSError` where it cannot be read or is no ordinary file.
        """
        keys: list[bytes] = []
        for number, line in enumerate(read_small(file).splitlines(), 1):
            text = line.strip()
            if not text:
                continue
            try:
                keys.append(base64.b64decode(text + b"=" * (-len(text) % 4), altchars=b"-_", validate=True))
            except binascii.Error:
                raise ValueError(f"{file}, line {number}: not url-safe base64") from None
        return cls(keys)

    def wrap(self, private: bytes, key: UUID) -> bytes:
        """Wrap the private half of `key` with the newest master key; 32 bytes longer than what goes in."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return self._newest + nonce + self._ciphers[self._newest].encrypt(nonce, private, key.bytes)

    def unwrap(self, wrapped: bytes, key: UUID) -> bytes:
        """Return the private half of `key`; raises `SealBroken` for another key's, a changed one, a lost master key."""
        mark, nonce, box = _split(wrapped)
        cipher = self._ciphers.get(mark)
        if cipher is None:
            raise SealBroken(f"the master key that wrapped key {key} is not at hand")
        try:
            return cipher.decrypt(nonce, box, key.bytes)
        except (InvalidTag, ValueError):
            raise SealBroken(f"the wrapped half of key {key} does not open") from None


def new_master_key() -> str:
    """Make a line for a master key file."""
    return base64.urlsafe_b64encode(secrets.token_bytes(MASTER_KEY_BYTES)).decode()


def _info(key: UUID, kind: str) -> bytes:
    return b"kontor sealed 1\0" + key.bytes + kind.encode()


def _mark(key: bytes) -> bytes:
    return hashlib.sha256(b"kontor master key\0" + key).digest()[:MARK_BYTES]


def _split(wrapped: bytes) -> tuple[bytes, bytes, bytes]:
    start = MARK_BYTES + NONCE_BYTES
    return wrapped[:MARK_BYTES], wrapped[MARK_BYTES:start], wrapped[start:]
