"""E-mail addresses: how they are read wherever one comes in, compared, and written to.

Standards: RFC 5321 and 6531 (syntax and lengths), RFC 5891 with UTS 46, non-transitional (domains), RFC 6761 (names to
which no mail is delivered).
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Self

import idna
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

LONGEST = 254
LONGEST_DOMAIN = 253
LONGEST_LOCAL = 64
# Whatever a resolver would take, mail goes to names of hosts (RFC 1123, 2.1).
HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]*[a-z][a-z0-9-]*")
# Most are spelt so, and the libraries, which take a hundred times as long, would change and refuse nothing of it.
PLAIN_HOST = re.compile(r"(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]+")
PLAIN_LOCAL = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*")
LONGEST_LABEL = 63
NOWHERE = tuple(f".{name}" for name in SPECIAL_USE_DOMAIN_NAMES)


class EmailMalformed(ValueError):
    """This is not an e-mail address."""


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """An e-mail address: `local` as its owner writes it, in NFC, and the domain in ASCII.

    Its text is what a mail server is given; `written` is what its owner wrote.
    """

    local: str
    domain: str
    written: str

    @classmethod
    def read(cls, text: str) -> Self:
        """Read an address, with white space around it or not; raises EmailMalformed.

        Quoted local parts, addresses of networks in brackets and names before an address are refused: nobody's account
        needs them, they would have to be quoted everywhere, and they hide tricks.
        """
        written = unicodedata.normalize("NFC", text.strip())
        local, at, domain = written.rpartition("@")
        if not at or '"' in local or len(local.encode(errors="replace")) > LONGEST_LOCAL:
            raise EmailMalformed
        address = cls(local, _ascii(domain), written)
        if len(str(address).encode(errors="replace")) > LONGEST:
            raise EmailMalformed
        if PLAIN_LOCAL.fullmatch(local):
            return address
        try:
            # The domain is read here: the library knows no joiners in names, which IDNA 2008 allows where scripts do.
            validate_email(f"{local}@example.org", check_deliverability=False)
        except EmailNotValidError:
            raise EmailMalformed from None
        return address

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"

    @property
    def compared(self) -> str:
        """The form in which two spellings of one address are equal.

        Letters are compared without case, each by itself, for no host in use tells them apart (RFC 5321, 2.4, leaves it
        to the host). Nothing else is folded: groß and gross are two mailboxes, as is one in full-width letters.
        """
        lowered = "".join(sign if len(sign.lower()) > 1 else sign.lower() for sign in self.local)
        return f"{unicodedata.normalize('NFC', lowered)}@{self.domain}"

    @property
    def mailbox(self) -> str:
        """What addresses have in common whose letters may arrive in one mailbox: for counting, never for finding."""
        local, _, domain = self.compared.rpartition("@")
        return f"{local.partition('+')[0].replace('.', '') or local}@{domain}"


def _ascii(domain: str) -> str:
    if len(domain) > LONGEST_DOMAIN:
        raise EmailMalformed
    name = domain if _is_plain(domain) else _encoded(domain)
    if not HOST.fullmatch(name) or f".{name}".endswith(NOWHERE):
        raise EmailMalformed
    return name


def _is_plain(domain: str) -> bool:
    return bool(PLAIN_HOST.fullmatch(domain)) and max(map(len, domain.split("."))) <= LONGEST_LABEL


def _encoded(domain: str) -> str:
    try:
        return idna.encode(domain, uts46=True, std3_rules=True).decode()
    except UnicodeError:  # idna.IDNAError is one
        raise EmailMalformed from None
