"""Blind indexes: what must be found but not read is kept as a keyed hash (HMAC) only."""

import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass, field
from uuid import UUID

WORD = re.compile(r"\w+")


class EmailMalformed(Exception):
    """This is not an e-mail address."""


@dataclass(frozen=True, slots=True)
class BlindIndex:
    """The blind indexes of a tenant: equal texts have equal hashes, which mean nothing without the key."""

    key: bytes = field(repr=False)

    def email(self, email: str) -> bytes:
        """Return the hash of an e-mail address; raises EmailMalformed."""
        return keyed_hash(self.key, "email", normalised_email(email))

    def name(self, name: str) -> list[bytes]:
        """Return the hashes of the words of a name."""
        return [keyed_hash(self.key, "name", word) for word in sorted(name_words(name))]

    def address(self, address: str) -> bytes:
        """Return the hash of a network address."""
        return keyed_hash(self.key, "address", address)

    def recovery_code(self, subject_id: UUID, code: str) -> bytes:
        """Return the hash of somebody's recovery code."""
        return keyed_hash(self.key, "recovery code", f"{subject_id} {code}")


def keyed_hash(key: bytes, use: str, text: str) -> bytes:
    """Return the hash of a text for a use; the same text has another hash for another use or under another key."""
    return hmac.new(key, f"{use}\0{text}".encode(), hashlib.sha256).digest()


def normalised_email(text: str) -> str:
    """Return the form in which two spellings of one e-mail address are equal; raises EmailMalformed.

    The part before the @ is compared without case too: RFC 5321 leaves that to the host, but no host in use tells.
    """
    address = unicodedata.normalize("NFKC", text).strip().casefold()
    local, at, host = address.rpartition("@")
    try:
        host = host.encode("idna").decode()
    except UnicodeError:
        raise EmailMalformed from None
    if not at or not local or not host:
        raise EmailMalformed
    return f"{local}@{host}"


def name_words(name: str) -> frozenset[str]:
    """Return the words by which a name is found."""
    return frozenset(WORD.findall(unicodedata.normalize("NFKC", name).casefold()))
