"""The rule about fields: each has an audience, and what tells who somebody is travels in a box."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, get_args
from uuid import UUID

from pydantic import BaseModel

from contracts.event import Audience, Event, Sealed, audience_of, parts_of
from contracts.faults import Fault

_BORN: Final = {"birth", "birthdate", "birthday"}
_WHO: Final = {"company", "firstname", "forename", "gender", "lastname", "name", "surname"}
_CALLED: Final = {"nickname", "person", "photo", "purchase", "recipient", "salutation", "sender", "signature"}
_WHERE: Final = {"address", "city", "house", "latitude", "location", "longitude", "postal", "postcode", "street", "zip"}
_REACHED: Final = {"email", "fax", "ip", "login", "mail", "mobile", "phone", "telephone", "user", "username"}
_PAYS: Final = {"account", "bic", "card", "iban", "passport", "payee", "payer", "vat"}
_SECRET: Final = {"password", "secret", "token"}
# Matched with the words between a field's underscores.
PERSONAL: Final = frozenset(_BORN | _WHO | _CALLED | _WHERE | _REACHED | _PAYS | _SECRET)

# Ids of persons, which are the same in every channel: by them partners could put together what somebody buys elsewhere.
PSEUDONYMS: Final = frozenset({"customer", "host", "member"})

_SELLER: Final = "a seller's legal data are public (they stand on every order and invoice)"
_PAYEE: Final = "the seller's own account, to which customers transfer"
_GOODS: Final = "the name of goods, not of a person"
_EMAIL: Final = "the id of an e-mail, not an address"
ALLOWED: Final[Mapping[str, str]] = {
    "accounts.BankAccount.bic": _PAYEE,
    "accounts.BankAccount.iban": _PAYEE,
    "accounts.BankAccount.payee": _PAYEE,
    "accounts.Seller.address": _SELLER,
    "accounts.Seller.bank_account": _PAYEE,
    "accounts.Seller.email": _SELLER,
    "accounts.Seller.legal_name": _SELLER,
    "accounts.Seller.telephone": _SELLER,
    "accounts.Seller.vat_id": _SELLER,
    "accounts.TenantChanged.name": "the name of a house that trades, not of a person",
    "storefront.Brand.mail_from": "the address that a shop's letters are from, which each of them shows",
    "storefront.Brand.name": "the name of a shop, not of a person",
    "accounts.TenantOpened.name": "the name of a house that trades, not of a person",
    "catalog.Edition.name": _GOODS,
    "delivery.File.name": "the name of a file for sale",
    "letters.EmailBounced.email": _EMAIL,
    "letters.EmailSent.email": _EMAIL,
    "mail_relay.EmailReturned.email": _EMAIL,
    "orders.LegalSeller.address": _SELLER,
    "orders.LegalSeller.email": _SELLER,
    "orders.LegalSeller.legal_name": _SELLER,
    "orders.LegalSeller.telephone": _SELLER,
    "orders.LegalSeller.vat_id": _SELLER,
    "orders.Line.name": _GOODS,
    "shipping.ShippedLine.name": _GOODS,
    "withdrawals.WithdrawnLine.name": _GOODS,
    "payments.TransferRequested.bic": _PAYEE,
    "payments.TransferRequested.iban": _PAYEE,
    "payments.TransferRequested.payee": _PAYEE,
}


def audience_faults(events: Iterable[type[Event]]) -> list[Fault]:
    """Fields that nobody has classed, and boxes classed as something else."""
    faults: list[Fault] = []
    for part in _parts(events):
        for field in part.model_fields:
            audience = audience_of(part, field)
            if audience is None:
                faults.append(
                    Fault(_name(part, field), "nobody says who may read it", "Say Public, Internal or Sealed")
                )
            elif audience is not Audience.SEALED and _holds_box(part.model_fields[field].annotation):
                faults.append(Fault(_name(part, field), f"a box is marked {audience}", "Declare it as Sealed alone"))
    return faults


def pseudonym_faults(events: Iterable[type[Event]]) -> list[Fault]:
    """Ids of persons that partners would see."""
    return [
        Fault(_name(part, field), "partners would see the same person in every channel", "Declare it as Internal")
        for part in _parts(events)
        for field, info in part.model_fields.items()
        if PSEUDONYMS & set(field.split("_"))
        and UUID in (info.annotation, *get_args(info.annotation))
        and audience_of(part, field) is Audience.PUBLIC
    ]


def personal_faults(events: Iterable[type[Event]], allowed: Mapping[str, str] = ALLOWED) -> list[Fault]:
    """Fields that look personal and travel in clear, and permissions that nothing needs any more."""
    in_clear = {
        _name(part, field)
        for part in _parts(events)
        for field in part.model_fields
        if PERSONAL & set(field.lower().split("_")) and audience_of(part, field) is not Audience.SEALED
    }
    return [
        Fault(name, "it looks personal and travels in clear", "Seal it, or allow it with a reason in privacy.py")
        for name in sorted(in_clear - allowed.keys())
    ] + [
        Fault(name, "allowed in clear, but no such field travels in clear", "Take it out of ALLOWED in privacy.py")
        for name in sorted(allowed.keys() - in_clear)
    ]


def _parts(events: Iterable[type[Event]]) -> list[type[BaseModel]]:
    found = {part for event in events for part in parts_of(event)}
    return sorted(found, key=lambda part: (part.__module__, part.__qualname__))


def _name(part: type[BaseModel], field: str) -> str:
    return f"{part.__module__.rpartition('.')[2]}.{part.__name__}.{field}"


def _holds_box(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, Sealed):
        return True
    return any(_holds_box(inner) for inner in get_args(annotation))
