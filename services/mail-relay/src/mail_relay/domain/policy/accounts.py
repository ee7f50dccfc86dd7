"""Accounts that money could be sent to past the platform: IBANs, older account numbers, wallets."""

import re
from collections.abc import Iterator
from functools import reduce

from stdnum import iban

from mail_relay.domain.policy.finding import Finding, Kind
from mail_relay.domain.policy.folding import Folded
from mail_relay.domain.policy.hinted import hinted

_IBAN = re.compile(r"(?<![^\W_])[a-z][ .-]?[a-z](?:[ .\xa0_/-]{0,2}[\do]){2}(?:[ .\xa0_/-]{0,2}[^\W_]){10,30}")
# the shortest has twelve digits; some may be written as letters
_LEAST_DIGITS = 6
_OLDER = hinted(
    r"\b(?:blz|bankleitzahl)\W{0,3}\d{3}[ ./-]?\d{3}[ ./-]?\d{2}\b|\bsort code\W{0,3}\d\d[ -]?\d\d[ -]?\d\d\b",
    "blz|bankleitzahl|sort code",
)
_WALLET = hinted(r"\b(?:bc1[a-z\d]{25,60}|0x[a-f\d]{40})\b", "bc1|0x")
_HASHED = re.compile(r"(?:commit|sha-?\d*|hash|address at|pointer)\W{0,3}$")


def _valid_length(plain: str) -> int:
    """Return how many signs from the beginning are a valid IBAN: its length, check digits and country's form."""
    if not plain.isascii():
        return 0
    length, remainder = 0, 0
    for count, sign in enumerate(plain[4:34], 5):
        remainder = _appended(remainder, sign)
        if count >= 15 and reduce(_appended, plain[:4], remainder) == 1:
            length = count if iban.is_valid(plain[:count], check_country=False) else length
    return length


def _appended(remainder: int, sign: str) -> int:
    value = int(sign, 36)
    return (remainder * (100 if value > 9 else 10) + value) % 97


def accounts(folded: Folded) -> Iterator[Finding]:
    """Yield the bank accounts and wallets of a text; a creditor reference (ISO 11649, "RF18...") is none."""
    at = 0 if folded.digits >= _LEAST_DIGITS else len(folded.text)
    while match := _IBAN.search(folded.text, at):
        at = match.start() + 1
        signs = [place for place, sign in enumerate(match[0]) if sign.isalnum()]
        plain = "".join(match[0][place] for place in signs)
        # an O may be meant as a zero
        length = _valid_length(plain) or ("o" in plain and _valid_length(plain[:2] + plain[2:].replace("o", "0")))
        if length:
            at = match.start() + signs[length - 1] + 1
            yield Finding(Kind.ACCOUNT, *folded.span(match.start(), at), 0.99, "account.iban")
    for match in _OLDER.finditer(folded):
        yield Finding(Kind.ACCOUNT, *folded.span(*match.span()), 0.9, "account.older")
    for match in _WALLET.finditer(folded):
        if not _HASHED.search(folded.text, 0, match.start()):
            yield Finding(Kind.ACCOUNT, *folded.span(*match.span()), 0.8, "account.wallet")
