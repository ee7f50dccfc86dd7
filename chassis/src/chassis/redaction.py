"""Keeping personal and secret values out of log lines and spans."""

import re
from collections.abc import Mapping, Sequence, Set
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any, Final, cast
from uuid import UUID

MASK = "***"
LONGEST_TEXT = 2000
DEEPEST = 8
SECRET_NAMES: Final = re.compile(
    r"(?i)(?:.*[_-])?(?:authorization|cookie|password|passwd|secret|token|private|api_?key|e?_?mail|iban|card_?number)s?"
)
# The secret parts of what remains are named groups of one pattern, so that a text is walked through once.
UUID_SHAPE = r"(?<![0-9a-fA-F])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![0-9a-fA-F])"
EMAIL = r"(?:\"[^\"\n]{1,64}\"|[\w.!#$&'*+/=?^`{|}~-]{1,128})(?:@|%40)[\w.-]{1,255}"
BEARER = r"(?i:\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}"
JWT = r"\beyJ[\w-]*\.[\w-]+(?:\.[\w-]*)?"
PARAMETER = r"(?i:\b[\w-]{0,32}(?:token|secret|password|signature|api_?key)\b[\"']?\s*[=:]\s*[\"']?)[^&\s\"',;}]+"
QUERY_CODE = r"(?<=[?&]code=)[^&\s]+"
USER_INFO = r"(?<=://)[^/\s@]{1,256}(?=@)"
LONG_SEGMENT = r"/d/[^/\s?#\"']+|/(?=[\w-]*[0-9])(?=[\w-]*[A-Z])[\w-]{20,}"
DIGITS = r"[0-9](?:[ \u00a0\t.\u2010-\u2015-]{0,2}[0-9]){12,}"
SECRETS: Final = re.compile(
    f"(?P<uuid>{UUID_SHAPE})|(?P<bearer>{BEARER})|(?P<jwt>{JWT})|(?P<parameter>{PARAMETER})|(?P<path>{LONG_SEGMENT})"
    f"|(?P<other>{USER_INFO}|{QUERY_CODE}|{EMAIL})|(?P<digits>{DIGITS})"
)
GROUP: Final = re.compile(r"[0-9]+")
SHORTEST_CARD, LONGEST_CARD = 13, 19


def redact(value: Any, depth: int = 0) -> Any:
    """Return a value that JSON can hold, in which e-mail addresses, card numbers and secrets are masked.

    An object whose text form is not known to be harmless becomes the name of its class.
    """
    match value:
        case None | bool() | float():
            return value
        case str():
            return redact_text(value)
        case int():
            text = str(value) if value.bit_length() < 1000 else MASK
            masked = redact_text(text)
            return value if masked == text and -(2**63) <= value < 2**63 else masked
        case Enum():
            return value.name
        case UUID():
            return str(value)
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Decimal() | PurePath():
            return redact_text(str(value))
        case Mapping() | Sequence() | Set() if depth >= DEEPEST:
            return MASK
        case bytes() | bytearray() | memoryview():
            return f"<{len(cast('bytes', value))} bytes>"
        case Mapping():
            items = cast("Mapping[Any, Any]", value).items()
            return {name: redact_field(name, inner, depth) for name, inner in ((_name(n), i) for n, i in items)}
        case Sequence() | Set():
            return [redact(inner, depth + 1) for inner in cast("Sequence[Any]", value)]
        case _:
            return f"<{type(cast('object', value)).__qualname__}>"


def redact_field(name: str, value: Any, depth: int = 0) -> Any:
    """Return what may be shown of a named value; some names tell that it is a secret."""
    return MASK if value and SECRET_NAMES.fullmatch(name) else redact(value, depth + 1)


def redact_text(text: str) -> str:
    """Return the text with its e-mail addresses, card numbers and secrets masked, and cut to 2,000 characters."""
    if len(text) > LONGEST_TEXT:
        text = text[:LONGEST_TEXT] + "…"
    clean = text.encode("utf-8", "replace").decode()
    return SECRETS.sub(_masked, clean)


def _name(name: object) -> str:
    return redact_text(name) if isinstance(name, str) else redact_text(str(redact(name)))


def _masked(match: re.Match[str]) -> str:
    text = match[0]
    match match.lastgroup:
        case "uuid":
            return text
        case "digits":
            return _without_cards(text)
        case "path":
            return f"{text[: text.rindex('/')]}/{MASK}"
        case "parameter":
            return re.sub(r"([=:]\s*[\"']?).*", rf"\1{MASK}", text, count=1, flags=re.DOTALL)
        case "bearer":
            return f"{text.split()[0]} {MASK}"
        case _:
            return MASK


def _without_cards(text: str) -> str:
    # A card number starts and ends where a group of digits does: "order 12 4111 1111 1111 1111" holds one.
    groups = list(GROUP.finditer(text))
    kept: list[str] = []
    done = at = 0
    while at < len(groups):
        end = _card_from(groups, at)
        if end is None:
            at += 1
            continue
        kept += [text[done : groups[at].start()], MASK]
        done, at = groups[end].end(), end + 1
    return "".join([*kept, text[done:]])


def _card_from(groups: list[re.Match[str]], start: int) -> int | None:
    digits, last = "", None
    for end in range(start, len(groups)):
        digits += groups[end][0]
        if len(digits) > LONGEST_CARD:
            break
        if len(digits) >= SHORTEST_CARD and _luhn(digits):
            last = end
    return last


def _luhn(digits: str) -> bool:
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(int(digit) for digit in digits[-1::-2]) + sum(doubled)) % 10 == 0
