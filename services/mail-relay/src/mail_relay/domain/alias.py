"""Aliases: addresses that stand for one side of a conversation, so that neither side sees the other's (MAIL-1)."""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

RANDOM_BYTES = 20  # 160 bits, which is 32 signs without padding (F-M15 asks for 128)
LONGEST_LOCAL_PART = 64  # RFC 5321 4.5.3.1.1


class Side(StrEnum):
    """Who writes in a conversation."""

    BUYER = "buyer"
    SELLER = "seller"

    @property
    def other(self) -> "Side":
        """The side that is written to."""
        return Side.SELLER if self is Side.BUYER else Side.BUYER


class Tag(StrEnum):
    """What a buyer says to the relay by a word behind the + of an alias: get no more unasked, or again; misuse."""

    STOP = "stop"
    START = "start"
    MISUSE = "misuse"


@dataclass(frozen=True, slots=True)
class PublicUrl:
    """Where the routes of this service are reached from outside, without a slash at the end."""

    url: str


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain of aliases, in ASCII and lower case."""

    name: str

    def address(self, local_part: str) -> str:
        """Return an alias as it is written to."""
        return f"{local_part}@{self.name}"

    def tagged(self, local_part: str, tag: Tag) -> str:
        """Return an alias with a tag, which is still an address of that alias."""
        return f"{local_part}+{tag}@{self.name}"

    def local_part(self, address: str) -> str | None:
        """Return the canonical part before the @ of an address of this domain; None where it is another's.

        Mail programs and people change the case, add dots and a tag behind `+`: none of them names another alias, but
        a `Tag` is said to the relay itself. Two @ are no address, nor are `%` and `!`, which once asked a server to
        pass a mail on (F-M03).
        """
        local, at, domain = address.rpartition("@")
        if not at or domain.rstrip(".").lower() != self.name or len(local) > LONGEST_LOCAL_PART:
            return None
        local = local.partition("+")[0].replace(".", "").lower()
        return local if local.isascii() and local.isalnum() else None


def tag_of(address: str) -> Tag | None:
    """Return what is said to the relay itself by the address of an alias."""
    word = address.rpartition("@")[0].partition("+")[2].lower()
    return Tag(word) if word in set(Tag) else None


@dataclass(frozen=True, slots=True)
class Domains:
    """The domains of all aliases: the installation's, and those of tenants with a brand of their own."""

    name: str
    of_tenants: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def names(self) -> frozenset[str]:
        """All of them."""
        return frozenset({self.name, *self.of_tenants.values()})

    def of(self, tenant: str) -> Domain:
        """Return the domain of a tenant's aliases."""
        return Domain(self.of_tenants.get(tenant, self.name))

    def local_part(self, address: str) -> str | None:
        """Return the canonical part before the @ of an address of any of them; None where it is another's."""
        found = (Domain(name).local_part(address) for name in self.names)
        return next((local for local in found if local is not None), None)


def new_local_part() -> str:
    """Return a part before the @ that nobody can guess or derive from anything."""
    return base64.b32encode(secrets.token_bytes(RANDOM_BYTES)).decode().lower()
