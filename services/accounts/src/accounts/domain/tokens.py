"""How long tokens live, and the secrets of sessions."""

import hashlib
import secrets
from datetime import datetime, timedelta

ACCESS_LIFETIME = timedelta(minutes=10)
SESSION_LIFETIME = timedelta(days=30)

# However often it is refreshed, a session ends; staff sign in every day (NIST SP 800-63B, 2.2.3).
LONGEST_SESSION = timedelta(days=90)
LONGEST_STAFF_SESSION = timedelta(hours=24)

# Verifiers look for new keys at least every 5 minutes; half a minute more for those that are slow. Real time.
PUBLISHED_BEFORE = timedelta(minutes=5, seconds=30)

# A key that no longer signs stays published until the last token it signed has long expired. Real time.
PUBLISHED_AFTER = timedelta(hours=1)


# Enough for a weekend; whoever finds a letter later finds nothing that counts.
INVITATION_LIFETIME = timedelta(days=3)


def session_ends_at(began_at: datetime, now: datetime, *, staff: bool) -> datetime:
    """Return when a session ends that began then and is used now, if it is not used again."""
    return min(now + SESSION_LIFETIME, began_at + (LONGEST_STAFF_SESSION if staff else LONGEST_SESSION))


def new_refresh_token(tenant: str) -> str:
    """Make a refresh token: the tenant, then 256 random bits."""
    return f"{tenant}.{secrets.token_urlsafe(32)}"


def tenant_of(refresh_token: str) -> str:
    """Return the tenant that a refresh token names; whether it belongs there is known by its hash."""
    return refresh_token.rpartition(".")[0]


def hashed(secret: str) -> bytes:
    """Return what is kept of a secret of 256 random bits; it cannot be guessed, so no slow hash is needed."""
    return hashlib.sha256(secret.encode()).digest()
