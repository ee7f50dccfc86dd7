"""Reports about delivery: those of RFC 3464, and those that servers write as a text for people."""

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum
from typing import Any, cast

from mailing.reports import prose
from mailing.texts import one_line, scrubbed

MOST_BYTES = 524_288
MOST_RECIPIENTS = 100
_BLOCKS = re.compile(rb"message/(?:global-)?delivery-status", re.IGNORECASE)
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_CODE = re.compile(r"(?<![\d.])([245])[0-5]\d(?=[ \-#]|$)")
# 5.x.x that is not about the mailbox: full, a mail too large or in a form or a state that is refused (RFC 3463 3)
_FULL = re.compile(r"5\.2\.2|4\.2\.2")
_REFUSED = re.compile(r"5\.(7\.\d+|6\.\d+|2\.3|3\.4|3\.[05]|4\.[67]|5\.\d+)")
_ABOUT_THE_MAIL = re.compile(
    r"spam|spf|dkim|dmarc|blocked|block ?list|blacklist|reputation|policy|virus|content|too large|size limit"
    r"|message size|zu groß|abgelehnt wegen|rate limit|unsolicited|reverse dns|ptr record",
    re.IGNORECASE,
)
_ABOUT_SPACE = re.compile(
    r"mailbox (?:is )?full|over ?quota|quota exceeded|exceeded.{0,20}quota|out of storage|insufficient system storage"
    r"|postfach.{0,20}voll|speicherplatz|quota",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"user unknown|unknown (?:user|recipient|local part|mailbox)|no such (?:user|mailbox|person|recipient|address)"
    r"|does(?: not|n't) exist|not found|invalid (?:recipient|mailbox|address)|no mailbox|mailbox unavailable"
    r"|account (?:is )?(?:disabled|inactive|closed)|existiert nicht|unbekannt|nicht gefunden|host unknown|unrouteable",
    re.IGNORECASE,
)


class Severity(StrEnum):
    """What a failure is about."""

    HARD = "hard"
    """The mailbox is not there, and will not be."""
    SOFT = "soft"
    """It may be there later: full, slow, out of order."""
    REFUSED = "refused"
    """This mail, or mail from us, is not wanted; the mailbox is there."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What became of a mail for a recipient; `final` unless the server goes on trying.

    `status` is the enhanced status code (RFC 3463), made up of the reply where the server gave none. The diagnostic
    is in the server's words without addresses.
    """

    recipient: str
    status: str
    severity: Severity
    final: bool
    diagnostic: str


@dataclass(frozen=True, slots=True)
class Report:
    """A report; `message_id` and `sender` are those of the mail that it is about, where it has them.

    Anybody can write a report: whether it is about a mail of ours, the address that it was sent to says
    (`mailing.envelope`), not what stands in it.
    """

    failures: tuple[Failure, ...]
    message_id: str
    sender: str


class Arrival(StrEnum):
    """What a server reports of a mail that went on (RFC 3464 2.3.3).

    `delivered` is in the mailbox, `relayed` at a server that makes no such reports, `expanded` went to several.
    """

    DELIVERED = "delivered"
    RELAYED = "relayed"
    EXPANDED = "expanded"


def read_arrival(raw: bytes) -> Arrival | None:
    """Read that a mail to one recipient arrived; None if a mail does not report that."""
    actions = _actions(_taken_apart(raw)[1])
    return Arrival(actions.pop()) if len(actions) == 1 and actions <= set(Arrival) else None


def _actions(parts: list[Message]) -> set[str]:
    """Return what is reported of the recipients, in the words of RFC 3464."""
    blocks = [block for part in parts if part.get_content_type() == "text/x-delivery-status" for block in _blocks(part)]
    return {_action(block) for block in blocks} - {""}


def read_report(raw: bytes) -> Report | None:
    """Read what was not delivered; None if a mail reports no failure (delivered, receipts, answers of people)."""
    message, parts = _taken_apart(raw)
    failures = dict[str, Failure]()
    for part in parts:
        if part.get_content_type() == "text/x-delivery-status":
            failures |= {each.recipient.lower(): each for each in _structured(part)}
    # the words of a report that all went on are not those of a failure
    if not failures and not _is_other_report(message) and not _actions(parts) & set(Arrival):
        failures = {each.recipient.lower(): each for each in _written(message, parts)}
    if not failures:
        return None
    message_id, sender = _returned(parts)
    return Report(tuple(failures.values())[:MOST_RECIPIENTS], message_id, sender)


def _taken_apart(raw: bytes) -> tuple[Message, list[Message]]:
    """Return a mail and its parts, none where it cannot be read."""
    try:
        # the parser takes the blocks for mails, and does not decode them (RFC 6533 4 allows base64)
        raw = _BLOCKS.sub(b"text/x-delivery-status", raw[:MOST_BYTES])
        message = email.message_from_bytes(raw, policy=email.policy.compat32)
        return message, list(_parts(message))
    except (RecursionError, ValueError, LookupError):
        return Message(), []


def _parts(message: Message) -> Iterator[Message]:
    """Walk through the parts; what comes back is a part with a head of its own."""
    for number, part in enumerate(message.walk()):
        if number > 50:
            return
        yield part


def _is_other_report(message: Message) -> bool:
    """Receipts, complaints and feedback are reports of another kind (RFC 8098, RFC 5965)."""
    kind = str(message.get_param("report-type") or "").lower()
    return message.get_content_type() == "multipart/report" and kind not in ("", "delivery-status")


def _structured(part: Message) -> Iterator[Failure]:
    """Read the fields of each recipient (RFC 3464 2.3)."""
    for block in _blocks(part):
        final, original = (_address(_field(block, name)) for name in ("Final-Recipient", "Original-Recipient"))
        action = _action(block)
        if not (original or final) or action not in ("failed", "delayed"):
            continue
        diagnostic = _field(block, "Diagnostic-Code").partition(";")[2].strip() or _field(block, "Diagnostic-Code")
        status = _STATUS.search(_field(block, "Status"))
        yield failure(original or final, status[0] if status else "", diagnostic, final=action == "failed")


def _blocks(part: Message) -> Iterator[Message]:
    blocks = re.split(r"\n[ \t]*\n", _text(part).replace("\r\n", "\n").strip())
    yield from map(email.message_from_string, blocks[: MOST_RECIPIENTS + 1])


def _action(block: Message) -> str:
    return _field(block, "Action").lower().split(" ")[0]


def _field(block: Message, name: str) -> str:
    return one_line(str(block.get(name, "")), 2000)


def _address(field: str) -> str:
    """Return the address of `rfc822;address`."""
    address = (field.partition(";")[2] or field).strip().strip("<>").strip()
    return address if "@" in address else ""


def _written(message: Message, parts: list[Message]) -> list[Failure]:
    """Read a text for people, of a server that writes no report for programs."""
    failed = one_line(str(message.get("X-Failed-Recipients", "")), 2000)
    text = next((_text(part) for part in parts if part.get_content_type() in ("text/plain", "text/html")), "")
    found = prose.failures(text, [address.strip() for address in failed.split(",") if "@" in address])
    if not found or not (failed or prose.is_by_a_server(message, text)):
        return []
    final = not prose.is_delayed(text, str(message.get("Subject", "")))
    return [failure(address, "", diagnostic, final=final) for address, diagnostic in found]


def failure(recipient: str, status: str, diagnostic: str, *, final: bool) -> Failure:
    """Judge a failure by its status, the reply of the server, and its words, in the order of what they are worth."""
    in_words = _STATUS.search(diagnostic)
    if in_words and (not status or status.endswith(".0.0")):
        status = in_words[0]
    code = _CODE.search(diagnostic)
    if not status:
        status = f"{code[1]}.0.0" if code else ("5.0.0" if final else "4.0.0")
    return Failure(recipient, status, _severity(status, diagnostic), final, scrubbed(diagnostic, recipient))


def _severity(status: str, diagnostic: str) -> Severity:
    if status.startswith("4") or _FULL.match(status):
        return Severity.SOFT
    if _ABOUT_SPACE.search(diagnostic) and not status.startswith("5.1."):
        return Severity.SOFT
    nobody = _NOBODY.search(diagnostic)
    if (_REFUSED.match(status) or status.endswith(".0.0")) and _ABOUT_THE_MAIL.search(diagnostic) and not nobody:
        return Severity.REFUSED
    if _REFUSED.match(status) and not nobody:
        return Severity.REFUSED
    return Severity.HARD


def _returned(parts: list[Message]) -> tuple[str, str]:
    """Return Message-ID and envelope sender of the mail that came back, whole or its head."""
    for part in parts[1:]:
        head = email.message_from_string(_text(part)) if part.get_content_type() == "text/rfc822-headers" else part
        if head.get("Message-ID") and head.get("From"):
            sender = one_line(str(head.get("Return-Path", ""))).strip("<> ")
            return one_line(str(head["Message-ID"])).strip(), sender
    for part in parts[:2]:
        if part.get_content_maintype() == "text" and (found := prose.returned_head(_text(part))):
            return found
    return "", ""


def _text(part: Message) -> str:
    """Return a part as text, whatever it says of its charset."""
    payload = cast("Any", part.get_payload(decode=True))
    content = payload if isinstance(payload, bytes) else b""
    try:
        text = content.decode(part.get_content_charset("utf-8"))
    except (LookupError, UnicodeDecodeError):
        text = content.decode("latin-1")
    return prose.plain(text) if part.get_content_type() == "text/html" else text
