"""Masking of personal and secret values in log lines and spans."""

import re
from collections.abc import Mapping, Sequence, Set
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any, Final, cast
from uuid import UUID

from chassis.telemetry.cards import DIGITS, MASK, UUID_SHAPE, without_checked_digits

LONGEST_TEXT = 2000
DEEPEST = 8
SECRET_NAMES: Final = re.compile(
    r"(?i)(?:.*[_-])?(?:authorization|cookie|password|passwd|secret|token|private|api_?key|e?_?mail|iban|card_?number)s?"
)
# The secret parts of what remains are named groups of one pattern, so that a text is walked through once.
EMAIL = r"(?:\"[^\"\n]{1,64}\"|[\w.!#$&'*+/=?^`{|}~-]{1,128})(?:@|%40)[\w.-]{1,255}"
BEARER = r"(?i:\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}"
JWT = r"\beyJ[\w-]*\.[\w-]+(?:\.[\w-]*)?"
PARAMETER = r"(?i:\b[\w-]{0,32}(?:token|secret|password|signature|api_?key)\b[\"']?\s*[=:]\s*[\"']?)[^&\s\"',;}]+"
QUERY_CODE = r"(?<=[?&]code=)[^&\s]+"
USER_INFO = r"(?<=://)[^/\s@]{1,256}(?=@)"
LONG_SEGMENT = r"/d/[^/\s?#\"']+|/(?=[\w-]*[0-9])(?=[\w-]*[A-Z])[\w-]{20,}"
SECRETS: Final = re.compile(
    f"(?P<uuid>{UUID_SHAPE})|(?P<bearer>{BEARER})|(?P<jwt>{JWT})|(?P<parameter>{PARAMETER})|(?P<path>{LONG_SEGMENT})"
    f"|(?P<other>{USER_INFO}|{QUERY_CODE}|{EMAIL})|(?P<digits>{DIGITS})"
)


def mask(value: Any, depth: int = 0) -> Any:
    """Return a value that JSON can hold, in which e-mail addresses, card numbers and secrets are masked.

    An object whose text form is not known to be harmless becomes the name of its class.
    """
    match value:
        case None | bool() | float():
            return value
        case str():
            return mask_text(value)
        case int():
            text = str(value) if value.bit_length() < 1000 else MASK
            masked = mask_text(text)
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
            return mask_text(str(value))
        case Mapping() | Sequence() | Set() if depth >= DEEPEST:
            return MASK
        case bytes() | bytearray() | memoryview():
            return f"<{len(cast('bytes', value))} bytes>"
        case Mapping():
            items = cast("Mapping[Any, Any]", value).items()
            return {name: mask_field(name, inner, depth) for name, inner in ((_name(n), i) for n, i in items)}
        case Sequence() | Set():
            return [mask(inner, depth + 1) for inner in cast("Sequence[Any]", value)]
        case _:
            return f"<{type(cast('object', value)).__qualname__}>"


def mask_field(name: str, value: Any, depth: int = 0) -> Any:
    """Mask a named value; some names say that the whole value is a secret."""
    return MASK if value and SECRET_NAMES.fullmatch(name) else mask(value, depth + 1)


def mask_text(text: str) -> str:
    """Mask the e-mail addresses, card numbers and secrets in a text, and cut it to 2,000 characters."""
    if len(text) > LONGEST_TEXT:
        text = text[:LONGEST_TEXT] + "…"
    clean = text.encode("utf-8", "replace").decode()
    return SECRETS.sub(_masked, clean)


def class_of(error: BaseException) -> str:
    """Return the name of an exception's class, which is all that is shown of an exception without its values."""
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _name(name: object) -> str:
    return mask_text(name) if isinstance(name, str) else mask_text(str(mask(name)))


def _masked(match: re.Match[str]) -> str:
    text = match[0]
    match match.lastgroup:
        case "uuid":
            return text
        case "digits":
            return without_checked_digits(text)
        case "path":
            return f"{text[: text.rindex('/')]}/{MASK}"
        case "parameter":
            return re.sub(r"([=:]\s*[\"']?).*", rf"\1{MASK}", text, count=1, flags=re.DOTALL)
        case "bearer":
            return f"{text.split()[0]} {MASK}"
        case _:
            return MASK
