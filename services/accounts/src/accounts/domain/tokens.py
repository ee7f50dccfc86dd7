"""How long tokens live, and the secrets of sessions."""

import hashlib
import secrets
from datetime import timedelta

ACCESS_LIFETIME = timedelta(minutes=10)
SESSION_LIFETIME = timedelta(days=30)

# Verifiers look for new keys at least every 5 minutes; half a minute more for those that are slow. Real time.
PUBLISHED_BEFORE = timedelta(minutes=5, seconds=30)

# A key that no longer signs stays published until the last token it signed has long expired. Real time.
PUBLISHED_AFTER = timedelta(hours=1)


def new_refresh_token(tenant: str) -> str:
    """Make a refresh token: the tenant, then 256 random bits."""
    return f"{tenant}.{secrets.token_urlsafe(32)}"


def tenant_of(refresh_token: str) -> str:
    """Return the tenant that a refresh token names; whether it belongs there is known by its hash."""
    return refresh_token.rpartition(".")[0]


def hashed(secret: str) -> bytes:
    """Return what is kept of a secret of 256 random bits; it cannot be guessed, so no slow hash is needed."""
    return hashlib.sha256(secret.encode()).digest()
