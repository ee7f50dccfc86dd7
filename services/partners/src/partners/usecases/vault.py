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

    def seal_secret(self, partner: str, secret: str) -> bytes:
        """Seal the password of a partner until Kafka has been given it."""
        return self.seal(secret, self.fingerprint(f"secret/{partner}"))

    def open_secret(self, partner: str, box: bytes) -> str:
        """Return the password of a box; raises SealBroken."""
        return self.open(box, self.fingerprint(f"secret/{partner}"))
