"""Passkeys: registered by those who are signed in, and signed in with, each for a challenge that counts once."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from chassis.db import Read, Tx
from chassis.identity import seal
from contracts.event import Sealed
from contracts.security import Factor, SecondFactorAdded, SecondFactorRemoved
from webauthn.helpers import bytes_to_base64url

from accounts.domain.device import Device
from accounts.domain.passkey import (
    CHALLENGE_BYTES,
    CHALLENGE_LIFETIME,
    MOST,
    PasskeyRefused,
    PasskeyUnfit,
    PasskeyUnknown,
    TooManyPasskeys,
    has_not_grown,
    methods,
)
from accounts.domain.people import AccountErased, TenantUnknown
from accounts.domain.purposes import PROFILE, STAFF
from accounts.domain.tokens import hashed
from accounts.store import challenges, factor_history, logins, second_factors, subject_keys, tenants
from accounts.store import passkeys as store
from accounts.store import sessions as session_rows
from accounts.usecases import enrolling, profiles, recognising, sessions, signing_in, warning
from accounts.usecases.key_management import KeyManagement
from accounts.usecases.relying_party import Account, RelyingParty, bytes_of, challenge_of
from accounts.usecases.tokens import TokenIssuer

log = structlog.get_logger(__name__)
NAME = "passkey name"


@dataclass(frozen=True, slots=True)
class NamedPasskey:
    """A passkey as its owner sees it."""

    passkey: UUID
    name: str = field(repr=False)
    domain: str | None
    synced: bool
    added_at: datetime
    used_at: datetime | None


async def begin(
    tx: Tx, attempt: signing_in.Attempt, code: str | None, kms: KeyManagement, party: RelyingParty
) -> dict[str, Any] | enrolling.Refusal | TooManyPasskeys:
    """Begin to register, for which password and code are asked once more; returns the browser's options."""
    proved = await signing_in.authenticate(tx, attempt, code, kms)
    if isinstance(proved, Exception):
        return proved
    tenant, subject_id = attempt.tenant, proved.login.subject_id
    existing = await store.of_subject(tx, tenant, subject_id)
    if len(existing) >= MOST:
        return TooManyPasskeys()
    name, email = await profiles.name_and_email(tx, tenant, subject_id, proved.login.roles, kms)
    challenge = await _new_challenge(tx, tenant, subject_id)
    account = Account(subject_id, email, name)
    credential_ids = [passkey.credential.id for passkey in existing]
    return party.creation_options(challenge, await _name_of(tx, tenant), account, credential_ids)


async def register(
    tx: Tx,
    tenant: str,
    subject_id: UUID,
    name: str,
    answer: Mapping[str, Any],
    party: RelyingParty,
    kms: KeyManagement,
    device: Device,
) -> UUID | PasskeyUnfit:
    """Add the passkey that a device has made, and return its id; the challenge is used up in any case."""
    challenge = challenge_of(answer["response"]["clientDataJSON"])
    if challenge is None or not await challenges.use(tx, tenant, _hash(challenge), subject_id):
        return PasskeyUnfit()
    try:
        credential = party.verified_credential(answer, challenge)
    except PasskeyUnfit as unfit:
        return unfit
    sealed = await _sealed(tx, tenant, subject_id, name)
    passkey_id = await store.add(tx, tenant, subject_id, credential, sealed, party.id)
    if passkey_id is None:
        return PasskeyUnfit()
    # What was begun when there was no passkey yet may have been begun by somebody who knew the password only.
    await challenges.remove(tx, tenant, subject_id)
    await second_factors.remove_unconfirmed(tx, tenant, subject_id)
    await factor_history.add(tx, tenant, subject_id, "a passkey was added")
    log.info("a passkey was added", tenant=tenant, subject=str(subject_id))
    await warning.publish(tx, SecondFactorAdded, tenant, subject_id, kms, device, factor=Factor.PASSKEY)
    return passkey_id


async def begin_sign_in(tx: Tx, tenant: str, party: RelyingParty) -> dict[str, Any]:
    """Return the options for the browser of anybody who wants to sign in; raises TenantUnknown."""
    await _name_of(tx, tenant)
    return party.request_options(await _new_challenge(tx, tenant, None))


async def sign_in(
    tx: Tx, tenant: str, answer: Mapping[str, Any], party: RelyingParty, issuer: TokenIssuer, device: Device
) -> sessions.Tokens | PasskeyRefused:
    """Begin a session for whoever's device has signed the challenge, which is used up in any case."""
    proved = await prove(tx, tenant, answer, party)
    if isinstance(proved, Exception):
        return proved
    await recognising.see(tx, tenant, proved.login.subject_id, device, KeyManagement(issuer.master))
    return await sessions.begin(tx, tenant, proved.login, proved.methods, issuer, session_rows.Scope(device=device))


async def prove(
    tx: Tx, tenant: str, answer: Mapping[str, Any], party: RelyingParty
) -> signing_in.Authentication | PasskeyRefused:
    """Judge what a device has signed; the challenge is used up in any case."""
    response = answer["response"]
    challenge = challenge_of(response["clientDataJSON"])
    if challenge is None or not await challenges.use(tx, tenant, _hash(challenge), None):
        return PasskeyRefused()
    passkey = await store.lock(tx, tenant, bytes_of(answer["id"]))
    login = await logins.by_subject(tx, tenant, passkey.subject_id) if passkey else None
    # The device says whose account it has unlocked (WebAuthn, 7.2, step 6).
    if passkey is None or login is None or response["userHandle"] != bytes_to_base64url(passkey.subject_id.bytes):
        return PasskeyRefused()
    try:
        use = party.verified_use(answer, challenge, passkey.credential.public_key)
    except PasskeyRefused as refused:
        return refused
    if has_not_grown(passkey.credential.sign_count, use.sign_count):
        await factor_history.add(tx, tenant, passkey.subject_id, "a passkey was refused: its counter had gone back")
        log.warning("a passkey's counter has gone back", tenant=tenant, subject=str(passkey.subject_id))
        return PasskeyRefused()
    await store.use(tx, tenant, passkey.id, use.sign_count)
    return signing_in.Authentication(login, methods(synced=use.synced))


async def of_subject(read: Read, tenant: str, subject_id: UUID, kms: KeyManagement) -> list[NamedPasskey]:
    """Return the passkeys of somebody, with the names they gave them."""
    return await _named(read, tenant, await store.of_subject(read, tenant, subject_id), kms)


async def find(read: Read, tenant: str, subject_id: UUID, passkey_id: UUID, kms: KeyManagement) -> NamedPasskey:
    """Return one of somebody's passkeys; raises PasskeyUnknown."""
    found = await store.find(read, tenant, subject_id, passkey_id)
    if found is None:
        raise PasskeyUnknown
    return (await _named(read, tenant, [found], kms))[0]


async def rename(tx: Tx, tenant: str, subject_id: UUID, passkey_id: UUID, name: str) -> None:
    """Rename a passkey; raises PasskeyUnknown."""
    if not await store.rename(tx, tenant, subject_id, passkey_id, await _sealed(tx, tenant, subject_id, name)):
        raise PasskeyUnknown


async def remove(
    tx: Tx, attempt: signing_in.Attempt, code: str | None, passkey_id: UUID, kms: KeyManagement
) -> enrolling.Refusal | PasskeyUnknown | None:
    """Remove a passkey, for password and code; all sessions end, for it may be lost."""
    proved = await signing_in.authenticate(tx, attempt, code, kms)
    if isinstance(proved, Exception):
        return proved
    tenant, subject_id = attempt.tenant, proved.login.subject_id
    if not await store.remove(tx, tenant, subject_id, passkey_id):
        return PasskeyUnknown()
    await factor_history.add(tx, tenant, subject_id, "a passkey was removed")
    await session_rows.end_all(tx, tenant, subject_id, "a passkey was removed")
    await warning.publish(tx, SecondFactorRemoved, tenant, subject_id, kms, attempt.device, factor=Factor.PASSKEY)
    return None


async def remove_old_challenges(tx: Tx) -> bool:
    """Remove challenges that nobody has answered in time, and return whether there may be more."""
    return await challenges.remove_old(tx, tx.now)


async def _new_challenge(tx: Tx, tenant: str, subject_id: UUID | None) -> bytes:
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    await challenges.add(tx, tenant, _hash(challenge), subject_id, tx.now + CHALLENGE_LIFETIME)
    return challenge


def _hash(challenge: bytes) -> bytes:
    return hashed(challenge.hex())


async def _name_of(read: Read, tenant: str) -> str:
    known = await tenants.find(read, tenant)
    if known is None:
        raise TenantUnknown
    return known.name


async def _sealed(read: Read, tenant: str, subject_id: UUID, name: str) -> Sealed:
    keys = await subject_keys.of_subject(read, tenant, str(subject_id), (PROFILE, STAFF))
    if not keys:
        raise AccountErased
    return seal(name, next(iter(keys.values())), NAME)


async def _named(read: Read, tenant: str, found: list[store.Passkey], kms: KeyManagement) -> list[NamedPasskey]:
    names = await kms.open(read, tenant, [passkey.name for passkey in found])
    if names is None:
        raise AccountErased
    return [
        NamedPasskey(passkey.id, name, passkey.domain, passkey.credential.synced, passkey.added_at, passkey.used_at)
        for passkey, name in zip(found, names, strict=True)
    ]
