"""The keys that sign tokens: published, then signing, then kept until their last token has expired."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from chassis.config.clock import Clock
from chassis.db import Tx
from chassis.identity.sealing import MasterKey
from chassis.identity.tokens import ALGORITHM, AUDIENCE, ISSUER
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.jwk import OKPKey

from accounts.domain.tokens import PUBLISHED_AFTER, PUBLISHED_BEFORE
from accounts.store import signing_keys


@dataclass(frozen=True, slots=True)
class Signing:
    """Signs tokens with the key whose turn it is; `staff_need_two` says whether staff need a second factor for one."""

    master: MasterKey = field(repr=False)
    clock: Clock
    staff_need_two: bool = False

    async def issue(
        self,
        tx: Tx,
        subject: str,
        tenant: str,
        roles: tuple[str, ...],
        claims: Mapping[str, Any],
        lifetime: timedelta,
    ) -> str:
        """Return an access token that is valid from now on; make the first key where there is none."""
        signer = await signing_keys.signer(tx)
        while signer is None:
            await self.make_first_key(tx)
            signer = await signing_keys.signer(tx)
        now = self.clock.now()
        common = {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "tenant": tenant, "roles": sorted(set(roles))}
        times = {"iat": now, "nbf": now, "exp": now + lifetime}
        key = Ed25519PrivateKey.from_private_bytes(self.master.unwrap(signer.wrapped, signer.kid))
        header = {"alg": ALGORITHM, "kid": str(signer.kid)}
        return jwt.encode(header, {**claims, **common, **times}, OKPKey.import_key(key), [ALGORITHM])

    async def make_first_key(self, tx: Tx) -> None:
        """Make the first key, which signs at once, for nobody can know another."""
        await signing_keys.turn(tx)
        if await signing_keys.signer(tx) is None:
            await self._add(tx, timedelta())

    async def rotate(self, tx: Tx, *, at_once: bool = False) -> None:
        """Publish a new key, which signs when every verifier knows it.

        With `at_once` (the old one is no secret any more) all others are removed and it signs immediately.
        """
        await signing_keys.turn(tx)
        if at_once:
            await signing_keys.remove_all(tx)
        await signing_keys.remove_old(tx, PUBLISHED_AFTER)
        first = await signing_keys.signer(tx) is None
        await self._add(tx, timedelta() if first else PUBLISHED_BEFORE)

    async def _add(self, tx: Tx, signs_after: timedelta) -> None:
        key, kid = Ed25519PrivateKey.generate(), tx.new_id()
        wrapped = self.master.wrap(key.private_bytes_raw(), kid)
        await signing_keys.add(tx, kid, wrapped, key.public_key().public_bytes_raw(), signs_after)


async def forget_old_keys(tx: Tx) -> None:
    """Remove keys that signed only tokens which have expired."""
    await signing_keys.turn(tx)
    await signing_keys.remove_old(tx, PUBLISHED_AFTER)
