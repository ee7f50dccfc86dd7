"""A file of staff: YAML, checked as a whole before anybody is added."""

from pathlib import Path
from typing import Annotated, Literal

from chassis.lists import Fault, FileRefused, read_document
from contracts.emails import EmailAddress, EmailMalformed
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from accounts.commands.tenant_file import Line
from accounts.domain.people import STAFF_ROLES


def _address(text: str) -> str:
    try:
        return EmailAddress.read(text).written
    except EmailMalformed:
        raise PydanticCustomError("email", "this is not an e-mail address") from None


def _role(text: str) -> str:
    if text not in STAFF_ROLES:
        raise PydanticCustomError("role", f"there is no such role; there are {', '.join(STAFF_ROLES)}")
    return text


class Member(BaseModel):
    """Somebody who works for a tenant; without a `password_file` they are invited to choose a password."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    email: Annotated[str, AfterValidator(_address)]
    name: Line
    roles: Annotated[list[Annotated[str, AfterValidator(_role)]], Field(min_length=1, max_length=len(STAFF_ROLES))]
    language: Literal["de", "en"] = "de"
    password_file: Path | None = None


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    staff: Annotated[list[Member], Field(min_length=1, max_length=1000)]


def read(file: Path) -> list[Member]:
    """Return who works for a tenant; raises FileRefused with every fault at once, or OSError."""
    document, lines = read_document(file.read_bytes(), _Document)
    addresses = [str(EmailAddress.read(member.email)) for member in document.staff]
    twice = [at for at, address in enumerate(addresses) if address in addresses[:at]]
    if twice:
        raise FileRefused([Fault(lines.of(("staff", at)), "repeated", "Somebody stands there twice.") for at in twice])
    return document.staff
