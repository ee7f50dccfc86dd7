"""The events that accounts publishes."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from contracts.bounds import Time, Year
from contracts.event import Event, Internal, Part, Public, Sealed, SubjectKey
from contracts.shared import CustomerKeys, ErasureConfirmed


class KeyKind(StrEnum):
    """What a key's private half opens, and how long it lives (FEATURES part 2)."""

    PROFILE = "profile"
    CONTACT = "contact"
    RECORDS = "records"


class RecordsKey(Part):
    """The public key to which a seller's records of one calendar year are sealed."""

    year: Public[Year]
    records: Public[SubjectKey]


class BankAccount(Part):
    """Where a seller's transfers arrive; `payee` is the exact name the bank compares."""

    iban: Public[str]
    bic: Public[str]
    payee: Public[str]


class Seller(Part):
    """A legal person that sells; customers reach it by `email` and `telephone`."""

    seller: Public[str]
    legal_name: Public[str]
    address: Public[str]
    vat_id: Public[str]
    country: Public[str]
    bank_account: Public[BankAccount]
    records_keys: Public[list[RecordsKey]]
    email: Public[str | None] = None
    telephone: Public[str | None] = None


class OrganisationClaims(Part):
    """The organisation for which a session acts, as it was when the token was made; `role` is owner, buyer, auditor."""

    organisation: Internal[UUID]
    role: Internal[str]
    name: Internal[str]
    vat_id: Internal[str | None] = None


class CustomerClaims(Part):
    """What a customer's access token carries for a sale: both public keys and the boxes that travel with an order.

    Without an `organisation` the customer acts for themself.
    """

    keys: Public[CustomerKeys]
    name_profile: Sealed
    email_profile: Sealed
    name_contact: Sealed
    email_contact: Sealed
    language: Public[str]
    organisation: Internal[OrganisationClaims | None] = None


_SEALED_EMAIL = {"key": "0192d3a4-0000-7000-8000-000000000103", "kind": "email", "box": "AAAA"}
_SEALED_NAME = {"key": "0192d3a4-0000-7000-8000-000000000102", "kind": "name", "box": "AAAA"}
_KEYS = {
    "profile": {"key": "0192d3a4-0000-7000-8000-000000000102", "public": "AAAA"},
    "contact": {"key": "0192d3a4-0000-7000-8000-000000000103", "public": "AAAA"},
}
_LETTER = {
    "tenant": "kontor",
    "shop": "Kontor",
    "language": "de",
    "expires_at": "2026-11-03T08:00:00Z",
    "name": {**_SEALED_EMAIL, "kind": "name"},
    "email": _SEALED_EMAIL,
    "code": {**_SEALED_EMAIL, "kind": "code"},
}
_CODE = {**_LETTER, "customer": "0192d3a4-0000-7000-8000-000000000101"}
_SELLER = {
    "seller": "kontor",
    "legal_name": "Kontor Software GmbH",
    "address": "Speicherstadt 1, 20457 Hamburg, Germany",
    "vat_id": "DE136695976",
    "country": "DE",
    "bank_account": {"iban": "DE89370400440532013000", "bic": "COBADEFFXXX", "payee": "Kontor Software GmbH"},
    "records_keys": [
        {"year": 2026, "records": {"key": "0192d3a4-0000-7000-8000-000000000104", "public": "AAAA"}},
    ],
    "email": "service@kontor.example",
    "telephone": "+49 40 5550100",
}


class CustomerRegistered(Event, key="customer"):
    """A customer has an account and has chosen whether data is kept or deleted right after the order (M26).

    Where addresses are confirmed, it is published when the customer has shown to read letters there.
    """

    customer: Internal[UUID]
    registered_at: Public[Time]
    market: Public[str]
    language: Public[str]
    keep_data: Internal[bool]
    keys: Internal[CustomerKeys]
    name: Sealed
    email: Sealed

    EXAMPLE: ClassVar = {
        "tenant": "kontor",
        "customer": "0192d3a4-0000-7000-8000-000000000101",
        "registered_at": "2026-11-02T08:00:00Z",
        "market": "DE",
        "language": "de",
        "keep_data": True,
        "keys": _KEYS,
        "name": _SEALED_NAME,
        "email": _SEALED_EMAIL,
    }


class _CodeMailed(Event, abstract=True):
    """A customer is mailed a code: all boxes are sealed to their contact, `shop` is the name of the tenant."""

    customer: Internal[UUID]
    shop: Public[str]
    language: Public[str]
    expires_at: Public[Time]
    name: Sealed
    email: Sealed
    code: Sealed


class EmailConfirmationRequested(_CodeMailed, key="customer", subject="confirmation"):
    """Somebody has registered with this address; they can do nothing until whoever reads there sends `code` back."""

    confirmation: Public[UUID]

    EXAMPLE: ClassVar = {**_CODE, "confirmation": "0192d3a4-0000-7000-8000-000000000107"}


class EmailChangeRequested(_CodeMailed, key="customer", subject="change"):
    """A customer wants to be written to elsewhere; nothing changes unless whoever reads there sends `code` back."""

    change: Public[UUID]

    EXAMPLE: ClassVar = {**_CODE, "change": "0192d3a4-0000-7000-8000-000000000105"}


class EmailConsentRequested(_CodeMailed, key="customer", subject="consent"):
    """A customer is asked at the address until now: with `code` the other one counts at once, or never.

    Where nobody answers, it counts some days after its own reader has confirmed it.
    """

    consent: Public[UUID]

    EXAMPLE: ClassVar = {**_CODE, "consent": "0192d3a4-0000-7000-8000-000000000108"}


class PasswordResetRequested(_CodeMailed, key="customer", subject="reset"):
    """A customer's password is forgotten; nothing changes until whoever reads their mail sends `code` back."""

    reset: Public[UUID]

    EXAMPLE: ClassVar = {**_CODE, "reset": "0192d3a4-0000-7000-8000-000000000106"}


class OrganisationInvitationRequested(_CodeMailed, key="customer", subject="invitation"):
    """A customer is invited to buy for an organisation; nothing changes unless they send `code` back."""

    invitation: Public[UUID]

    EXAMPLE: ClassVar = {**_CODE, "invitation": "0192d3a4-0000-7000-8000-000000000109"}


class StaffInvited(Event, key="member", subject="invitation"):
    """Somebody is invited to work for a tenant: with `code` they choose a password on `page`; earlier ones are void."""

    member: Internal[UUID]
    invitation: Public[UUID]
    shop: Public[str]
    language: Public[str]
    page: Internal[str]
    expires_at: Public[Time]
    name: Sealed
    email: Sealed
    code: Sealed

    EXAMPLE: ClassVar = {
        **_LETTER,
        "member": "0192d3a4-0000-7000-8000-000000000110",
        "invitation": "0192d3a4-0000-7000-8000-000000000111",
        "page": "https://work.example/invitation?tenant=kontor",
    }


class EmailChanged(Event, key="customer"):
    """A customer has another address, and has shown to read there; what was not delivered yet goes there, too.

    `former_email` is the address until then, at which the customer is told; `shop` is the name of the tenant.
    """

    customer: Internal[UUID]
    changed_at: Public[Time]
    email_contact: Sealed
    former_email: Sealed | None = None
    name: Sealed | None = None
    shop: Public[str | None] = None
    language: Public[str | None] = None

    EXAMPLE: ClassVar = {
        "tenant": "kontor",
        "customer": "0192d3a4-0000-7000-8000-000000000101",
        "changed_at": "2026-11-02T08:10:00Z",
        "email_contact": _SEALED_EMAIL,
        "former_email": _SEALED_EMAIL,
        "name": {**_SEALED_EMAIL, "kind": "name"},
        "shop": "Kontor",
        "language": "de",
    }


class PrivacyChosen(Event, key="customer"):
    """A customer has changed the choice whether data is kept or deleted right after the order (M26)."""

    customer: Internal[UUID]
    keep_data: Internal[bool]
    chosen_at: Public[Time]

    EXAMPLE: ClassVar = {
        "tenant": "kontor",
        "customer": "0192d3a4-0000-7000-8000-000000000101",
        "keep_data": False,
        "chosen_at": "2026-11-03T08:00:00Z",
    }


class KeyDestroyed(Event, key="customer", subject="key"):
    """The private half of a customer's key is gone: what was sealed to it reads as erased, for ever."""

    customer: Internal[UUID]
    key: Public[UUID]
    kind: Public[KeyKind]
    destroyed_at: Public[Time]

    def confirmed_by(self, service: str) -> ErasureConfirmed:
        """Return the event that a service publishes when it can no longer read what was sealed to this key."""
        return ErasureConfirmed(tenant=self.tenant, customer=self.customer, key=self.key, service=service)

    EXAMPLE: ClassVar = {
        "tenant": "kontor",
        "customer": "0192d3a4-0000-7000-8000-000000000101",
        "key": "0192d3a4-0000-7000-8000-000000000102",
        "kind": "profile",
        "destroyed_at": "2026-11-02T10:00:00Z",
    }


class CustomerErased(Event, key="customer"):
    """The customer's profile is erased, and every service of `expected` confirms each destroyed key (ORD-2)."""

    customer: Internal[UUID]
    erased_at: Public[Time]
    expected: Public[list[str]]

    EXAMPLE: ClassVar = {
        "tenant": "kontor",
        "customer": "0192d3a4-0000-7000-8000-000000000101",
        "erased_at": "2026-11-02T10:00:00Z",
        "expected": ["delivery", "letters", "orders"],
    }


class TenantOpened(Event, key="tenant"):
    """A tenant trades on the platform: its sellers, their bank accounts and the keys of their records."""

    name: Public[str]
    sellers: Public[list[Seller]]

    EXAMPLE: ClassVar = {"tenant": "kontor", "name": "Kontor", "sellers": [_SELLER]}


class TenantChanged(Event, key="tenant"):
    """A tenant's sellers, bank accounts or record keys are now these."""

    name: Public[str]
    sellers: Public[list[Seller]]

    EXAMPLE: ClassVar = {"tenant": "kontor", "name": "Kontor", "sellers": [_SELLER]}
