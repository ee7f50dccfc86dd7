"""Secrets that stand in addresses: 256 bits, of which only the SHA-256 is kept."""

import hashlib
import secrets

BYTES = 32


def new_token() -> str:
    """Return a new secret of 43 url-safe characters."""
    return secrets.token_urlsafe(BYTES)


def hash_of(token: str) -> bytes:
    """Return what is kept of a secret."""
    return hashlib.sha256(token.encode()).digest()
