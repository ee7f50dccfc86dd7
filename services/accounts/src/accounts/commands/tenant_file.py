"""A tenant's file: YAML, checked as a whole before anything is done with it."""

import re
from pathlib import Path
from typing import Annotated

from chassis.lists import Fault, FileRefused, read_document
from contracts.emails import EmailAddress, EmailMalformed
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError
from stdnum import bic, iban
from stdnum.eu import vat

from accounts.domain import tenant

# No table holds NUL, and no other control character is what anybody means.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]


def _iban(text: str) -> str:
    if not iban.is_valid(text):
        raise PydanticCustomError("iban", "this is not an IBAN (ISO 13616)")
    return iban.compact(text)


def _bic(text: str) -> str:
    if not bic.is_valid(text):
        raise PydanticCustomError("bic", "this is not a BIC (ISO 9362)")
    return bic.compact(text)


def _vat_id(text: str) -> str:
    if not vat.is_valid(text):
        raise PydanticCustomError("vat_id", "this is not a VAT id of the European Union")
    return vat.compact(text)


def _email(text: str) -> str:
    try:
        address = str(EmailAddress.read(text))
    except EmailMalformed:
        raise PydanticCustomError("email", "this is not an e-mail address") from None
    if not address.isascii():
        raise PydanticCustomError("email", "not every mail program can answer to an address beyond ASCII")
    return address


def _line(text: str) -> str:
    if CONTROL.search(text):
        raise PydanticCustomError("control", "this has a control character, such as the end of a line")
    return text


def _lines(text: str) -> str:
    _line(text.replace("\n", " "))
    return text


Line = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True), AfterValidator(_line)]
Lines = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True), AfterValidator(_lines)]
# Banks compare the name of 70 characters at most (EPC rulebook).
Payee = Annotated[str, StringConstraints(min_length=1, max_length=70, strip_whitespace=True), AfterValidator(_line)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class _BankAccount(_Strict):
    iban: Annotated[str, AfterValidator(_iban)]
    bic: Annotated[str, AfterValidator(_bic)]
    payee: Payee


class _Seller(_Strict):
    seller: Id
    legal_name: Line
    address: Lines
    vat_id: Annotated[str, AfterValidator(_vat_id)]
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    email: Annotated[str, AfterValidator(_email)]
    telephone: Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 ()/.-]{4,30}$")]
    bank_account: _BankAccount


class _Tenant(_Strict):
    tenant: Id
    name: Line
    sellers: Annotated[list[_Seller], Field(min_length=1, max_length=1000)]


def read(file: Path) -> tenant.Tenant:
    """Return the tenant that a file describes; raises FileRefused with every fault at once, or OSError."""
    described, lines = read_document(file.read_bytes(), _Tenant)
    ids = [seller.seller for seller in described.sellers]
    twice = [at for at, id_ in enumerate(ids) if id_ in ids[:at]]
    if twice:
        faults = [Fault(lines.of(("sellers", at)), "repeated", f"{ids[at]} stands there twice.") for at in twice]
        raise FileRefused(faults)
    return tenant.Tenant(described.tenant, described.name, tuple(_seller(seller) for seller in described.sellers))


def _seller(described: _Seller) -> tenant.Seller:
    return tenant.Seller(
        id=described.seller,
        legal_name=described.legal_name,
        address=described.address,
        vat_id=described.vat_id,
        country=described.country,
        iban=described.bank_account.iban,
        bic=described.bank_account.bic,
        payee=described.bank_account.payee,
        email=described.email,
        telephone=described.telephone,
    )
