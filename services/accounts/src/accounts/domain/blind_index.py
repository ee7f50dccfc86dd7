"""Blind indexes: what must be found but not read is kept as a keyed hash (HMAC) only."""

import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass, field
from uuid import UUID

from accounts.domain.search_words import search_words

WORD = re.compile(r"\w+")
SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class BlindIndex:
    """The blind indexes of a tenant: equal texts have equal hashes, which mean nothing without the key."""

    key: bytes = field(repr=False)

    def email(self, email: str) -> bytes:
        """Return the hash of an e-mail address, given in the form in which addresses are compared."""
        return keyed_hash(self.key, "email", email)

    def mailbox(self, mailbox: str) -> bytes:
        """Return the hash of a mailbox, in the form that all its addresses have in common."""
        return keyed_hash(self.key, "mailbox", mailbox)

    def salt(self, email: str) -> bytes:
        """Return what salts the passwords of all who register with an e-mail address: it is no other address's."""
        return keyed_hash(self.key, "salt", email)[:SALT_BYTES]

    def name(self, name: str) -> list[bytes]:
        """Return the hashes of the words of a name."""
        return [keyed_hash(self.key, "name", word) for word in sorted(name_words(name))]

    def company(self, company: str) -> list[bytes]:
        """Return the hashes of the words by which a company on an order is found."""
        return [keyed_hash(self.key, "company", word) for word in sorted(search_words(company))]

    def billed_name(self, name: str) -> list[bytes]:
        """Return the hashes of the words by which the person on an order's invoice is found."""
        return [keyed_hash(self.key, "billed name", word) for word in sorted(search_words(name))]

    def network(self, network: str) -> bytes:
        """Return the hash of a network."""
        return keyed_hash(self.key, "network", network)

    def device(self, subject_id: UUID, mark: str) -> bytes:
        """Return the hash of what tells one of somebody's devices from others; another account has another."""
        return keyed_hash(self.key, "device", f"{subject_id} {mark}")

    def confirmation_code(self, customer_id: UUID, code: str) -> bytes:
        """Return the hash of the code that confirms the address of a customer."""
        return keyed_hash(self.key, "confirmation code", f"{customer_id} {code}")

    def sign_in_hint(self, text: str) -> bytes:
        """Return the hash that proves that a hint of who signs in is ours."""
        return keyed_hash(self.key, "sign-in hint", text)

    def recovery_code(self, subject_id: UUID, code: str) -> bytes:
        """Return the hash of somebody's recovery code."""
        return keyed_hash(self.key, "recovery code", f"{subject_id} {code}")


def keyed_hash(key: bytes, use: str, text: str) -> bytes:
    """Return the hash of a text for a use; the same text has another hash for another use or under another key."""
    return hmac.new(key, f"{use}\0{text}".encode(), hashlib.sha256).digest()


def name_words(name: str) -> frozenset[str]:
    """Return the words by which a name is found."""
    return frozenset(WORD.findall(unicodedata.normalize("NFKC", name).casefold()))
