"""A shop's file: YAML, checked as a whole before anything is done with it."""

from typing import Annotated

from chassis.lists import read_document
from contracts.emails import EmailAddress
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from storefront.domain.shop import Brand, Shop

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Host = Annotated[str, StringConstraints(pattern=r"^(\[[0-9a-f:.]+\]|[a-z0-9][a-z0-9.-]{0,252})(:[0-9]{1,5})?$")]
Texts = dict[Annotated[str, Field(pattern="^(de|en)$")], Annotated[str, Field(max_length=60_000)]]


def _address(text: str) -> str:
    # it is the sender of letters, and not every server takes addresses beyond ASCII
    sender = str(EmailAddress.read(text))
    if not sender.isascii():
        raise ValueError("an ASCII address such as shop@example.org is needed")
    return sender


class MailFile(BaseModel):
    """What letters of the shop are from, where it is not the address of the installation."""

    model_config = ConfigDict(extra="forbid")

    sender: Annotated[str, Field(alias="from", max_length=254), AfterValidator(_address)]


class ShopFile(BaseModel):
    """A brand, at which addresses it is (`shop.example`, with a port where there is one), and what it sells."""

    model_config = ConfigDict(extra="forbid")

    shop: Code
    tenant: Code
    channel: Code
    hosts: Annotated[list[Host], Field(min_length=1, max_length=20)]
    name: Annotated[str, Field(min_length=1, max_length=80)]
    color: Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")] = "#1d4ed8"
    tagline: Texts = Field(default_factory=dict[str, str])
    imprint: Texts = Field(default_factory=dict[str, str])
    privacy: Texts = Field(default_factory=dict[str, str])
    terms: Texts = Field(default_factory=dict[str, str])
    contact: Annotated[str, Field(max_length=254)] = ""
    mail: MailFile | None = None


def read(content: bytes) -> Shop:
    """Return the shop of a file; raises FileRefused with every fault."""
    file = read_document(content, ShopFile)[0]
    sender = file.mail and file.mail.sender
    brand = Brand(file.name, file.color, file.tagline, file.imprint, file.privacy, file.terms, file.contact, sender)
    return Shop(file.shop, file.tenant, file.channel, tuple(dict.fromkeys(file.hosts)), brand)
