"""What tells customers apart, for each partner otherwise."""

from typing import ClassVar
from uuid import UUID

from chassis import lists


class Vault(lists.Vault):
    """The vault of partners' keys: none is kept, each is made of the master key and the partner's id."""

    PURPOSE: ClassVar = b"kontor partner pseudonyms"

    def customer(self, tenant: str, customer: UUID) -> bytes:
        """Return what is kept instead of a customer's id; it says nothing to whoever lacks the master key's file."""
        return self.fingerprint(f"customer/{tenant}/{customer}")

    def key_of(self, partner: str) -> bytes:
        """Return the key of a partner's pseudonyms."""
        return self.fingerprint(f"partner/{partner}")
