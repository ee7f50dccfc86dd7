"""Access tokens and the keys that sign them: published, then signing, then kept until their last token has expired."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from chassis.config import Clock
from chassis.db import Tx
from chassis.identity import ALGORITHM, ISSUER, TOKEN_TYPE, MasterKey
from contracts.topics import SERVICES
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.jwk import OKPKey

from accounts.domain.authorization import WORKCENTER
from accounts.domain.tokens import ACCESS_LIFETIME, PUBLISHED_AFTER, PUBLISHED_BEFORE
from accounts.store import signing_keys

# For which services a token is (RFC 9068): those that a shop asks for its customers, and those that services ask.
OF_SHOPS: Final = ("accounts", "catalog", "orders", "payments", "delivery", "licensing", "rewards", "mail-relay")
# and those that the Work Center asks for staff
OF_STAFF: Final = (*OF_SHOPS, "letters", "partners", "storefront")
OF_SERVICES: Final = ("accounts", "delivery", "rewards")


def audience(client_id: str | None, asked: Sequence[str] | None) -> Sequence[str]:
    """Return for which services the tokens of a session are: a client's, those that somebody has asked for, or all."""
    if client_id is not None:
        return OF_STAFF if client_id.startswith(f"{WORKCENTER}:") else OF_SHOPS
    return SERVICES if asked is None else [name for name in SERVICES if name in asked]


@dataclass(frozen=True, slots=True)
class TokenIssuer:
    """Signs access tokens with the current key; `staff_need_second_factor` limits what staff may do without one."""

    master: MasterKey = field(repr=False)
    clock: Clock
    staff_need_second_factor: bool = False

    async def issue(
        self,
        tx: Tx,
        subject: str,
        tenant: str,
        roles: tuple[str, ...],
        claims: Mapping[str, Any],
        audience: Sequence[str],
    ) -> str:
        """Return an access token for these services, valid from now on; make the first key where there is none."""
        current = await signing_keys.current(tx)
        while current is None:
            await self.make_first_key(tx)
            current = await signing_keys.current(tx)
        now = self.clock.now()
        common = {"iss": ISSUER, "aud": list(audience), "sub": subject, "tenant": tenant, "roles": sorted(set(roles))}
        times = {"iat": now, "nbf": now, "exp": now + ACCESS_LIFETIME}
        key = Ed25519PrivateKey.from_private_bytes(self.master.unwrap(current.wrapped_key, current.id))
        header = {"alg": ALGORITHM, "kid": str(current.id), "typ": TOKEN_TYPE}
        return jwt.encode(header, {**claims, **common, **times}, OKPKey.import_key(key), [ALGORITHM])

    async def make_first_key(self, tx: Tx) -> None:
        """Make the first key, which signs at once, for no verifier can know another."""
        await signing_keys.lock(tx)
        if await signing_keys.current(tx) is None:
            await self._add(tx, timedelta())

    async def rotate(self, tx: Tx, *, at_once: bool = False) -> None:
        """Publish a new key, which signs as soon as every verifier knows it.

        With `at_once` (the old one is no secret any more) all others are removed and it signs immediately.
        """
        await signing_keys.lock(tx)
        if at_once:
            await signing_keys.remove_all(tx)
        await signing_keys.remove_old(tx, PUBLISHED_AFTER)
        first = await signing_keys.current(tx) is None
        await self._add(tx, timedelta() if first else PUBLISHED_BEFORE)

    async def _add(self, tx: Tx, signs_after: timedelta) -> None:
        key, key_id = Ed25519PrivateKey.generate(), tx.new_id()
        wrapped = self.master.wrap(key.private_bytes_raw(), key_id)
        await signing_keys.add(tx, key_id, wrapped, key.public_key().public_bytes_raw(), signs_after)


async def remove_old_keys(tx: Tx) -> None:
    """Remove keys that signed only tokens which have expired."""
    await signing_keys.lock(tx)
    await signing_keys.remove_old(tx, PUBLISHED_AFTER)
