"""Keeping personal and secret values out of log lines and spans, and card numbers out of everything."""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from itertools import accumulate
from pathlib import PurePath
from typing import Any, Final, cast
from uuid import UUID

import orjson

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
GAPS = r" \u00a0\t.\u2000-\u2015\u202f-"
DIGITS = rf"[0-9](?:[{GAPS}]{{0,3}}[0-9]){{12,}}"
SECRETS: Final = re.compile(
    f"(?P<uuid>{UUID_SHAPE})|(?P<bearer>{BEARER})|(?P<jwt>{JWT})|(?P<parameter>{PARAMETER})|(?P<path>{LONG_SEGMENT})"
    f"|(?P<other>{USER_INFO}|{QUERY_CODE}|{EMAIL})|(?P<digits>{DIGITS})"
)
GROUP: Final = re.compile(r"[0-9]+")
ID: Final = re.compile(UUID_SHAPE)
# Most events hold ids and little else with so many digits: without them, a glance is enough.
ID_IN_JSON: Final = re.compile(f'"{"-".join("[0-9a-fA-F]" * count for count in (8, 4, 4, 4, 12))}"'.encode())
SHORTEST_CARD, LONGEST_CARD = 13, 19

# Told apart from card numbers: ids, hashes, telephone numbers (E.164), IBANs and creditor references (ISO 7064).
HASH = r"(?<![0-9A-Za-z])(?=[0-9]*[A-Fa-f])[0-9A-Fa-f]{32,128}(?![0-9A-Za-z])"
PHONE = rf"\+[0-9](?:[{GAPS}]{{0,3}}[0-9]){{6,14}}(?![{GAPS}]{{0,3}}[0-9])"
CHECKED = (
    r"(?<![0-9A-Za-z])(?=[A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]){0,20}?[0-9](?: ?[0-9]){10})"
    r"(?:RF[0-9]{2}(?: ?[0-9A-Z]){1,21}|[A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]){11,30})(?![0-9A-Za-z])"
)
NUMBERS: Final = re.compile(f"(?P<id>{UUID_SHAPE}|{HASH}|{PHONE})|(?P<checked>{CHECKED})|(?P<digits>{DIGITS})")
RUN: Final = re.compile(rf"[0-9][0-9{GAPS}]{{12,}}")
# In UTF-8 all gaps beyond ASCII are bytes from 128 on; without gaps, thirteen digits in a row are found at once.
FOLD: Final = bytes(48 if 48 <= byte < 58 else 32 for byte in range(256))
GAP_BYTES: Final = b" \t.-" + bytes(range(128, 256))
THIRTEEN: Final = b"0" * 13
ZERO: Final = ord("0")
# Each digit doubled, and both digits of that added up (ISO/IEC 7812-1, annex B).
DOUBLED: Final = bytes.maketrans(b"0123456789", b"0246813579")
# The lengths in which each issuer's numbers exist (ISO/IEC 7812): 15 digits from 35 on are a telephone's, not a card's.
ISSUED: Final = re.compile(
    r"4(?:[0-9]{12}|[0-9]{15}|[0-9]{18})|(?:5[1-5]|2[2-7])[0-9]{14}|3[47][0-9]{13}|35[0-9]{14,17}"
    r"|3[0689][0-9]{12,17}|(?:50|5[6-9]|6[0-9])[0-9]{11,17}"
)
SHORTEST_GROUP = 3


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


def holds_card(text: str) -> bool:
    """Whether a text has what only a card number looks like: an issuer's prefix and length, check digit and groups.

    Ids, hashes, times, IBANs, telephone and article numbers (GTIN-13) are none. A text without thirteen digits in a
    row takes a microsecond.
    """
    if len(text) < SHORTEST_CARD:
        return False
    if THIRTEEN not in text.encode(errors="replace").translate(FOLD, GAP_BYTES) or ID.fullmatch(text):
        return False
    runs = (list(GROUP.finditer(run[0])) for run in RUN.finditer(text))
    return any(next(_issued_in(run), None) for run in runs) and next(_cards(text), None) is not None


def without_cards(text: str) -> str:
    """The text with those card numbers masked that `holds_card` finds."""
    kept: list[str] = []
    done = 0
    for start, end in _cards(text):
        kept += [text[done:start], MASK]
        done = end
    return "".join([*kept, text[done:]])


def cards_in_json(document: bytes, but: Set[str] = frozenset()) -> list[tuple[str | int, ...]]:
    """Where card numbers stand in a JSON document, as text, number or name; fields with the names in `but` may.

    None are found in what is no JSON.
    """
    if b"\\" not in document and (
        THIRTEEN not in document.translate(FOLD, GAP_BYTES)
        or not holds_card(ID_IN_JSON.sub(b'""', document).decode(errors="replace"))
    ):
        return []
    try:
        waiting: list[tuple[tuple[str | int, ...], Any]] = [((), orjson.loads(document))]
    except orjson.JSONDecodeError:
        return []
    found: list[tuple[str | int, ...]] = []
    while waiting:
        place, value = waiting.pop()
        match value:
            case dict():
                inner = cast("dict[str, Any]", value).items()
                found += [(*place, name) for name, _ in inner if holds_card(name)]
                waiting += [((*place, name), one) for name, one in inner if name not in but]
            case list():
                waiting += [((*place, at), one) for at, one in enumerate(cast("list[Any]", value))]
            case str() | int() | float() if holds_card(str(value)):
                found.append(place)
            case _:
                pass
    return found


def _cards(text: str) -> Iterator[tuple[int, int]]:
    """Where card numbers stand."""
    at = 0
    while match := NUMBERS.search(text, at):
        at = match.end()
        match match.lastgroup:
            case "digits":
                yield from _issued_in(list(GROUP.finditer(text, match.start(), match.end())))
            case "checked":
                # behind a good reference it goes on, else with the digits in it
                at = _end_of_checked(match) or match.start() + 2
            case _:
                pass


def _issued_in(groups: list[re.Match[str]]) -> Iterator[tuple[int, int]]:
    digits = "".join(group[0] for group in groups)
    sizes = [len(group[0]) for group in groups]
    ends = dict(zip(accumulate(sizes), range(len(groups)), strict=True))
    free = 0
    for at, start in enumerate([0, *ends][:-1]):
        spelled_before = at > 0 and sizes[at - 1] == sizes[at] == 1
        if at < free or spelled_before or not ISSUED.match(digits, start):
            continue
        for size in range(LONGEST_CARD, SHORTEST_CARD - 1, -1):
            end = ends.get(start + size)
            number = digits[start : start + size]
            if end is None or not ISSUED.fullmatch(number) or not _written_as_card(number, sizes[at : end + 1]):
                continue
            if _luhn(number):
                yield groups[at].start(), groups[end].end()
                free = end + 1
                break


def _end_of_checked(match: re.Match[str]) -> int | None:
    """The end of an IBAN (ISO 13616) or creditor reference (ISO 11649); it ends where a word does."""
    text = match[0]
    for end in [*(gap.start() for gap in re.finditer(" ", text)), len(text)][::-1]:
        said = text[:end].replace(" ", "")
        enough = len(said) >= (5 if said.startswith("RF") else 15)
        if enough and int("".join(str(int(sign, 36)) for sign in said[4:] + said[:4])) % 97 == 1:
            return match.start() + end
    return None


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


def _written_as_card(number: str, sizes: list[int]) -> bool:
    """Groups of three digits and more, or single digits: neither dates nor lists of prices, nor a GTIN-13."""
    if sizes == [13]:
        return sum(int(digit) * (1, 3)[at % 2] for at, digit in enumerate(number)) % 10 != 0
    return min(sizes[:-1], default=SHORTEST_GROUP) >= SHORTEST_GROUP or max(sizes) == 1


def _luhn(digits: str) -> bool:
    backwards = digits[::-1].encode()
    return (sum(backwards[::2]) + sum(backwards[1::2].translate(DOUBLED)) - ZERO * len(digits)) % 10 == 0
