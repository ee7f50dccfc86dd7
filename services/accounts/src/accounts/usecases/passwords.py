"""Passwords: argon2id with the parameters OWASP names (19 MiB, twice), computed beside the event loop."""

import asyncio
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from chassis.telemetry import metrics

from accounts.domain.people import normalised_password

computed = metrics.of("accounts").counter("password_hashes", "Password hashes computed, by what for.", ["purpose"])

AT_ONCE = 4


class Passwords:
    """Hashes passwords and compares them; a few at a time, for each takes memory and a core."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._limit = asyncio.Semaphore(AT_ONCE)
        # Nobody knows the password of this hash: it is compared where there is no account, so that time tells nothing.
        self._nobody = self._hasher.hash(secrets.token_urlsafe(32))

    async def hash(self, password: str) -> str:
        """Return the hash to keep."""
        async with self._limit:
            return await asyncio.to_thread(self._hash, password)

    async def matches(self, password_hash: str | None, password: str) -> bool:
        """Return whether the password belongs to the hash; without one the same work is done, and it does not."""
        async with self._limit:
            same = await asyncio.to_thread(self._compare, password_hash or self._nobody, password)
        return same and password_hash is not None

    def outdated(self, password_hash: str) -> bool:
        """Return whether a hash was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(password_hash)

    def _hash(self, password: str) -> str:
        computed.labels("keep").inc()
        return self._hasher.hash(normalised_password(password))

    def _compare(self, password_hash: str, password: str) -> bool:
        try:
            same = self._hasher.verify(password_hash, normalised_password(password))
        except VerificationError:
            same = False
        # Counted when the work has been done, so that the count shows that it was.
        computed.labels("compare").inc()
        return same
