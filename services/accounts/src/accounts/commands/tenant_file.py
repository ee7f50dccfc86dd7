"""A tenant's file: YAML, checked as a whole before anything is done with it."""

import re
from pathlib import Path
from typing import Annotated, Any, cast

import yaml
from chassis.telemetry import holds_card
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import PydanticCustomError
from stdnum import bic, iban
from stdnum.eu import vat

from accounts.domain import tenant

# No table holds NUL, and no other control character is what anybody means.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]


class FileRefused(Exception):
    """The tenant's file cannot be used; `faults` says where and why, one line each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


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
    bank_account: _BankAccount


class _Tenant(_Strict):
    tenant: Id
    name: Line
    sellers: Annotated[list[_Seller], Field(min_length=1, max_length=1000)]


def read(file: Path) -> tenant.Tenant:
    """Return the tenant that a file describes; raises FileRefused with every fault at once."""
    try:
        text = file.read_text()
        content: Any = yaml.safe_load(text)
        events: Any = cast("Any", yaml).parse(text, Loader=yaml.SafeLoader)
        cards = [event.start_mark.line + 1 for event in events if holds_card(str(getattr(event, "value", "")))]
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise FileRefused([f"{file}: {type(error).__name__}: it cannot be read as YAML"]) from None
    if cards:
        raise FileRefused([f"{file}:{line}: this looks like a card number, which is kept nowhere" for line in cards])
    try:
        described = _Tenant.model_validate(content)
    except ValidationError as error:
        faults = [
            f"{file}: {'.'.join(str(step) for step in fault['loc']) or 'file'}: {fault['msg']}"
            for fault in error.errors(include_url=False, include_input=False)
        ]
        raise FileRefused(faults) from None
    ids = [seller.seller for seller in described.sellers]
    twice = sorted({id_ for id_ in ids if ids.count(id_) > 1})
    if twice:
        raise FileRefused([f"{file}: sellers: {id_} stands there twice" for id_ in twice])
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
    )
