"""Second factors at work: whether a code counts, and the secrets behind the codes."""

import secrets
from base64 import b32encode
from dataclasses import dataclass, field
from uuid import UUID

from chassis.db import Tx
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from accounts.domain.second_factor import (
    DIGITS,
    PASSWORD,
    PASSWORD_AND_CODE,
    SECRET_BYTES,
    STEP_SECONDS,
    SecondFactorNeeded,
    SecondFactorRefused,
    is_timed,
    new_recovery_codes,
    plain,
    steps,
)
from accounts.store import factor_history, passkeys
from accounts.store import second_factors as store
from accounts.usecases.vault import Vault


@dataclass(frozen=True, slots=True)
class Device:
    """What an authenticator app is told: the secret in base32, and all of it as an address for a QR code."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


async def check(
    tx: Tx, tenant: str, subject: UUID, code: str | None, vault: Vault, *, beyond: bool
) -> tuple[str, ...] | SecondFactorNeeded | SecondFactorRefused:
    """How somebody has signed in whose password was right; a code that counts is used up.

    With `beyond` a passkey is a second factor, too, and the password alone does not count where there is one.
    """
    factor = await store.lock(tx, tenant, subject, STEP_SECONDS)
    if factor is None or factor.confirmed_at is None:
        return SecondFactorNeeded() if beyond and await passkeys.of_subject(tx, tenant, subject) else PASSWORD
    if code is None:
        return SecondFactorNeeded()
    if is_timed(plain(code)):
        right = await use(tx, tenant, subject, factor, code, vault)
    else:
        mark = (await vault.index(tx, tenant)).recovery_code(subject, plain(code))
        right = await store.use_code(tx, tenant, subject, mark)
        if right:
            await factor_history.add(tx, tenant, subject, "a recovery code was used")
    return PASSWORD_AND_CODE if right else SecondFactorRefused()


async def use(tx: Tx, tenant: str, subject: UUID, factor: store.Factor, code: str, vault: Vault) -> bool:
    """Whether a code by time counts; it is used up, and so are those of earlier steps."""
    totp = _totp(vault.master.unwrap(factor.wrapped, factor.factor))
    for step in steps(factor.step, factor.last_step):
        try:
            totp.verify(plain(code).encode(), step * STEP_SECONDS)
        except InvalidToken:
            continue
        await store.use_step(tx, tenant, subject, step)
        return True
    return False


async def begin(tx: Tx, tenant: str, subject: UUID, account: str, issuer: str, vault: Vault) -> Device | None:
    """Make a secret, which counts when a first code has confirmed it; None where a factor is enrolled already."""
    secret, factor = secrets.token_bytes(SECRET_BYTES), tx.new_id()
    if not await store.put(tx, tenant, subject, factor, vault.master.wrap(secret, factor)):
        return None
    return device(secret, account, issuer)


async def renew_codes(tx: Tx, tenant: str, subject: UUID, vault: Vault) -> list[str]:
    """New recovery codes in place of all others; only their marks are kept."""
    index, codes = await vault.index(tx, tenant), new_recovery_codes()
    await store.replace_codes(tx, tenant, subject, [index.recovery_code(subject, plain(code)) for code in codes])
    return codes


def device(secret: bytes, account: str, issuer: str) -> Device:
    """What an app is told (the Key URI format, which apps read); `issuer` is whose account it is."""
    uri = _totp(secret).get_provisioning_uri(account, issuer)
    return Device(b32encode(secret).decode(), uri)


def _totp(secret: bytes) -> TOTP:
    # SHA-1 is what every app computes, whatever the address says; in an HMAC it holds (RFC 6194, 3.3).
    return TOTP(secret, DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303 -- see above
