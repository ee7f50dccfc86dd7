"""What stands in the head of a letter: names and addresses, as they go over the wire (RFC 2047, RFC 6532)."""

from email.header import Header
from functools import lru_cache

from mailing.texts import one_line

from letters.domain.agreement import Seller
from letters.domain.brand import Brand


# once for a letter and its copy; the seller's name for all of them
@lru_cache(maxsize=512)
def encoded(text: str) -> str:
    """Return a header's text for the wire: nothing in it is decoded on the way (PITFALLS 39)."""
    plain = one_line(text, 200)
    if plain.isascii() and "=?" not in plain:
        return plain
    return Header(plain, "utf-8", maxlinelen=75, header_name="Subject").encode(linesep="")


def phrased(name: str) -> str:
    """Return a name for a place before an address: quoted where it is ASCII, else encoded."""
    text = encoded(name)
    if text != one_line(name, 200):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def answered(seller: Seller | None, brand: Brand | None) -> dict[str, str]:
    """Return to whom an answer goes, where the seller says so: under the brand, if there is one."""
    to = seller and (seller.reply_to or seller.email)
    if seller is None or not to:
        return {}
    name = brand.name if brand else seller.legal_name
    return {"Reply-To": f"{phrased(name)} <{raw(one_line(to))}>"}


def raw(address: str) -> str:
    """Return an address as a header's value that goes to the wire in UTF-8 as it is (RFC 6532).

    An encoded word must not stand in an address (RFC 2047 5), and whoever reads it could not answer.
    """
    return address.encode().decode("ascii", "surrogateescape")
