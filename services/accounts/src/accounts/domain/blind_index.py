"""Blind indexes: what must be found but not read is kept as a keyed hash (HMAC) only."""

import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass, field
from uuid import UUID

WORD = re.compile(r"\w+")
LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")  # RFC 1123, 2.1
LONGEST_HOST = 253
NOWHERE = ("invalid", "localhost")  # RFC 6761: no mail is ever delivered there


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

    def network(self, network: str) -> bytes:
        """Return the hash of a network."""
        return keyed_hash(self.key, "network", network)

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
    if not at or not local or not _can_exist(host):
        raise EmailMalformed
    return f"{local}@{host}"


def _can_exist(host: str) -> bool:
    labels = host.split(".")
    public = len(labels) > 1 and labels[-1] not in NOWHERE and not labels[-1].isdigit()
    return public and len(host) <= LONGEST_HOST and all(LABEL.fullmatch(label) for label in labels)


def name_words(name: str) -> frozenset[str]:
    """Return the words by which a name is found."""
    return frozenset(WORD.findall(unicodedata.normalize("NFKC", name).casefold()))
