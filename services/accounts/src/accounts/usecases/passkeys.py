"""Passkeys: registered in the private area, and signed in with, each for a challenge that counts once."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from chassis.db import Tx
from chassis.identity.sealing import seal
from contracts.event import Sealed
from webauthn.helpers import bytes_to_base64url

from accounts.domain.passkey import (
    CHALLENGE_BYTES,
    CHALLENGE_LIFETIME,
    MOST,
    PasskeyRefused,
    PasskeyUnfit,
    PasskeyUnknown,
    TooManyPasskeys,
    methods,
    went_back,
)
from accounts.domain.people import AccountErased, TenantUnknown
from accounts.domain.purposes import PROFILE, STAFF
from accounts.domain.tokens import hashed
from accounts.store import challenges, factor_history, logins, second_factors, sessions, subject_keys, tenants
from accounts.store import passkeys as store
from accounts.usecases import enrolling, signing_in
from accounts.usecases import sessions as session_stories
from accounts.usecases.relying_party import Account, RelyingParty, bytes_of, challenge_of
from accounts.usecases.signing import Signing
from accounts.usecases.vault import Vault

log = structlog.get_logger(__name__)
NAME = "passkey name"


@dataclass(frozen=True, slots=True)
class Shown:
    """A passkey as its owner sees it."""

    passkey: UUID
    name: str = field(repr=False)
    synced: bool
    added_at: datetime
    used_at: datetime | None


async def begin(
    tx: Tx,
    attempt: signing_in.Attempt,
    code: str | None,
    vault: Vault,
    party: RelyingParty,
    *,
    right: bool,
    beyond: bool,
) -> dict[str, Any] | enrolling.Refusal | TooManyPasskeys:
    """Begin to register, for which password and code are asked once more; what the browser is told."""
    proved = await signing_in.prove(tx, attempt, code, vault, right=right, beyond=beyond)
    if isinstance(proved, Exception):
        return proved
    tenant, subject = attempt.tenant, proved.login.subject
    existing = await store.of_subject(tx, tenant, subject)
    if len(existing) >= MOST:
        return TooManyPasskeys()
    name, email = await enrolling.person_of(tx, tenant, proved.login, vault)
    challenge = await _new_challenge(tx, tenant, subject)
    seller = await _name_of(tx, tenant)
    return party.creation(challenge, seller, Account(subject, email, name), [key.credential.id for key in existing])


async def register(
    tx: Tx, tenant: str, subject: UUID, name: str, answer: Mapping[str, Any], party: RelyingParty
) -> UUID | PasskeyUnfit:
    """Keep what a device has made; whatever comes of it, the challenge is used up."""
    challenge = challenge_of(answer["response"]["clientDataJSON"])
    if challenge is None or not await challenges.take(tx, tenant, _hash(challenge), subject):
        return PasskeyUnfit()
    try:
        credential = party.registered(answer, challenge)
    except PasskeyUnfit as unfit:
        return unfit
    box = await _sealed(tx, tenant, subject, name)
    passkey = await store.add(tx, tenant, subject, credential, box)
    if passkey is None:
        return PasskeyUnfit()
    # What was begun when there was no passkey yet may have been begun by somebody who knew the password only.
    await challenges.forget(tx, tenant, subject)
    await second_factors.remove_unconfirmed(tx, tenant, subject)
    await factor_history.add(tx, tenant, subject, "a passkey was added")
    log.info("a passkey was added", tenant=tenant, subject=str(subject))
    return passkey


async def begin_sign_in(tx: Tx, tenant: str, party: RelyingParty) -> dict[str, Any]:
    """What the browser of anybody is told who wants to sign in; raises TenantUnknown."""
    await _name_of(tx, tenant)
    return party.request(await _new_challenge(tx, tenant, None))


async def sign_in(
    tx: Tx, tenant: str, answer: Mapping[str, Any], party: RelyingParty, signing: Signing
) -> session_stories.Tokens | PasskeyRefused:
    """Begin a session for whoever's device has signed the challenge; it is used up, whatever comes of it."""
    response = answer["response"]
    challenge = challenge_of(response["clientDataJSON"])
    if challenge is None or not await challenges.take(tx, tenant, _hash(challenge), None):
        return PasskeyRefused()
    known = await store.lock(tx, tenant, bytes_of(answer["id"]))
    login = await logins.by_subject(tx, tenant, known.subject) if known else None
    # The device says whose account it has unlocked (WebAuthn, 7.2, step 6).
    if known is None or login is None or response["userHandle"] != bytes_to_base64url(known.subject.bytes):
        return PasskeyRefused()
    try:
        signed = party.signed(answer, challenge, known.credential.public_key)
    except PasskeyRefused as refused:
        return refused
    if went_back(known.credential.sign_count, signed.sign_count):
        await factor_history.add(tx, tenant, known.subject, "a passkey was refused: its counter had gone back")
        log.warning("a passkey's counter has gone back", tenant=tenant, subject=str(known.subject))
        return PasskeyRefused()
    await store.use(tx, tenant, known.passkey, signed.sign_count)
    return await session_stories.begin(tx, tenant, login, methods(synced=signed.synced), signing)


async def shown(tx: Tx, tenant: str, subject: UUID, vault: Vault) -> list[Shown]:
    """The passkeys of somebody, with the names they gave them."""
    return await _open(tx, tenant, await store.of_subject(tx, tenant, subject), vault)


async def show(tx: Tx, tenant: str, subject: UUID, passkey: UUID, vault: Vault) -> Shown:
    """One of somebody's passkeys; raises PasskeyUnknown."""
    found = await store.find(tx, tenant, subject, passkey)
    if found is None:
        raise PasskeyUnknown
    return (await _open(tx, tenant, [found], vault))[0]


async def rename(tx: Tx, tenant: str, subject: UUID, passkey: UUID, name: str) -> None:
    """Call a passkey otherwise; raises PasskeyUnknown."""
    if not await store.rename(tx, tenant, subject, passkey, await _sealed(tx, tenant, subject, name)):
        raise PasskeyUnknown


async def remove(tx: Tx, tenant: str, subject: UUID, passkey: UUID) -> None:
    """Remove a passkey, which ends all sessions, for it may be lost; raises PasskeyUnknown."""
    if not await store.remove(tx, tenant, subject, passkey):
        raise PasskeyUnknown
    await factor_history.add(tx, tenant, subject, "a passkey was removed")
    await sessions.end_all(tx, tenant, subject, "a passkey was removed")


async def forget_old_challenges(tx: Tx) -> bool:
    """Forget challenges that nobody has answered in time."""
    return await challenges.forget_old(tx, tx.now)


async def _new_challenge(tx: Tx, tenant: str, subject: UUID | None) -> bytes:
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    await challenges.add(tx, tenant, _hash(challenge), subject, tx.now + CHALLENGE_LIFETIME)
    return challenge


def _hash(challenge: bytes) -> bytes:
    return hashed(challenge.hex())


async def _name_of(tx: Tx, tenant: str) -> str:
    known = await tenants.find(tx, tenant)
    if known is None:
        raise TenantUnknown
    return known.tenant.name


async def _sealed(tx: Tx, tenant: str, subject: UUID, name: str) -> Sealed:
    keys = await subject_keys.of_subject(tx, tenant, str(subject), (PROFILE, STAFF))
    if not keys:
        raise AccountErased
    return seal(name, next(iter(keys.values())), NAME)


async def _open(tx: Tx, tenant: str, found: list[store.Passkey], vault: Vault) -> list[Shown]:
    names = await vault.open(tx, tenant, [key.name for key in found])
    if names is None:
        raise AccountErased
    return [
        Shown(key.passkey, name, key.credential.synced, key.added_at, key.used_at)
        for key, name in zip(found, names, strict=True)
    ]
