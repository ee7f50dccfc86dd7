"""Further writers of a seller: a firm is several people, and each writes from an address of their own (MAIL-13)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

MOST = 100

# Who has a mailbox there is anybody: as a whole domain none of them is a seller's.
PROVIDERS = {
    "aol.com",
    "freenet.de",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hotmail.com",
    "hotmail.de",
    "icloud.com",
    "live.com",
    "mail.de",
    "mailbox.org",
    "me.com",
    "msn.com",
    "outlook.com",
    "outlook.de",
    "posteo.de",
    "proton.me",
    "protonmail.com",
    "t-online.de",
    "web.de",
    "yahoo.com",
    "yahoo.de",
}


class WriterUnfit(Exception):
    """This is neither an address nor a domain of which every mailbox may be the seller's."""


class WriterUnknown(Exception):
    """The seller has no such writer."""


class TooManyWriters(Exception):
    """Where so many write for a seller, it names a whole domain."""


@dataclass(frozen=True, slots=True)
class Writer:
    """An address that may write through a seller's aliases, or `@` and a domain: any address there, proven by DMARC."""

    id: UUID
    address: str
    added_at: datetime
