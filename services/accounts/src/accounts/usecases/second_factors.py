"""Second factors at work: whether a code counts, and the secrets behind the codes."""

import secrets
from base64 import b32encode
from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from chassis.db import Read, Tx
from chassis.lists import compact
from contracts.security import RecoveryCodeUsed
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from accounts.domain.device import Device
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
    steps,
)
from accounts.store import factor_history, passkeys
from accounts.store import second_factors as store
from accounts.usecases import warning
from accounts.usecases.key_management import KeyManagement


@dataclass(frozen=True, slots=True)
class AppSecret:
    """What an authenticator app is told: the secret in base32, and all of it as an address for a QR code."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


async def check(
    tx: Tx, tenant: str, subject_id: UUID, code: str | None, kms: KeyManagement, device: Device, *, passkey_counts: bool
) -> tuple[str, ...] | SecondFactorNeeded | SecondFactorRefused:
    """Return the methods of somebody whose password was right; a code that counts is used up.

    Of a recovery code that counts its owner is written to, with the device.

    Where `passkey_counts`, a passkey is a second factor, too, and the password alone is not enough beside one.
    """
    factor = await store.lock(tx, tenant, subject_id, STEP_SECONDS)
    if factor is None or factor.confirmed_at is None:
        needed = passkey_counts and await passkeys.of_subject(tx, tenant, subject_id)
        return SecondFactorNeeded() if needed else PASSWORD
    if code is None:
        return SecondFactorNeeded()
    if is_timed(compact(code)):
        counts = await use(tx, tenant, subject_id, factor, code, kms)
    else:
        code_hmac = (await kms.blind_index(tx, tenant)).recovery_code(subject_id, compact(code))
        counts = await store.use_code(tx, tenant, subject_id, code_hmac)
        if counts:
            await factor_history.add(tx, tenant, subject_id, "a recovery code was used")
            enrolment = await store.enrolment(tx, tenant, subject_id)
            left = enrolment.codes if enrolment else 0
            await warning.publish(tx, RecoveryCodeUsed, tenant, subject_id, kms, device, left=left)
    return PASSWORD_AND_CODE if counts else SecondFactorRefused()


async def use(tx: Tx, tenant: str, subject_id: UUID, factor: store.SecondFactor, code: str, kms: KeyManagement) -> bool:
    """Return whether a code by time counts; it is used up, and so are those of earlier steps."""
    totp = _totp(kms.master.unwrap(factor.wrapped_secret, factor.id))
    for step in steps(factor.step, factor.last_step):
        try:
            totp.verify(compact(code).encode(), step * STEP_SECONDS)
        except InvalidToken:
            continue
        await store.use_step(tx, tenant, subject_id, step)
        return True
    return False


async def begin(
    tx: Tx, tenant: str, subject_id: UUID, account: str, issuer: str, kms: KeyManagement
) -> AppSecret | None:
    """Make a secret, which counts when a first code has confirmed it; None where a factor is enrolled already.

    The app shows `account` and `issuer`, whose account it is (the Key URI format, which apps read).
    """
    secret, factor_id = secrets.token_bytes(SECRET_BYTES), tx.new_id()
    if not await store.put(tx, tenant, subject_id, factor_id, kms.master.wrap(secret, factor_id)):
        return None
    return AppSecret(b32encode(secret).decode(), _totp(secret).get_provisioning_uri(account, issuer))


async def renew_codes(tx: Tx, tenant: str, subject_id: UUID, kms: KeyManagement) -> list[str]:
    """Make new recovery codes in place of all others; only their blind indexes are kept."""
    index, codes = await kms.blind_index(tx, tenant), new_recovery_codes()
    hmacs = [index.recovery_code(subject_id, compact(code)) for code in codes]
    await store.replace_codes(tx, tenant, subject_id, hmacs)
    return codes


async def all_count(read: Read, tenant: str, subject_id: UUID, codes: Collection[str], kms: KeyManagement) -> bool:
    """Return whether all of these recovery codes count still; none of them is used up."""
    index = await kms.blind_index(read, tenant)
    hmacs = {index.recovery_code(subject_id, compact(code)) for code in codes}
    return await store.count_codes(read, tenant, subject_id, hmacs) == len(hmacs)


def _totp(secret: bytes) -> TOTP:
    # SHA-1 is what every app computes, whatever the address says; in an HMAC it is secure (RFC 6194, 3.3).
    return TOTP(secret, DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303 -- see above
