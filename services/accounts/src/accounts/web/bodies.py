"""What clients send."""

from typing import Annotated, Literal
from uuid import UUID

from chassis.web import Body, RuleBroken
from contracts.emails import EmailAddress, EmailMalformed
from contracts.topics import SERVICES
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from accounts.domain.people import LONGEST_PASSWORD, SHORTEST_PASSWORD
from accounts.domain.second_factor import RECOVERY_CODES

Tenant = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]


def _email(text: str) -> str:
    try:
        return EmailAddress.read(text).written
    except EmailMalformed:
        raise RuleBroken("this is not an e-mail address") from None


def _service(text: str) -> str:
    if text not in SERVICES:
        raise RuleBroken("there is no such service")
    return text


Service = Annotated[str, Field(max_length=64), AfterValidator(_service)]
Email = Annotated[str, Field(min_length=3, max_length=300, repr=False), AfterValidator(_email)]
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$")
]
NewPassword = Annotated[str, Field(min_length=SHORTEST_PASSWORD, max_length=LONGEST_PASSWORD, repr=False)]
PasswordText = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_PASSWORD)]
Password = Annotated[PasswordText, Field(repr=False)]
# Of an authenticator app, or a recovery code, with the spaces and hyphens that people see.
CodeText = Annotated[str, StringConstraints(min_length=6, max_length=40, pattern=r"^[0-9A-Za-z -]+$")]
Code = Annotated[CodeText, Field(repr=False)]
# base64url without padding, as WebAuthn writes bytes in JSON.
Encoded = Annotated[str, StringConstraints(min_length=1, max_length=8192, pattern=r"^[A-Za-z0-9_-]+$")]
CredentialId = Annotated[str, StringConstraints(min_length=1, max_length=1364, pattern=r"^[A-Za-z0-9_-]+$")]
Origin = Annotated[str, StringConstraints(max_length=300, pattern=r"^(https?://[a-z0-9.:\[\]-]+)?$")]
RefreshToken = Annotated[str, Field(min_length=1, max_length=200, repr=False)]


class Registration(Body):
    """A new customer; `keep_data` false means: delete right after the order."""

    tenant: Tenant
    email: Email
    password: NewPassword
    name: Name
    market: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    language: Literal["de", "en"]
    keep_data: bool


class SignIn(Body):
    """Who somebody claims to be, and the proof."""

    tenant: Tenant
    email: Annotated[str, Field(min_length=1, max_length=254, repr=False)]
    password: Password
    code: Annotated[CodeText | None, Field(repr=False)] = None
    audience: Annotated[list[Service] | None, Field(min_length=1, max_length=len(SERVICES))] = None


class Forgotten(Body):
    """Whose password was forgotten."""

    tenant: Tenant
    email: Email


class Reset(Body):
    """The code that was mailed, and another password."""

    tenant: Tenant
    code: Annotated[str, Field(min_length=1, max_length=64, repr=False)]
    password: NewPassword


class CurrentPassword(Body):
    """The password, once more; it need not be named within 5 minutes after signing in."""

    password: Annotated[PasswordText | None, Field(repr=False)] = None


class FirstCode(Body):
    """A code of the authenticator app."""

    code: Code


class Reauthentication(Body):
    """The password, and a code where there is a second factor; neither is needed within 5 minutes after signing in."""

    password: Annotated[PasswordText | None, Field(repr=False)] = None
    code: Annotated[CodeText | None, Field(repr=False)] = None


class ShownCodes(Body):
    """The recovery codes that a page has just shown."""

    recovery_codes: Annotated[list[CodeText], Field(min_length=1, max_length=RECOVERY_CODES, repr=False)]


class PasswordAgain(Body):
    """The password, and a code where there is a second factor."""

    password: Password
    code: Annotated[CodeText | None, Field(repr=False)] = None


class NewEmail(Reauthentication):
    """The e-mail address at which one wants to be written to."""

    email: Email


class RegisteredEmail(Body):
    """Another address to register with, and the password that was chosen."""

    email: Email
    password: Password


class MailedCode(Body):
    """The code of a letter."""

    code: Code


class Objection(MailedCode):
    """The code of a letter to the address until now."""

    tenant: Tenant


class _FromDevice(Body):
    # Browsers send more than is needed, and may send more yet.
    model_config = ConfigDict(extra="ignore")


class AttestationResponse(_FromDevice):
    """What a device states about the passkey it has made."""

    client_data: Encoded = Field(alias="clientDataJSON")
    attestation: Encoded = Field(alias="attestationObject")


class AssertionResponse(_FromDevice):
    """What a device has signed."""

    client_data: Encoded = Field(alias="clientDataJSON")
    authenticator: Encoded = Field(alias="authenticatorData")
    signature: Encoded
    user_handle: Annotated[str, StringConstraints(max_length=90)] | None = Field(default=None, alias="userHandle")


class Attestation(_FromDevice):
    """The JSON form of a passkey that was made (RegistrationResponseJSON)."""

    id: CredentialId
    raw_id: CredentialId = Field(alias="rawId")
    type: Literal["public-key"]
    response: AttestationResponse


class Assertion(_FromDevice):
    """The JSON form of a signature (AuthenticationResponseJSON)."""

    id: CredentialId
    raw_id: CredentialId = Field(alias="rawId")
    type: Literal["public-key"]
    response: AssertionResponse


class TenantName(Body):
    """Where somebody wants to sign in."""

    tenant: Tenant


class PasskeyBeginning(Reauthentication):
    """Where a passkey is to be made: the origin of the client's page, or none for the installation's own."""

    origin: Origin = ""


class PasskeySignIn(Body):
    """What a device has signed for a tenant."""

    tenant: Tenant
    credential: Assertion


class PasskeyName(Body):
    """The name of a passkey."""

    name: Annotated[Name, Field(max_length=60)]


class NewPasskey(PasskeyName):
    """A passkey that was made, its name, and where it was made, as in what came before."""

    credential: Attestation
    origin: Origin = ""


class Refresh(Body):
    """The refresh token last received."""

    refresh_token: RefreshToken


class Acceptance(Body):
    """An invitation, and the password that was chosen; beside a code that was mailed stands the tenant."""

    tenant: Tenant | None = None
    invitation: Annotated[str, Field(min_length=1, max_length=200, repr=False)]
    password: NewPassword


class PrivacyChoice(Reauthentication):
    """Keep data for later purchases, or delete right after the order."""

    keep_data: bool


class PasswordChange(Body):
    """The current password and the next."""

    current: Password
    new: NewPassword


class ServiceCredentials(Body):
    """A service's name and secret."""

    service: Annotated[str, Field(min_length=1, max_length=64)]
    secret: Annotated[str, Field(min_length=1, max_length=200, repr=False)]


class KeyRequest(Body):
    """Keys and what they are needed for."""

    purpose: Annotated[str, Field(min_length=1, max_length=64)]
    keys: Annotated[list[UUID], Field(min_length=1, max_length=500)]


class Search(Body):
    """An e-mail address, or words of a name, of a company, or of either."""

    email: Annotated[str, Field(min_length=1, max_length=254)] | None = None
    name: Annotated[str, Field(min_length=1, max_length=120)] | None = None
    company: Annotated[str, Field(min_length=1, max_length=200)] | None = None

    @model_validator(mode="after")
    def _seeks_by_one(self) -> "Search":
        if (self.email is None) == (self.name is None and self.company is None):
            raise RuleBroken("name either an e-mail address, or words of a name, of a company, or of either")
        return self
