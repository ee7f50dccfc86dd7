"""Reports that servers write for people: qmail, old Exim, Exchange and sendmail, and providers in German."""

import re
from email.message import Message

_ADDRESS = r"[^\s<>()\[\]\",;:]+@[^\s<>()\[\]\",;:]+[^\s<>()\[\]\",;:.]"
# whoever writes such sentences is a server
_OPENINGS = re.compile(
    r"this is the qmail-send program|created automatically by (?:the )?mail delivery|this is the mail system at host"
    r"|could not be delivered to|delivery (?:has|to the following)|undeliverable|unzustellbar"
    r"|nicht zugestellt werden|konnte nicht zugestellt|automatisch (?:vom|von)|i'm afraid i wasn't able to deliver"
    r"|permanent fatal errors|transient non-fatal errors|did not reach the following recipient|returned mail"
    r"|wasn't delivered to|couldn't be delivered|delivery failed|message (?:was )?not delivered"
    r"|zustellung.{0,40}fehlgeschlagen",
    re.IGNORECASE,
)
_SERVERS = re.compile(r"(?i)mailer-daemon@|postmaster@|mail delivery (?:sub)?system|maildelivery|mdaemon|<>")
_DELAYED = re.compile(
    r"warning: (?:message|could not send)|still being retried|will be retried|will (?:keep|continue) trying|delayed"
    r"|do not need to resend|noch nicht zugestellt|verzögert|weiterhin versuch|(?:has|have) not yet been delivered",
    re.IGNORECASE,
)
# `<address>:` on a line of its own or before the reason; the address in a sentence is somebody's signature
_NAMED = re.compile(
    rf"^[ \t>*]*(?:to:[ \t]*|an:[ \t]*|empfänger:[ \t]*)?['\"<]*(?P<address>{_ADDRESS})['\">]*[ \t]*(?:\([^)\n]*\))?"
    r"[ \t]*(?:(?::|[ \t]on[ \t]\d|\.{3})[ \t]*(?P<rest>.*))?$",
    re.IGNORECASE | re.MULTILINE,
)
_RETURNED = re.compile(
    r"^[ \t>-]*(?:below this line is a copy|this is a copy of the message|original message|ursprüngliche nachricht"
    r"|.{0,30}kopie (?:ihrer|der) nachricht|message header|return-path:|received:|reporting-mta:|included is a copy"
    r"|diagnostic information for|diagnoseinformationen|the header of the original|----- (?:original|message header))",
    re.IGNORECASE | re.MULTILINE,
)
_TRANSCRIPT = re.compile(r"^[ \t]*-+ ?Transcript of session follows ?-+[ \t]*$", re.IGNORECASE | re.MULTILINE)
_SAYS = re.compile(
    r"^[ \t]*(?:<<<[ \t]*)?(?:[^\n]{0,120}?[ \t>:'\"#(])?([45]\d\d[ \-#][^\n]*|[45]\.\d{1,3}\.\d{1,3}[^\n]*)",
    re.MULTILINE,
)
MOST_TEXT = 20_000
_TAG = re.compile(r"<(?:br|/p|/div|/tr|/td|/h\d|/li)\b[^>]{0,200}>", re.IGNORECASE)
_ANY_TAG = re.compile(r"<(?!\S+@)/?[a-z!][^<>]{0,2000}>", re.IGNORECASE)


def is_by_a_server(message: Message, text: str) -> bool:
    """Say whether a server wrote this: by its name or an empty sender, and by its words."""
    names = " ".join(str(message.get(name, "")) for name in ("From", "Sender", "Return-Path"))
    return bool(_SERVERS.search(names) and _OPENINGS.search(f"{message.get('Subject', '')}\n{text[:MOST_TEXT]}"))


def is_delayed(text: str, subject: str) -> bool:
    """Say whether the server goes on trying."""
    return bool(_DELAYED.search(subject) or _DELAYED.search(_own_words(text)))


def failures(text: str, known: list[str]) -> list[tuple[str, str]]:
    """Return addresses that failed, each with the server's words; `known` are addresses that a header named."""
    words = _own_words(text)
    named = [(found["address"], found.start(), found["rest"] or "", found.end()) for found in _NAMED.finditer(words)]
    addresses = known or [address for address, *_ in named]
    reasons = dict[str, str]()
    for number, (address, _start, rest, end) in enumerate(named):
        until = named[number + 1][1] if number + 1 < len(named) else len(words)
        reasons.setdefault(address.lower(), _reason(f"{rest}\n{words[end:until]}"))
    whole = _reason(words[_transcript_at(words) :])
    return [(address, reasons.get(address.lower()) or whole) for address in dict.fromkeys(addresses)]


def returned_head(text: str) -> tuple[str, str] | None:
    """Return Message-ID and envelope sender of a mail that was put under the text."""
    found = re.search(r"^[ \t>]*Message-ID:\s*(<[^<>\s]{3,250}>)", text[:200_000], re.IGNORECASE | re.MULTILINE)
    sender = re.search(rf"^[ \t>]*Return-Path:\s*<({_ADDRESS})>", text[:200_000], re.IGNORECASE | re.MULTILINE)
    return (found[1], sender[1] if sender else "") if found else None


def plain(html: str) -> str:
    """Return the text of a page, line by line."""
    text = _ANY_TAG.sub(" ", _TAG.sub("\n", html[: 10 * MOST_TEXT]))
    for entity, sign in (
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&nbsp;", " "),
        ("&quot;", '"'),
        ("&#64;", "@"),
        ("&amp;", "&"),
    ):
        text = text.replace(entity, sign)
    return text


def _own_words(text: str) -> str:
    """Return what the server says, without the mail that it puts under it."""
    text = text[:MOST_TEXT].replace("\r\n", "\n")
    end = next((found.start() for found in _RETURNED.finditer(text) if found.start() > 20), len(text))
    return text[:end]


def _transcript_at(words: str) -> int:
    found = _TRANSCRIPT.search(words)
    return found.end() if found else 0


def _reason(text: str) -> str:
    """Return the reply that is quoted, else the first lines; lines that are about another matter are left."""
    found = _SAYS.search(text)
    if found:
        following = [line.strip() for line in text[found.end() :].split("\n")[1:3]]
        return " ".join([found[1].strip(), *(line for line in following if re.match(r"[45]\d\d[ -]|\S", line))][:2])
    return " ".join(text.split())[:300]
