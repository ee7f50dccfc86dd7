"""The relying party of WebAuthn (level 3): what browsers are asked, and whether their answers are valid."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast
from uuid import UUID

import webauthn
from webauthn import helpers
from webauthn.helpers import structs
from webauthn.helpers.exceptions import WebAuthnException

from accounts.domain.passkey import (
    CHALLENGE_LIFETIME,
    LONGEST_CREDENTIAL_ID,
    PasskeyRefused,
    PasskeyUnfit,
    lies_within,
)
from accounts.store.passkeys import Credential

MILLISECONDS = int(CHALLENGE_LIFETIME.total_seconds() * 1000)
VERIFIED = structs.UserVerificationRequirement.REQUIRED
# We ask for no attestation; a device may vouch for itself nevertheless (WebAuthn, 5.1.3). No other format is parsed.
FORMATS = (structs.AttestationFormat.NONE, structs.AttestationFormat.PACKED)
# What the library raises where an answer makes no sense at all, its own errors and those from below.
BROKEN = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError)


class Account(NamedTuple):
    """Whose passkey it will be, as the device shows it."""

    subject_id: UUID
    email: str
    name: str


class PasskeyUse(NamedTuple):
    """What a device states about a passkey that has signed."""

    sign_count: int
    synced: bool


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """The domain `id` to which passkeys belong, and the origins of the pages on which they count."""

    id: str
    origins: tuple[str, ...]

    def at(self, name: str, origin: str) -> "RelyingParty":
        """Return the party for a page at this origin of the shop of this name.

        Where the name does not lie within our domain the shop is a party of its own, and its passkeys name nobody
        else (white label).
        """
        if lies_within(name, self.id):
            return RelyingParty(self.id, (*self.origins, origin))
        return RelyingParty(name, (origin,))

    def creation_options(
        self, challenge: bytes, seller: str, account: Account, existing: Sequence[bytes]
    ) -> dict[str, Any]:
        """Return options for `navigator.credentials.create()`: the device keeps the account, its owner unlocks it."""
        options = webauthn.generate_registration_options(
            rp_id=self.id,
            rp_name=seller,
            user_id=account.subject_id.bytes,
            user_name=account.email,
            user_display_name=account.name,
            challenge=challenge,
            timeout=MILLISECONDS,
            authenticator_selection=structs.AuthenticatorSelectionCriteria(
                resident_key=structs.ResidentKeyRequirement.REQUIRED, user_verification=VERIFIED
            ),
            exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=known) for known in existing],
        )
        return helpers.options_to_json_dict(options)

    def request_options(self, challenge: bytes) -> dict[str, Any]:
        """Return options for `navigator.credentials.get()`; any account of the device may answer, none is named."""
        options = webauthn.generate_authentication_options(
            rp_id=self.id, challenge=challenge, timeout=MILLISECONDS, user_verification=VERIFIED
        )
        return helpers.options_to_json_dict(options)

    def verified_credential(self, answer: Mapping[str, Any], challenge: bytes) -> Credential:
        """Return the credential that a device has made; raises PasskeyUnfit."""
        try:
            attested = helpers.base64url_to_bytes(answer["response"]["attestationObject"])
            if helpers.parse_attestation_object(attested).fmt not in FORMATS:
                raise PasskeyUnfit
            verified = webauthn.verify_registration_response(
                credential=dict(answer),
                expected_challenge=challenge,
                expected_rp_id=self.id,
                expected_origin=list(self.origins),
                require_user_verification=True,
            )
        except BROKEN:
            raise PasskeyUnfit from None
        if len(verified.credential_id) > LONGEST_CREDENTIAL_ID:
            raise PasskeyUnfit
        synced = verified.credential_device_type == structs.CredentialDeviceType.MULTI_DEVICE
        return Credential(verified.credential_id, verified.credential_public_key, verified.sign_count, synced)

    def verified_use(self, answer: Mapping[str, Any], challenge: bytes, public_key: bytes) -> PasskeyUse:
        """Return what a device has signed; raises PasskeyRefused. The caller judges whether its counter has grown."""
        try:
            verified = webauthn.verify_authentication_response(
                credential=dict(answer),
                expected_challenge=challenge,
                expected_rp_id=self.id,
                expected_origin=list(self.origins),
                credential_public_key=public_key,
                credential_current_sign_count=0,
                require_user_verification=True,
            )
        except BROKEN:
            raise PasskeyRefused from None
        synced = verified.credential_device_type == structs.CredentialDeviceType.MULTI_DEVICE
        return PasskeyUse(verified.new_sign_count, synced)


def bytes_of(text: str) -> bytes:
    """Decode base64url; returns no bytes where it is none."""
    try:
        return helpers.base64url_to_bytes(text)
    except ValueError:
        return b""


def challenge_of(client_data: str) -> bytes | None:
    """Return the challenge that a browser answers; None where it names none, or answers from within another's page."""
    try:
        answered: Any = json.loads(helpers.base64url_to_bytes(client_data))
        if not isinstance(answered, dict) or cast("dict[str, Any]", answered).get("crossOrigin"):
            return None
        return helpers.base64url_to_bytes(cast("dict[str, Any]", answered)["challenge"])
    except BROKEN:
        return None
