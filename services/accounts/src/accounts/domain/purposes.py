"""Which service may open what, and for which purpose; whatever is not listed here is denied (M23, M24)."""

from collections.abc import Mapping

PROFILE, CONTACT, RECORDS, STAFF = "profile", "contact", "records", "staff"
# Of an export, which accounts alone opens.
EXPORT = "export"
# Of an organisation: its name, which accounts alone opens, too, but for invitations to it.
ORGANISATION = "organisation"

KINDS: Mapping[tuple[str, str], str] = {
    ("delivery", "download statistics"): PROFILE,
    ("delivery", "export profile"): PROFILE,
    ("letters", "archive"): RECORDS,
    ("letters", "export"): CONTACT,
    ("letters", "export records"): RECORDS,
    ("letters", "invitations"): ORGANISATION,
    ("letters", "receipts"): RECORDS,
    ("letters", "send e-mails"): CONTACT,
    ("licensing", "devices"): CONTACT,
    ("licensing", "export"): CONTACT,
    ("licensing", "own keys"): CONTACT,
    ("mail-relay", "customers"): CONTACT,
    ("mail-relay", "export"): CONTACT,
    ("mail-relay", "relay messages"): CONTACT,
    ("mail-relay", "review"): RECORDS,
    ("orders", "audit"): CONTACT,
    ("orders", "bookkeeping"): RECORDS,
    ("orders", "buyer"): RECORDS,
    ("orders", "export"): CONTACT,
    ("orders", "export profile"): PROFILE,
    ("orders", "export records"): RECORDS,
    ("orders", "last address"): PROFILE,
    ("orders", "shipping"): CONTACT,
    ("orders", "withdrawals"): CONTACT,
    ("orders", "withdrawn"): RECORDS,
    ("payments", "bookkeeping"): RECORDS,
    ("rewards", "export"): CONTACT,
    ("rewards", "rewards"): CONTACT,
}


def kind_for(service: str, purpose: str) -> str | None:
    """Return the kind of key that a service is given for a purpose, or None."""
    return KINDS.get((service, purpose))


class TooManyKeys(Exception):
    """This service has asked for more keys of subjects than it may have in a minute."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.facts = {"retry_after_seconds": seconds}
