"""What a person is known by, and what is refused to one."""

import hashlib
import hmac
import re
import unicodedata

STAFF_ROLES = ("sales", "files", "bookkeeping", "support", "reviewer")
CUSTOMER_ROLE = "customer"
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
WORD = re.compile(r"\w+")


class TenantUnknown(Exception):
    """There is no such tenant."""


class EmailTaken(Exception):
    """An account with this e-mail address exists; sign in."""


class EmailMalformed(Exception):
    """This is not an e-mail address."""


class SignInRefused(Exception):
    """E-mail address and password do not match."""


class PasswordRefused(Exception):
    """The current password is not this one."""


class RefreshRefused(Exception):
    """The session has ended; sign in again."""


class ServiceRefused(Exception):
    """Service and secret do not match."""


class CustomerUnknown(Exception):
    """There is no such customer."""


class AccountErased(Exception):
    """This account has been erased."""


class ErasureUnknown(Exception):
    """No erasure of such a customer is known."""


class Throttled(Exception):
    """Too many attempts have failed; wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"wait {seconds} seconds")
        self.seconds = seconds
        self.facts = {"retry_after_seconds": seconds}


def normalised_email(text: str) -> str:
    """The form in which two spellings of one e-mail address are equal; raises EmailMalformed.

    The part before the @ is compared without case too: RFC 5321 leaves it to the host, but no host in use tells.
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
    """The words by which a name is found."""
    return frozenset(WORD.findall(unicodedata.normalize("NFKC", name).casefold()))


def normalised_password(text: str) -> str:
    """The form in which a password is hashed, whatever keyboard composed its characters (RFC 8265, 4.2)."""
    return unicodedata.normalize("NFC", text)


def mark(secret: bytes, what: str, text: str) -> bytes:
    """The blind index of a text: equal texts have equal marks, and without the secret no mark says anything."""
    return hmac.new(secret, f"{what}\0{text}".encode(), hashlib.sha256).digest()
