"""Roles, passwords, and what is refused to a person."""

import unicodedata
from typing import ClassVar

STAFF_ROLES = ("sales", "files", "bookkeeping", "support", "reviewer", "operator", "administrator")
CUSTOMER_ROLE = "customer"
# The only role of customers who have not yet confirmed their e-mail address.
CONFIRMING = "confirming"
EVERYBODY = (CUSTOMER_ROLE, *STAFF_ROLES)
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200


class TenantUnknown(Exception):
    """There is no such tenant."""


class EmailTaken(Exception):
    """An account with this e-mail address exists; sign in."""


class CodeRefused(Exception):
    """This code does not confirm your e-mail address: it was another's, has been used, or is older than a day."""


class CodesSpent(Exception):
    """Wrong codes were entered so often that none of those mailed counts any more; have another one mailed."""


class AlreadyConfirmed(Exception):
    """Your e-mail address is confirmed already."""


class TooManyCodes(Exception):
    """So many codes have been mailed to you that another has to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"wait {seconds} seconds")
        self.facts = {"retry_after_seconds": seconds}


class EmailChangeUnknown(Exception):
    """There is no such change of an e-mail address: the code was another's, has been used, or has expired."""


class TooManyRegistrations(Exception):
    """So many accounts or changes have been asked for with this mailbox, or by you, that another has to wait."""

    facts: ClassVar = {"retry_after_seconds": 3600}


class SignInRefused(Exception):
    """E-mail address and password do not match."""


class NotFresh(SignInRefused):
    """Name the password, and a code where there is a second factor; or sign in again with both, and repeat this."""


class PasswordRefused(Exception):
    """The current password is not this one."""


class PasswordGuessable(Exception):
    """This password is easy to guess; choose one of several words that do not belong together."""


class InvitationRefused(Exception):
    """This invitation has been used, has expired, or never was; ask for another."""


class ResetRefused(Exception):
    """This code has been used, has expired, or never was; ask for another."""


class RefreshRefused(Exception):
    """The session has ended; sign in again."""


class SessionOver(Exception):
    """Your session has ended; sign in again."""


class SessionUnknown(Exception):
    """There is no such session, or it has ended."""


class ServiceRefused(Exception):
    """Service and secret do not match."""


class CustomerUnknown(Exception):
    """There is no such customer."""


class MemberUnknown(Exception):
    """Nobody of this id works here."""


class OwnAccount(Exception):
    """Nobody changes, removes or resets their own account here: somebody has to be left who can invite."""


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


def normalised_password(text: str) -> str:
    """Return the form in which a password is hashed, whatever keyboard composed its characters (RFC 8265, 4.2)."""
    return unicodedata.normalize("NFC", text)
