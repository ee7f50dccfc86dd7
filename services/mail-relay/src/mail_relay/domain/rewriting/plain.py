"""Plain text: quotes and signatures lose what is hidden, the author's own sentences stay."""

import re
from bisect import bisect_right

from mail_relay.domain.rewriting.hiding import MARK, Finding, Hiding, replaced
from mail_relay.domain.rewriting.quotes import others
from mail_relay.domain.rewriting.way import Change, Kind, Reason, Refused

SIGNATURE_NOTE = "[signature removed]"
_ARMOUR = re.compile(r"^[ \t>]*-----BEGIN (PGP MESSAGE|PGP SIGNED MESSAGE)-----", re.MULTILINE)
# a block without its end goes on to the end of the text
_NAMING = re.compile(
    r"^([ \t>]*)-----BEGIN (?:PGP SIGNATURE|PGP PUBLIC KEY BLOCK|CERTIFICATE|PKCS7)-----.*?"
    r"(?:^[ \t>]*-----END (?:PGP SIGNATURE|PGP PUBLIC KEY BLOCK|CERTIFICATE|PKCS7)-----[ \t]*|\Z)",
    re.MULTILINE | re.DOTALL,
)
# fields of a message that was quoted with all of its header
_TRACES = re.compile(
    r"^([ \t>]*(?:message-id|in-reply-to|references|return-path|received|x-originating-ip|sender|delivered-to|"
    r"dkim-signature|authentication-results|arc-[a-z-]+|x-[a-z-]+):)[^\n]*(?:\n[ \t>]*[ \t]{2,}\S[^\n]*|\n\t[^\n]*)*",
    re.MULTILINE | re.IGNORECASE,
)


def without_armour(text: str, place: str) -> tuple[str, list[Change]]:
    """Return the text without PGP signatures, keys and certificates, which name their owner.

    Raises:
        Refused: The text is encrypted.
    """
    if "-----BEGIN " not in text:
        return text, []
    armour = _ARMOUR.search(text)
    if armour and armour[1] == "PGP MESSAGE":
        raise Refused(Reason.ENCRYPTED, place)
    changes = [Change(Kind.TAKEN_OUT, "signature", place) for _ in _NAMING.finditer(text)]
    return _NAMING.sub(rf"\1{SIGNATURE_NOTE}", text), changes


def plain_text(text: str, hiding: Hiding, place: str, *, quoted: bool) -> tuple[str, list[Change]]:
    """Return a text with what is hidden replaced in its quotes and its signature, or everywhere if it is all quoted."""
    text, changes = without_armour(text, place)
    findings = [*hiding.in_text(text), *hiding.encoded(text)]
    traces = "eceived:" in text or "essage-I" in text
    if not findings and not traces:
        return text, changes
    lines = text.split("\n")
    other = [True] * len(lines) if quoted else others([line.rstrip("\r") for line in lines])
    begins = [0]
    for line in lines:
        begins.append(begins[-1] + len(line) + 1)
    if traces:
        findings += (
            Finding(match.start(), match.end(), match[1].strip(" \t>"), match[1], "{} [hidden]")
            for match in _TRACES.finditer(text)
        )
    theirs, own = list[Finding](), list[Finding]()
    for found in findings:
        if _within(found, begins, other):
            theirs.append(found)
        elif found.mark is MARK:
            own.append(found)
    return replaced(text, theirs), [
        *changes,
        *(Change(Kind.REPLACED, found.what, place) for found in theirs),
        *(Change(Kind.OWN, found.what, place) for found in own),
    ]


def _within(found: Finding, begins: list[int], other: list[bool]) -> bool:
    """Whether a finding touches a line that is not the author's own."""
    first = bisect_right(begins, found.start) - 1
    last = bisect_right(begins, max(found.start, found.end - 1)) - 1
    return any(other[first : last + 1])
