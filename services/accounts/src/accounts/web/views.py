"""What clients are answered."""

import base64
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import segno
from chassis.identity import ALGORITHM
from chassis.web import View
from pydantic import Field

from accounts.domain.address_change import AddressChange
from accounts.domain.erasure import DestroyedKey, is_complete
from accounts.store.erasures import Erasure
from accounts.store.second_factors import Enrolment
from accounts.store.signing_keys import PublicKey
from accounts.usecases.disclosing import DisclosedKey
from accounts.usecases.enrolling import Confirmation
from accounts.usecases.passkeys import NamedPasskey
from accounts.usecases.second_factors import AppSecret
from accounts.usecases.sessions import Tokens


class CustomerView(View):
    """A customer's id, and nothing else of them."""

    customer: UUID


class FoundView(View):
    """A customer's id, with the latest orders that bear the words looked for, where it is they that do."""

    customer: UUID
    orders: list[UUID]


class NameView(View):
    """What a customer is called, and where they read e-mail."""

    customer: UUID
    name: Annotated[str, Field(repr=False)]
    email: Annotated[str, Field(repr=False)]


class HintView(View):
    """What means the caller to the pages of accounts, and to nobody else."""

    hint: str


class TokensView(View):
    """Send the access token as Bearer; trade the refresh token for the next pair, once; `expires_in` is in seconds.

    `must_enrol` is true for staff whose token admits to nothing but enrolling the second factor that they lack,
    `must_confirm` for customers whose token admits to nothing but confirming their e-mail address.
    """

    access_token: str
    expires_in: int
    refresh_token: str
    subject: UUID
    must_enrol: bool
    must_confirm: bool


class SecondFactorView(View):
    """Whether a second factor is enrolled, since when, and how many recovery codes have not been used."""

    enrolled: bool
    since: datetime | None
    recovery_codes: int


class DeviceView(View):
    """What an authenticator app needs: the secret in base32, an otpauth address, the same as a QR code (data URI)."""

    secret: str
    uri: str
    qr: str


class RecoveryCodesView(View):
    """Codes to write down: each replaces one code of the app, once."""

    recovery_codes: list[str]


class ConfirmationView(RecoveryCodesView):
    """Recovery codes, and the tokens of the session that has begun."""

    tokens: TokensView


class ServiceTokenView(View):
    """Send the access token as Bearer; `expires_in` is in seconds."""

    access_token: str
    expires_in: int


class MeView(View):
    """Who is signed in; the fields from `market` on are a customer's only."""

    subject: UUID
    tenant: str
    roles: list[str]
    name: str
    email: str
    market: str | None = None
    language: str | None = None
    registered_at: datetime | None = None
    keep_data: bool | None = None
    deletion_asked_at: datetime | None = None


class EmailChangeView(View):
    """Another address that waits: which of both codes came back, when it is given up, when it counts in any case."""

    asked_at: datetime
    expires_at: datetime | None
    confirmed: bool
    consented: bool
    takes_effect_at: datetime | None


class EmailView(View):
    """Whether another address waits for its codes."""

    waiting: EmailChangeView | None


class ChoiceView(View):
    """What the customer has chosen; `erased_at` is set when it has been carried out."""

    keep_data: bool
    deletion_asked_at: datetime | None
    erased_at: datetime | None


class OptionsView(View):
    """What to ask of the browser, in WebAuthn's JSON form."""

    public_key: dict[str, Any]


class PasskeyView(View):
    """A passkey; `synced` tells whether it may be on several devices, and `domain` on which sites it signs in."""

    passkey: UUID
    name: str
    domain: str | None
    synced: bool
    added_at: datetime
    used_at: datetime | None


class JwkView(View):
    """The public half of a key that signs tokens (RFC 8037)."""

    kty: str
    crv: str
    x: str
    kid: str
    use: str
    alg: str


class JwksView(View):
    """The keys by which tokens are verified (RFC 7517)."""

    keys: list[JwkView]


class SubjectKeyView(View):
    """A private key in base64; `erased` where it is destroyed for ever."""

    key: UUID
    private: str | None = None
    erased: bool | None = None


class SubjectKeysView(View):
    """The keys that are given; those that are missing are unknown or denied."""

    keys: list[SubjectKeyView]


class ErasedKeyView(View):
    """A key of an erased customer, empty `destroyed_at` while it is still needed; when which service confirmed."""

    key: UUID
    kind: str
    destroyed_at: datetime | None
    confirmed: dict[str, datetime]
    missing: list[str]


class ErasureView(View):
    """How far an erasure has come; until `contact_until`, if that is known, the customer must still be reached."""

    customer: UUID
    erased_at: datetime
    expected: list[str]
    complete: bool
    contact_until: datetime | None
    keys: list[ErasedKeyView]


def tokens_view(tokens: Tokens) -> TokensView:
    """Return tokens as answered."""
    return TokensView.model_validate(tokens, from_attributes=True)


def second_factor_view(enrolment: Enrolment | None) -> SecondFactorView:
    """Return a second factor as shown to its owner."""
    if enrolment is None:
        return SecondFactorView(enrolled=False, since=None, recovery_codes=0)
    return SecondFactorView(enrolled=True, since=enrolment.confirmed_at, recovery_codes=enrolment.codes)


def device_view(secret: AppSecret) -> DeviceView:
    """Return the secret of an authenticator app as answered."""
    code = segno.make_qr(secret.uri, error="m")
    return DeviceView(secret=secret.secret, uri=secret.uri, qr=code.svg_data_uri(scale=4, border=4))


def confirmation_view(confirmation: Confirmation) -> ConfirmationView:
    """Return what one gets for a first code."""
    tokens = tokens_view(confirmation.tokens)
    return ConfirmationView(recovery_codes=confirmation.recovery_codes, tokens=tokens)


def email_view(change: AddressChange | None) -> EmailView:
    """Return how far a change of address has come, as its owner sees it."""
    if change is None:
        return EmailView(waiting=None)
    confirmed = change.confirmed_at is not None
    waiting = EmailChangeView(
        asked_at=change.asked_at,
        expires_at=None if confirmed else change.expires_at,
        confirmed=confirmed,
        consented=change.consented_at is not None,
        takes_effect_at=change.due_at,
    )
    return EmailView(waiting=waiting)


def passkey_view(passkey: NamedPasskey) -> PasskeyView:
    """Return a passkey as answered."""
    return PasskeyView.model_validate(passkey, from_attributes=True)


def jwk_view(key: PublicKey) -> JwkView:
    """Return a signing key as published."""
    x = base64.urlsafe_b64encode(key.public_key).rstrip(b"=").decode()
    return JwkView(kty="OKP", crv="Ed25519", x=x, kid=str(key.id), use="sig", alg=ALGORITHM)


def key_view(key: DisclosedKey) -> SubjectKeyView:
    """Return a subject's key as disclosed."""
    return SubjectKeyView.model_validate(key, from_attributes=True)


def erasure_view(erasure: Erasure, now: datetime) -> ErasureView:
    """Return an erasure with what is still missing."""
    keys = [
        ErasedKeyView(
            key=key.id,
            kind=key.kind,
            destroyed_at=key.destroyed_at,
            confirmed=key.confirmed,
            missing=sorted(set(erasure.expected_services) - key.confirmed.keys()),
        )
        for key in erasure.keys
    ]
    destroyed = [DestroyedKey(key.destroyed_at, frozenset(key.confirmed)) for key in erasure.keys]
    return ErasureView(
        customer=erasure.customer_id,
        erased_at=erasure.erased_at,
        expected=list(erasure.expected_services),
        complete=is_complete(destroyed, erasure.expected_services, now),
        contact_until=erasure.contact_until,
        keys=keys,
    )
