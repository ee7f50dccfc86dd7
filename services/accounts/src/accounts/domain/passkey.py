"""Passkeys (WebAuthn): how long a challenge is valid, what a device's counter shows, by which methods one signs in."""

import ipaddress
from datetime import timedelta

CHALLENGE_BYTES = 32
CHALLENGE_LIFETIME = timedelta(minutes=5)
LONGEST_CREDENTIAL_ID = 1023  # WebAuthn, 4
MOST = 20


class PasskeyRefused(Exception):
    """This passkey does not sign in here; begin anew."""


class PasskeyUnfit(Exception):
    """This passkey cannot be registered; begin anew."""


class PasskeyUnknown(Exception):
    """There is no such passkey."""


class TooManyPasskeys(Exception):
    """There are as many passkeys as one may have; remove one."""


def has_not_grown(before: int, now: int) -> bool:
    """Return whether a device's counter has not grown, as a copy's would not; 0 means no counter (WebAuthn, 6.1.1)."""
    return (before, now) != (0, 0) and now <= before


def lies_within(name: str, domain: str) -> bool:
    """Return whether a host's name is a domain or below it; nothing is below a domain of one label."""
    return name == domain or ("." in domain and name.endswith(f".{domain}"))


def is_domain(name: str) -> bool:
    """Return whether passkeys can belong to a name: to addresses in digits they cannot (WebAuthn 3, 5.1.4.1)."""
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return bool(name)
    return False


def methods(*, synced: bool) -> tuple[str, ...]:
    """Return how somebody has signed in (RFC 8176): a device's key, unlocked by its owner, is two factors.

    One that is bound to its device counts as `hwk`, though without attestation nobody vouches for the hardware.
    """
    return ("swk" if synced else "hwk", "mfa")
