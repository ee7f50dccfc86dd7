"""Which messages are taken: who writes to an alias, and whether it is certain that they do (F-M13)."""

import re
from dataclasses import dataclass
from enum import StrEnum

from mail_relay.domain.rewriting.entities import are_short


class Reason(StrEnum):
    """Why a message is not taken."""

    UNKNOWN_ALIAS = "unknown_alias"
    CLOSED = "closed"
    NOT_AUTHORISED = "not_authorised"
    NOT_AUTHENTIC = "not_authentic"
    NO_SENDER = "no_sender"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    TOO_MANY_RECIPIENTS = "too_many_recipients"
    AUTOMATIC = "automatic"
    LOOP = "loop"
    NOT_WRITABLE = "not_writable"
    ATTACHMENT = "attachment"
    DIRECT = "direct"
    OFF_PLATFORM = "off_platform"
    OPTED_OUT = "opted_out"
    UNTYPED = "untyped"
    RATE = "rate"
    PAUSED = "paused"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer of SMTP that refuses: its reason, code, enhanced status (RFC 3463) and a text for people."""

    reason: Reason
    code: int
    status: str
    text: str

    def __str__(self) -> str:
        return f"{self.code} {self.status} {self.text}"


REFUSALS = {
    reason: Refusal(reason, code, status, text)
    for reason, code, status, text in (
        (Reason.UNKNOWN_ALIAS, 550, "5.1.1", "No such address here"),
        # The same answer as to an unknown one: who tries addresses learns nothing (F-M16).
        (Reason.CLOSED, 550, "5.1.1", "No such address here"),
        (Reason.NOT_AUTHORISED, 550, "5.7.1", "Write from the address that this conversation is with"),
        (Reason.NOT_AUTHENTIC, 550, "5.7.26", "Your mail server does not prove that you have sent this (DMARC)"),
        (Reason.NO_SENDER, 550, "5.6.0", "A message has exactly one address in From"),
        (Reason.MALFORMED, 554, "5.6.0", "This message has bare line ends, NUL or lines that are too long"),
        (Reason.TOO_LARGE, 552, "5.3.4", "This message is too large"),
        (Reason.TOO_MANY_RECIPIENTS, 452, "4.5.3", "Too many recipients at once"),
        (Reason.AUTOMATIC, 550, "5.7.1", "Automatic answers are not passed on"),
        (Reason.LOOP, 554, "5.4.6", "This message has passed too many servers"),
        (Reason.NOT_WRITABLE, 554, "5.6.1", "This kind of message cannot be passed on without showing who sent it"),
        (Reason.ATTACHMENT, 554, "5.7.1", "A file of this kind is not passed on; send PDF, pictures, texts or ZIP"),
        (Reason.DIRECT, 550, "5.7.1", "This also goes past us to another address: write to this conversation alone"),
        (Reason.OFF_PLATFORM, 550, "5.7.1", "This is not passed on by the rules of this shop; a letter tells you more"),
        (Reason.PAUSED, 550, "5.2.1", "The other side's mailbox takes no messages now; try again when it has written"),
        (
            Reason.OPTED_OUT,
            550,
            "5.7.1",
            "This customer wants no messages without having asked; begin the subject with [Important] if it is",
        ),
        # the types that fit the order now follow
        (Reason.UNTYPED, 550, "5.7.1", "This customer has not asked; begin the subject with [Important], or"),
        (Reason.RATE, 450, "4.7.1", "Too many messages to this address; try again later"),
        (Reason.AWAY, 451, "4.3.0", "Try again later"),
    )
}


class NotTaken(Exception):
    """This message is not passed on, for the same reasons as a mail."""

    def __init__(self, reason: Reason, **more: object) -> None:
        """Take the reason, and what else helps whoever has written to mend it."""
        super().__init__()
        self.facts: dict[str, object] = {"reason": str(reason), **more}


MOST_HOPS = 30
HEAD_BYTES = 2**20
HOP = re.compile(rb"^received:", re.IGNORECASE | re.MULTILINE)


def malformed(content: bytes) -> bool:
    """Return whether a message is none that can be passed on: bare CR or LF, NUL, lines that are too long.

    Servers disagree where a line ends with any of these, which is how one message becomes two (F-M01).
    """
    whole = content.count(b"\r\n")
    if b"\0" in content or content.count(b"\n") != whole or content.count(b"\r") != whole:
        return True
    return not are_short(content, 0, len(content))


def head_of(content: bytes) -> bytes:
    """Return the header fields of a message, of very long ones the first."""
    end = content.find(b"\r\n\r\n")
    return content[: HEAD_BYTES if end < 0 else min(end + 2, HEAD_BYTES)]


def hops(content: bytes) -> int:
    """Return how many servers a message has passed (F-M17)."""
    return len(HOP.findall(head_of(content)))
