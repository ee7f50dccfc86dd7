"""Who hands a message in, as a mail server in front of the door says it (XFORWARD of Postfix)."""

import re
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network

# what is not named here is not asked for, and so not told
ATTRIBUTES = "ADDR HELO"
_XTEXT = re.compile(r"\+([0-9A-F]{2})")
_UNKNOWN = ("[UNAVAILABLE]", "[TEMPUNAVAIL]")
_GREETING = re.compile(r"[\x21-\x7e]{1,255}")


class NotReadable(Exception):
    """Attributes are none of XFORWARD."""


@dataclass(frozen=True, slots=True)
class Client:
    """The address and the greeting of who hands a message in; empty where they are not known."""

    address: str = ""
    greeting: str = ""

    def updated(self, attributes: str) -> "Client":
        """Return what is known after some attributes more. Raises NotReadable."""
        found = self
        for attribute in attributes.split():
            name, equals, encoded = attribute.partition("=")
            value = "" if encoded.upper() in _UNKNOWN else _XTEXT.sub(lambda code: chr(int(code[1], 16)), encoded)
            match name.upper(), bool(equals and encoded):
                case "ADDR", True:
                    found = replace(found, address=str(_address(value)) if value else "")
                case "HELO", True:
                    if value and not _GREETING.fullmatch(value):
                        raise NotReadable
                    found = replace(found, greeting=value)
                case _:
                    raise NotReadable
        if not attributes.split():
            raise NotReadable
        return found


def is_of(address: str, networks: tuple[Network, ...]) -> bool:
    """Say whether an address belongs to one of the networks."""
    try:
        found = _address(address)
    except NotReadable:
        return False
    return any(found in network for network in networks)


def _address(text: str) -> IPv4Address | IPv6Address:
    try:
        found = ip_address(text[5:] if text[:5].upper() == "IPV6:" else text)
    except ValueError:
        raise NotReadable from None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
