"""What was found in a text that leads away from the platform."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a person could be reached or paid by outside of the platform (MAIL-10), or harmed (MAIL-16).

    `sender`: it is not proven who wrote, which no policy lets pass (F-M20).
    """

    EMAIL = "email"
    TELEPHONE = "telephone"
    LINK = "link"
    ACCOUNT = "account"
    HANDLE = "handle"
    INVITATION = "invitation"
    FILE = "file"
    MALWARE = "malware"
    SENDER = "sender"


@dataclass(frozen=True, slots=True)
class Finding:
    """A place in a text: `text[start:end]`, how sure the rule is (0 to 1), and the rule's name for the record."""

    kind: Kind
    start: int
    end: int
    confidence: float
    rule: str
