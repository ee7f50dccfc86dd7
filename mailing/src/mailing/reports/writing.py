"""Our own reports of what could not be delivered (RFC 3464): they name aliases, and quote nobody."""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from mailing.texts import one_line

# RFC 3463 3, in our words; what a server said may name the mailbox, its host or its owner
_REASONS = {
    "1": ("the mailbox does not exist", "das Postfach gibt es nicht"),
    "2": ("the mailbox takes no mail at present", "das Postfach nimmt zur Zeit nichts an"),
    "3": ("the mail server takes no mail at present", "der Mailserver nimmt zur Zeit nichts an"),
    "4": ("the mail server could not be reached", "der Mailserver war nicht zu erreichen"),
    "5": ("the mail servers did not understand each other", "die Mailserver haben sich nicht verstanden"),
    "6": ("the mail has a form that is not taken", "die Nachricht hat eine Form, die nicht angenommen wird"),
    "7": ("the mail was refused", "die Nachricht wurde abgelehnt"),
}
_EXACT = {
    "2.2": ("the mailbox is full", "das Postfach ist voll"),
    "2.3": ("the mail is too large", "die Nachricht ist zu groß"),
    "3.4": ("the mail is too large", "die Nachricht ist zu groß"),
    "4.7": ("it could not be delivered in time", "sie war nicht rechtzeitig zuzustellen"),
}
_OTHER = ("the reason is not known", "der Grund ist nicht bekannt")


@dataclass(frozen=True, slots=True)
class Undelivered:
    """An alias whose mailbox a mail did not reach, and the enhanced status code (RFC 3463)."""

    alias: str
    status: str


def compose_report(
    *,
    host: str,
    sender: str,
    to: str,
    undelivered: Sequence[Undelivered],
    message_id: str,
    subject: str,
    now: datetime,
) -> bytes:
    """Return a report for the sender of a mail, to be sent with an empty envelope sender.

    `sender` is our own address, `to` whom the report is for; message id and subject are those that its reader knows
    from the mail that he sent. Nothing that another server said goes into it: what it says may name the mailbox.
    """
    mark = f"report-{secrets.token_hex(16)}"
    head = {
        "From": f"Mail Delivery System <{_plain(sender)}>",
        "To": f"<{_plain(to)}>",
        "Subject": "Undeliverable / Nicht zugestellt",
        "Date": format_datetime(now),
        "Message-ID": f"<{secrets.token_hex(16)}@{_plain(host)}>",
        "In-Reply-To": _plain(message_id),
        "References": _plain(message_id),
        "Auto-Submitted": "auto-replied",
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/report; report-type=delivery-status; boundary="{mark}"',
    }
    parts = [
        _part("text/plain; charset=utf-8", base64.encodebytes(_text(undelivered).encode()), "base64"),
        _part("message/delivery-status", _status(host, now, undelivered).encode(), "7bit"),
        _part(
            "text/rfc822-headers; charset=utf-8", base64.encodebytes(_returned(message_id, subject).encode()), "base64"
        ),
    ]
    lines = "".join(f"{name}: {value}\n" for name, value in head.items()).encode()
    body = b"".join(b"\n--" + mark.encode() + b"\n" + part for part in parts)
    return (lines + body + b"\n--" + mark.encode() + b"--\n").replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _text(undelivered: Sequence[Undelivered]) -> str:
    english = "".join(f"  {_plain(each.alias)}: {_reason(each.status)[0]}\n" for each in undelivered)
    german = "".join(f"  {_plain(each.alias)}: {_reason(each.status)[1]}\n" for each in undelivered)
    return (
        f"Your message could not be delivered to:\n\n{english}\n"
        f"Ihre Nachricht konnte nicht zugestellt werden an:\n\n{german}"
    )


def _status(host: str, now: datetime, undelivered: Sequence[Undelivered]) -> str:
    blocks = [f"Reporting-MTA: dns; {_plain(host)}\nArrival-Date: {format_datetime(now)}\n"]
    blocks += [
        f"Final-Recipient: rfc822; {_plain(each.alias)}\nAction: failed\nStatus: {_plain(each.status)}\n"
        f"Diagnostic-Code: x-relay; {_reason(each.status)[0]}\n"
        for each in undelivered
    ]
    return "\n".join(blocks)


def _returned(message_id: str, subject: str) -> str:
    return f"Message-ID: {_plain(message_id)}\nSubject: {one_line(subject)}\n"


def _reason(status: str) -> tuple[str, str]:
    detail = status.partition(".")[2]
    return _EXACT.get(detail) or _REASONS.get(detail.partition(".")[0], _OTHER)


def _part(kind: str, content: bytes, encoding: str) -> bytes:
    return f"Content-Type: {kind}\nContent-Transfer-Encoding: {encoding}\n\n".encode() + content


def _plain(value: str) -> str:
    """Return what stands in a header of ours: ASCII on one line."""
    return one_line(value).encode("ascii", "replace").decode()
