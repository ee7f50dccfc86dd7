"""Passwords: argon2id with the parameters OWASP names (19 MiB, twice), computed beside the event loop."""

import asyncio
import hmac
import secrets
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from typing import Final

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerificationError
from chassis.telemetry import metrics

from accounts.domain.people import normalised_password

computed = metrics.of("accounts").counter("password_hashes", "Password hashes computed, by what for.", ["purpose"])

AT_ONCE = 4
MOST_SALTS: Final = 3
URL_SAFE: Final = str.maketrans("+/", "-_")


class Passwords:
    """Hashes passwords and compares them; a few at a time, for each takes memory and a core."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._limit = asyncio.Semaphore(AT_ONCE)
        # Nobody knows the password of this hash: it is compared where there is no account, so that time tells nothing.
        self._nobody = self._hasher.hash(secrets.token_urlsafe(32))

    async def hash(self, password: str, salt: bytes | None = None) -> str:
        """Return the hash to keep, with a salt of its own where none is given."""
        async with self._limit:
            return await asyncio.to_thread(self._hash, password, salt)

    async def belongs_to(self, password_hashes: Sequence[str], password: str) -> int | None:
        """Return the number of the first hash to which the password belongs.

        Those of one salt are compared by one computation, so that it takes as long as for one of them; of other salts
        there are none but what was kept before, of which a few are tried.
        """
        salts = list(dict.fromkeys(_salted(one) for one in password_hashes))[:MOST_SALTS]
        for salt in salts:
            alike = [(number, one) for number, one in enumerate(password_hashes) if _salted(one) == salt]
            async with self._limit:
                found = await asyncio.to_thread(self._first, alike, password)
            if found is not None:
                return found
        return None

    async def matches(self, password_hash: str | None, password: str) -> bool:
        """Return whether the password belongs to the hash; without one the same work is done, and it does not."""
        async with self._limit:
            same = await asyncio.to_thread(self._compare, password_hash or self._nobody, password)
        return same and password_hash is not None

    def outdated(self, password_hash: str) -> bool:
        """Return whether a hash was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(password_hash)

    def _hash(self, password: str, salt: bytes | None) -> str:
        computed.labels("keep").inc()
        return self._hasher.hash(normalised_password(password), salt=salt)

    def _first(self, alike: Sequence[tuple[int, str]], password: str) -> int | None:
        of = extract_parameters(alike[0][1])
        salt = urlsafe_b64decode(_salted(alike[0][1]).rpartition("$")[2].translate(URL_SAFE) + "==")
        same = PasswordHasher(of.time_cost, of.memory_cost, of.parallelism, of.hash_len, of.salt_len)
        made = same.hash(normalised_password(password), salt=salt)
        found = [number for number, one in alike if hmac.compare_digest(made, one)]
        computed.labels("compare").inc()
        return min(found, default=None)

    def _compare(self, password_hash: str, password: str) -> bool:
        try:
            same = self._hasher.verify(password_hash, normalised_password(password))
        except VerificationError:
            same = False
        # Counted when the work has been done, so that the count shows that it was.
        computed.labels("compare").inc()
        return same


def _salted(password_hash: str) -> str:
    """Return parameters and salt of a hash, without what was computed with them."""
    return password_hash.rpartition("$")[0]
