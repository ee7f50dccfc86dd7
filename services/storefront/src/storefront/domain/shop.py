"""A shop: a brand at addresses of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chassis.looks import ink_on


class ShopUnknown(Exception):
    """There is no such shop."""


class TenantUnknown(Exception):
    """There is no such tenant, or its opening has not arrived here yet."""


class HostTaken(Exception):
    """Another shop has this address."""

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self.facts = {"host": host}


@dataclass(frozen=True, slots=True)
class Brand:
    """How a shop looks and what it says of itself; texts are by language.

    `mail_from` is the address that its letters are from, where it is not that of the installation.
    """

    name: str
    color: str
    tagline: Mapping[str, str] = field(default_factory=dict[str, str])
    imprint: Mapping[str, str] = field(default_factory=dict[str, str])
    privacy: Mapping[str, str] = field(default_factory=dict[str, str])
    terms: Mapping[str, str] = field(default_factory=dict[str, str])
    contact: str = ""
    mail_from: str | None = None

    @property
    def on_color(self) -> str:
        """The colour of text on the brand's own: the lighter or the darker one, whichever stands out more."""
        return ink_on(self.color)

    @property
    def initial(self) -> str:
        """What stands for the brand where there is no room."""
        return self.name[:1].upper()


@dataclass(frozen=True, slots=True)
class Shop:
    """A brand, where it is, and what it sells: a channel of a tenant."""

    id: str
    tenant: str
    channel: str
    hosts: tuple[str, ...]
    brand: Brand
